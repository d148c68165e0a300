import { type KubeObject, asObject, timestamp } from '../object.ts';
import { type FieldError, invalid, notSupported } from '../schema/field-error.ts';
import type { JsonObject } from '../schema/json.ts';
import { objectKey } from '../store/store.ts';
import { type StatusError, badRequest, conflict, forbidden, invalid as invalidObject, notFound } from '../status.ts';
import type { Cluster, Target } from './cluster.ts';
import type { Resource } from './resource.ts';
import { cleanupFinalizer, definitionBucket } from './builtin/custom-resource-definition.ts';
import { isReleased } from './update.ts';

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly propagation: 'Background' | 'Foreground' | 'Orphan' | undefined;
  /** How long a pod on a node has to end; as long as its spec says, when undefined. */
  readonly graceSeconds?: number;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string };
}

const policies = ['Foreground', 'Background', 'Orphan', 'nil'];

const invalidOptions = (problem: FieldError): StatusError =>
  invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [problem]);

/** The options of a deletion, from the body or the query (the body wins). Throws a 400 or a 422. */
export function deleteOptions(body: JsonObject | undefined, query: URLSearchParams): DeleteOptions {
  const { kind } = body ?? {};
  if (kind !== undefined && kind !== 'DeleteOptions')
    throw badRequest(`expected DeleteOptions, got ${JSON.stringify(kind)}`);
  const grace = query.get('gracePeriodSeconds') ?? '';
  if (!/^-?\d*$/.test(grace)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
  const propagation = body?.['propagationPolicy'] ?? query.get('propagationPolicy') ?? undefined;
  if (
    propagation !== undefined &&
    propagation !== 'Background' &&
    propagation !== 'Foreground' &&
    propagation !== 'Orphan'
  ) {
    throw invalidOptions(notSupported('propagationPolicy', propagation, policies));
  }
  const orphan = body?.['orphanDependents'];
  if (orphan !== undefined && propagation !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set';
    throw invalidOptions(invalid('propagationPolicy', propagation, why));
  }
  const dryRun = body?.['dryRun'] ?? query.getAll('dryRun');
  const problem = dryRunProblem(dryRun);
  if (problem !== undefined) throw invalidOptions(problem);
  const { uid, resourceVersion } = asObject(body?.['preconditions']);
  return {
    dryRun: isDryRun(dryRun),
    ...graceIn(body?.['gracePeriodSeconds'] ?? (grace === '' ? undefined : Number(grace))),
    propagation: propagation ?? (orphan === true ? 'Orphan' : orphan === false ? 'Background' : undefined),
    preconditions: {
      ...(typeof uid === 'string' ? { uid } : {}),
      ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    },
  };
}

const graceIn = (asked: unknown): { graceSeconds?: number } =>
  typeof asked === 'number' && asked >= 0 ? { graceSeconds: asked } : {};

/** Why a `dryRun`, which is absent or `All`, cannot be read; undefined when it can. */
export function dryRunProblem(value: unknown): FieldError | undefined {
  const asked = listed(value);
  return asked.every((item) => item === 'All') ? undefined : notSupported('dryRun', asked, ['All']);
}

export const isDryRun = (value: unknown): boolean => listed(value).length > 0;

const listed = (value: unknown): readonly unknown[] =>
  (Array.isArray(value) ? value : [value]).filter((item) => item !== undefined && item !== null);

/** Namespaces without which a cluster does not work. */
const permanentNamespaces: readonly string[] = ['default', 'kube-system', 'kube-public'];

const propagationFinalizers: Readonly<Record<string, string>> = { Foreground: 'foregroundDeletion', Orphan: 'orphan' };

export interface Removed {
  readonly object: KubeObject;
  /** False when finalizers still hold the object, which then carries a deletionTimestamp. */
  readonly gone: boolean;
}

/** Deletes an object, or marks it as being deleted while finalizers hold it. */
export function removeObject(cluster: Cluster, resource: Resource, target: Target, options: DeleteOptions): Removed {
  const key = objectKey(target.namespace, target.name);
  const stored = cluster.store.get(resource.bucket, key);
  if (stored === undefined) throw notFound(resource, target.name);
  if (resource.bucket === 'namespaces' && permanentNamespaces.includes(target.name)) {
    throw forbidden(resource, target.name, 'this namespace may not be deleted');
  }
  checkPreconditions(resource, stored, options);
  const finalizers = withCleanup(resource, withPropagation(stored.metadata.finalizers ?? [], options.propagation));
  const grace = resource.bucket === 'pods' ? graceOf(stored, options.graceSeconds) : 0;
  const marked = terminating(
    markDeleted({ ...stored, metadata: { ...stored.metadata, finalizers } }, cluster.now(), grace),
  );
  if (grace === 0 && isReleased(marked)) {
    const removed = options.dryRun ? stored : cluster.store.remove(resource.bucket, key);
    // A pod is told as it was in its last moment, other objects as they were before.
    return { object: resource.fromStorage(resource.bucket === 'pods' ? marked : (removed ?? stored)), gone: true };
  }
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = stored.metadata;
  const alreadyMarked =
    deletionTimestamp !== undefined &&
    grace >= deletionGracePeriodSeconds &&
    finalizers.length === (stored.metadata.finalizers ?? []).length;
  if (alreadyMarked || options.dryRun)
    return { object: resource.fromStorage(alreadyMarked ? stored : marked), gone: false };
  return { object: resource.fromStorage(cluster.store.put(resource.bucket, marked)), gone: false };
}

function checkPreconditions(resource: Resource, stored: KubeObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion, name } = stored.metadata;
  // Here a kube-apiserver names the kind where it names the resource elsewhere.
  const named = { group: resource.group, plural: resource.kind };
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    const why =
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). ` +
      'The object might have been deleted and then recreated';
    throw conflict(named, name, why);
  }
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    const why =
      `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion ` +
      `in record (${resourceVersion}). The object might have been modified`;
    throw conflict(named, name, why);
  }
}

/** A definition goes after its objects. */
function withCleanup({ bucket }: Resource, finalizers: readonly string[]): string[] {
  return bucket === definitionBucket ? [...new Set([...finalizers, cleanupFinalizer])] : [...finalizers];
}

function withPropagation(finalizers: readonly string[], propagation: DeleteOptions['propagation']): string[] {
  if (propagation === undefined) return [...finalizers];
  const others = finalizers.filter((finalizer) => !Object.values(propagationFinalizers).includes(finalizer));
  const added = propagationFinalizers[propagation];
  return added === undefined ? others : [...others, added];
}

/** Only what runs on a node needs time to end. */
function graceOf(pod: KubeObject, asked: number | undefined): number {
  const { nodeName, terminationGracePeriodSeconds } = asObject(pod['spec']);
  const { phase } = asObject(pod['status']);
  if ((nodeName ?? '') === '' || phase === 'Failed' || phase === 'Succeeded') return 0;
  return asked ?? (typeof terminationGracePeriodSeconds === 'number' ? terminationGracePeriodSeconds : 30);
}

function markDeleted(object: KubeObject, now: Date, grace: number): KubeObject {
  const { finalizers = [], generation, ...metadata } = object.metadata;
  const first = metadata.deletionTimestamp === undefined;
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(finalizers.length === 0 ? {} : { finalizers }),
      ...(generation === undefined ? {} : { generation: first ? generation + 1 : generation }),
      deletionTimestamp: metadata.deletionTimestamp ?? timestamp(new Date(now.getTime() + grace * 1000)),
      // A namespace has its own way of ending, without a grace period.
      ...(object.kind === 'Namespace' && object.apiVersion === 'v1' ? {} : { deletionGracePeriodSeconds: grace }),
    },
  };
}

/** A namespace says in its status that it is on its way out. */
const terminating = (object: KubeObject): KubeObject =>
  object.kind === 'Namespace' && object.apiVersion === 'v1'
    ? { ...object, status: { ...asObject(object['status']), phase: 'Terminating' } }
    : object;
