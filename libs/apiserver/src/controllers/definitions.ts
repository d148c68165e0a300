import { trackUpdate } from '../apply/index.ts';
import { type KubeObject, asList, asObject, timestamp } from '../object.ts';
import { sameJson } from '../schema/json.ts';
import {
  cleanupFinalizer,
  definitionBucket as bucket,
  withCondition,
} from '../resources/builtin/custom-resource-definition.ts';
import type { Cluster } from '../resources/cluster.ts';
import { customResources } from '../resources/custom.ts';
import { removeObject } from '../resources/remove.ts';
import { objectKey } from '../store/store.ts';
import { acceptNames } from './accepted-names.ts';

/**
 * Makes what CustomResourceDefinitions say true: their names are accepted or refused, their resources served, and
 * before a definition goes its objects go. Runs in the turn of the write, so a created kind can be used at once.
 */
export function serveDefinitions(cluster: Cluster): () => void {
  for (const crd of cluster.store.list(bucket).objects) settle(cluster, crd);
  return cluster.store.subscribeAll((event) => {
    if (event.bucket !== bucket) {
      const definition = cluster.store.get(bucket, objectKey('', event.bucket));
      if (event.kind === 'deleted' && definition?.metadata.deletionTimestamp !== undefined) {
        queueMicrotask(() => settleAgain(cluster, event.bucket));
      }
      return;
    }
    if (event.kind === 'deleted') cluster.registry.removeCustom(event.object.metadata.name);
    else settle(cluster, event.object);
  });
}

function settleAgain(cluster: Cluster, name: string): void {
  const crd = cluster.store.get(bucket, objectKey('', name));
  if (crd !== undefined) settle(cluster, crd);
}

function settle(cluster: Cluster, crd: KubeObject): void {
  const { name } = crd.metadata;
  if (isEstablished(crd)) cluster.registry.setCustom(name, customResources(crd));
  // Written in a later microtask: inside the turn of the write, other listeners would see the events out of order.
  queueMicrotask(() => {
    const current = cluster.store.get(bucket, objectKey('', name));
    if (current === undefined) return;
    if (current.metadata.deletionTimestamp !== undefined) cleanUp(cluster, current);
    else writeStatus(cluster, current);
  });
}

const isEstablished = (crd: KubeObject): boolean =>
  asList(asObject(crd['status'])['conditions'])
    .map((condition) => asObject(condition))
    .some(({ type, status }) => type === 'Established' && status === 'True');

function writeStatus(cluster: Cluster, crd: KubeObject): void {
  const { accepted, conflict: taken } = acceptNames(cluster.registry, crd);
  const now = cluster.now();
  const before = asObject(crd['status']);
  let conditions = withCondition(
    asList(before['conditions']),
    taken === undefined
      ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { type: 'NamesAccepted', status: 'False', reason: taken.reason, message: taken.message },
    now,
  );
  if (taken === undefined || !isEstablished(crd)) {
    conditions = withCondition(
      conditions,
      taken === undefined
        ? {
            type: 'Established',
            status: 'True',
            reason: 'InitialNamesAccepted',
            message: 'the initial names have been accepted',
          }
        : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
      now,
    );
  }
  const status = { ...before, conditions, acceptedNames: accepted };
  if (sameJson(status, before)) return;
  const next = trackUpdate(
    crd,
    { ...crd, status },
    {
      manager: 'kube-apiserver',
      apiVersion: crd.apiVersion,
      time: timestamp(now),
      subresource: 'status',
      schema: cluster.registry.ofKind(crd.apiVersion, crd.kind)?.schema,
    },
  );
  cluster.store.put(bucket, next as KubeObject);
}

/** Deletes the objects of a definition on its way out, and lets it go when none is left. */
function cleanUp(cluster: Cluster, crd: KubeObject): void {
  const finalizers = crd.metadata.finalizers ?? [];
  if (!finalizers.includes(cleanupFinalizer)) return;
  const [resource] = customResources(crd);
  if (resource !== undefined) {
    for (const { metadata } of cluster.store.list(resource.bucket).objects) {
      if (metadata.deletionTimestamp !== undefined) continue;
      const target = { namespace: metadata.namespace ?? '', name: metadata.name };
      removeObject(cluster, resource, target, { dryRun: false, propagation: undefined, preconditions: {} });
    }
    if (cluster.store.list(resource.bucket).objects.length > 0) return;
  }
  const left = finalizers.filter((finalizer) => finalizer !== cleanupFinalizer);
  if (left.length > 0) {
    cluster.store.put(bucket, { ...crd, metadata: { ...crd.metadata, finalizers: left } });
    return;
  }
  cluster.store.remove(bucket, objectKey('', crd.metadata.name));
}
