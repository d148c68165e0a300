import { trackUpdate } from '../apply/index.ts';
import { type KubeObject, type ObjectMeta, apiVersion, timestamp } from '../object.ts';
import type { FieldError } from '../schema/index.ts';
import { get, isObject, sameJson } from '../schema/json.ts';
import { objectKey } from '../store/store.ts';
import { conflict, invalid, notFound, takenForFault } from '../status.ts';
import type { Cluster, Target, WriteOptions } from './cluster.ts';
import { checkTarget, createObject } from './create.ts';
import { refuse, schemaErrorsOf } from './decode.ts';
import { metadataErrors, metadataUpdateErrors } from './metadata.ts';
import type { Resource } from './resource.ts';

export type Subresource = '' | 'status' | 'scale' | 'finalize';

/** What an update makes of the live object. `tracked` says that managedFields are already worked out. */
export interface Change {
  readonly object: KubeObject;
  readonly tracked?: boolean;
  /** Whether it was made by a patch, in which a uid is a change like any other, and no precondition. */
  readonly patched?: boolean;
}

export interface Updated {
  readonly object: KubeObject;
  readonly created: boolean;
}

/**
 * Reads an object, changes it and stores it again, all in one turn of the event loop.
 * @param change makes the new object, decoded for `resource`, out of the live one
 */
export function updateObject(
  cluster: Cluster,
  resource: Resource,
  target: Target,
  subresource: Subresource,
  change: (live: KubeObject | undefined) => Change,
  options: WriteOptions,
): Updated {
  const stored = cluster.store.get(resource.bucket, objectKey(target.namespace, target.name));
  const live = stored === undefined ? undefined : resource.fromStorage(stored);
  if (live === undefined) {
    if (subresource !== '' || !resource.strategy.createOnUpdate) throw notFound(resource, target.name);
    const { object } = change(undefined);
    checkTarget(resource, target, object);
    return { object: createObject(cluster, resource, target, object, options), created: true };
  }
  const { object: asked, tracked = false, patched = false } = change(live);
  checkTarget(resource, target, asked);
  if (!patched) checkUid(resource, asked, live);
  checkVersion(resource, asked, live);
  const completed = subresource === 'finalize' ? asked : (resource.strategy.complete?.(asked) ?? asked);
  const kept = keepSystemMetadata(scoped(resource, subresource, completed, live), live);
  const prepared = subresource === '' ? (resource.strategy.prepareUpdate?.(kept, live) ?? kept) : kept;
  const next = withGeneration(resource, prepared, live);
  const found = schemaErrorsOf(resource, next, live);
  const schemaErrors = resource.custom && subresource === 'status' ? found.map(withinStatus) : found;
  const errors = [
    ...metadataErrors(next.metadata, resource, live.metadata),
    ...metadataUpdateErrors(next.metadata, live.metadata),
    ...schemaErrors,
    ...(resource.strategy.validate?.(next, live) ?? []),
  ];
  refuse(resource, target.name, errors, schemaErrors);
  options.warnings.push(...(resource.strategy.warnings?.(next) ?? []));
  options.admit?.(resource, next, live);
  const now = timestamp(cluster.now());
  const owned = tracked
    ? next
    : (trackUpdate(live, next, {
        manager: options.fieldManager,
        apiVersion: apiVersion(resource),
        // Scales are converted on their way, and lose the time.
        time: subresource === 'scale' ? '' : now,
        ...(subresource === '' ? {} : { subresource }),
        schema: resource.schema,
      }) as KubeObject);
  return { object: commit(cluster, resource, owned, live, options), created: false };
}

/** A status is checked for itself, so messages name the place within it. */
function withinStatus(error: FieldError): FieldError {
  const { field, message } = error;
  if (!field.startsWith('status.')) return error;
  return { ...error, message: message.replace(`${field} in body`, `${field.slice('status.'.length)} in body`) };
}

function commit(
  cluster: Cluster,
  resource: Resource,
  next: KubeObject,
  live: KubeObject,
  { dryRun }: WriteOptions,
): KubeObject {
  if (next.metadata.deletionTimestamp !== undefined && isReleased(next)) {
    if (!dryRun) cluster.store.remove(resource.bucket, objectKey(live.metadata.namespace ?? '', live.metadata.name));
    return next;
  }
  if (sameJson(withoutTimes(next), withoutTimes(live))) return live;
  if (dryRun) return next;
  return resource.fromStorage(cluster.store.put(resource.bucket, resource.toStorage(next)));
}

/** Whether nothing holds an object that is being deleted: no finalizer, and no time that it has to end. A namespace has finalizers of its own in its spec. */
export function isReleased(object: KubeObject): boolean {
  if ((object.metadata.deletionGracePeriodSeconds ?? 0) > 0) return false;
  if ((object.metadata.finalizers ?? []).length > 0) return false;
  if (object.kind !== 'Namespace' || object.apiVersion !== 'v1') return true;
  const spec = object['spec'];
  const finalizers = isObject(spec) ? get(spec, 'finalizers') : undefined;
  return !Array.isArray(finalizers) || finalizers.length === 0;
}

/** The time at which a manager last wrote the same thing is no change. */
const withoutTimes = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    managedFields: (object.metadata.managedFields ?? []).map(({ time: _time, ...entry }) => entry),
  },
});

function checkUid(resource: Resource, { metadata: { uid } }: KubeObject, { metadata: live }: KubeObject): void {
  if (uid === '' || uid === live.uid) return;
  const why =
    `StorageError: invalid object, Code: 4, Key: ${storageKey(resource, live)}, ResourceVersion: 0, AdditionalErrorMsg: ` +
    `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.uid}`;
  throw conflict(resource, live.name, why);
}

/** Those that have another name in etcd than in the API. */
const folders: Readonly<Record<string, string>> = { nodes: 'minions', services: 'services/specs' };

/** Where a kube-apiserver keeps an object in etcd. */
function storageKey({ group, plural, custom }: Resource, { namespace, name }: ObjectMeta): string {
  const folder = custom || group === 'apiextensions.k8s.io' ? `${group}/${plural}` : (folders[plural] ?? plural);
  return ['/registry', folder, ...(namespace === undefined ? [] : [namespace]), name].join('/');
}

function checkVersion(resource: Resource, asked: KubeObject, live: KubeObject): void {
  const { resourceVersion } = asked.metadata;
  const { name } = live.metadata;
  if (resourceVersion === '') {
    if (resource.strategy.unconditionalUpdate) return;
    const message = 'Invalid value: 0: must be specified for an update';
    // The one refusal that names the resource where others name the kind.
    throw invalid({ group: resource.group, kind: resource.plural }, name, [
      { type: 'FieldValueInvalid', field: 'metadata.resourceVersion', message },
    ]);
  }
  if (!/^\d+$/.test(resourceVersion)) {
    const why = `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`;
    throw takenForFault(`invalid resource version: ${why}`);
  }
  if (resourceVersion !== live.metadata.resourceVersion) throw conflict(resource, name);
}

/** An update of an object leaves its status alone, and an update of its status leaves the rest alone. */
function scoped(resource: Resource, subresource: Subresource, asked: KubeObject, live: KubeObject): KubeObject {
  switch (subresource) {
    case 'status': {
      const { labels: _labels, ...liveMetadata } = live.metadata;
      const metadata = resource.custom
        ? { ...live.metadata, managedFields: asked.metadata.managedFields ?? live.metadata.managedFields ?? [] }
        : { ...liveMetadata, ...asked.metadata };
      return withField({ ...live, metadata }, 'status', get(asked, 'status'));
    }
    case 'finalize':
      return withField(live, 'spec', get(asked, 'spec'));
    case 'scale':
      return asked;
    case '':
      return resource.status ? withField(asked, 'status', get(live, 'status')) : asked;
  }
}

function withField(object: KubeObject, field: string, value: unknown): KubeObject {
  if (value !== undefined) return { ...object, [field]: value };
  const { [field]: _removed, ...others } = object;
  return others as KubeObject;
}

/** What the server alone decides is taken from the live object wherever the client left it out. */
function keepSystemMetadata(asked: KubeObject, live: KubeObject): KubeObject {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, generateName, namespace } =
    live.metadata;
  const { generation: _ignored, ...sent } = asked.metadata;
  const metadata: ObjectMeta = {
    ...sent,
    name: live.metadata.name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: sent.uid === '' ? uid : sent.uid,
    resourceVersion: live.metadata.resourceVersion,
    ...(generation === undefined ? {} : { generation }),
    ...(generateName === undefined ? {} : { generateName }),
    creationTimestamp,
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp: sent.deletionTimestamp ?? deletionTimestamp }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
  };
  return { ...asked, metadata };
}

/** Counts a change of what is asked for: anything but metadata, and but the status where that is a subresource. */
function withGeneration(resource: Resource, next: KubeObject, live: KubeObject): KubeObject {
  if (!resource.strategy.generation) return next;
  const wanted = ({ metadata: _metadata, status, ...rest }: KubeObject): unknown =>
    resource.status ? rest : { ...rest, status };
  if (sameJson(wanted(next), wanted(live))) return next;
  return { ...next, metadata: { ...next.metadata, generation: (live.metadata.generation ?? 0) + 1 } };
}
