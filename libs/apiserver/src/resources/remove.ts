import { type KubeObject, asObject, timestamp } from '../object.ts';
import type { JsonObject } from '../schema/json.ts';
import { objectKey } from '../store/store.ts';
import { StatusError, badRequest, conflict, forbidden, notFound } from '../status.ts';
import type { Cluster, Target } from './cluster.ts';
import type { Resource } from './resource.ts';
import { isReleased } from './update.ts';

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly propagation: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string };
}

/** The options of a deletion, from the body or the query (the body wins). Throws a 400. */
export function deleteOptions(body: JsonObject | undefined, query: URLSearchParams): DeleteOptions {
  const propagation = body?.['propagationPolicy'] ?? query.get('propagationPolicy') ?? undefined;
  if (
    propagation !== undefined &&
    propagation !== 'Background' &&
    propagation !== 'Foreground' &&
    propagation !== 'Orphan'
  ) {
    throw new StatusError({
      code: 422,
      reason: 'Invalid',
      message:
        `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(propagation)}: ` +
        'supported values: "Foreground", "Background", "Orphan", "nil"',
    });
  }
  const orphan = body?.['orphanDependents'];
  const dryRun = body?.['dryRun'] ?? query.getAll('dryRun');
  const { uid, resourceVersion } = asObject(body?.['preconditions']);
  return {
    dryRun: isDryRun(dryRun),
    propagation: propagation ?? (orphan === true ? 'Orphan' : orphan === false ? 'Background' : undefined),
    preconditions: {
      ...(typeof uid === 'string' ? { uid } : {}),
      ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    },
  };
}

/** Reads `dryRun`, which is absent or `All`. Throws a 400. */
export function isDryRun(value: unknown): boolean {
  const asked = (Array.isArray(value) ? value : [value]).filter(
    (item) => item !== undefined && item !== null && item !== '',
  );
  const unknown = asked.find((item) => item !== 'All');
  if (unknown !== undefined) {
    throw badRequest(
      `Invalid value: ${JSON.stringify(asked)}: dryRun: Unsupported value: ${JSON.stringify(unknown)}: supported values: "All"`,
    );
  }
  return asked.length > 0;
}

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
  const finalizers = withPropagation(stored.metadata.finalizers ?? [], options.propagation);
  const marked = terminating(markDeleted({ ...stored, metadata: { ...stored.metadata, finalizers } }, cluster.now()));
  if (isReleased(marked)) {
    const removed = options.dryRun ? stored : cluster.store.remove(resource.bucket, key);
    return { object: resource.fromStorage(removed ?? stored), gone: true };
  }
  const alreadyMarked =
    stored.metadata.deletionTimestamp !== undefined && finalizers.length === (stored.metadata.finalizers ?? []).length;
  if (alreadyMarked || options.dryRun)
    return { object: resource.fromStorage(alreadyMarked ? stored : marked), gone: false };
  return { object: resource.fromStorage(cluster.store.put(resource.bucket, marked)), gone: false };
}

function checkPreconditions(resource: Resource, stored: KubeObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion, name } = stored.metadata;
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`,
    );
  }
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw conflict(
      resource,
      name,
      `Precondition failed: ResourceVersion in precondition: ${preconditions.resourceVersion}, ` +
        `ResourceVersion in object meta: ${resourceVersion}`,
    );
  }
}

function withPropagation(finalizers: readonly string[], propagation: DeleteOptions['propagation']): string[] {
  if (propagation === undefined) return [...finalizers];
  const others = finalizers.filter((finalizer) => !Object.values(propagationFinalizers).includes(finalizer));
  const added = propagationFinalizers[propagation];
  return added === undefined ? others : [...others, added];
}

function markDeleted(object: KubeObject, now: Date): KubeObject {
  const { finalizers = [], generation, ...metadata } = object.metadata;
  const first = metadata.deletionTimestamp === undefined;
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(finalizers.length === 0 ? {} : { finalizers }),
      ...(generation === undefined ? {} : { generation: first ? generation + 1 : generation }),
      deletionTimestamp: metadata.deletionTimestamp ?? timestamp(now),
      deletionGracePeriodSeconds: 0,
    },
  };
}

/** A namespace says in its status that it is on its way out. */
const terminating = (object: KubeObject): KubeObject =>
  object.kind === 'Namespace' && object.apiVersion === 'v1'
    ? { ...object, status: { ...asObject(object['status']), phase: 'Terminating' } }
    : object;
