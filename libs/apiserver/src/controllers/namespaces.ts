import type { Logger } from '@kasmcloud/observe';
import { asObject, asStrings } from '../object.ts';
import type { Cluster } from '../resources/cluster.ts';
import { removeObject } from '../resources/remove.ts';
import { objectKey } from '../store/store.ts';
import { KeyLoop } from './loop.ts';

const finalizer = 'kubernetes';

/** Empties namespaces that are being deleted, and lets each go when nothing is left in it. */
export function finalizeNamespaces(cluster: Cluster, logger: Pick<Logger, 'error'>): () => void {
  const loop = new KeyLoop((name) => finalize(cluster, name), logger);
  const isTerminating = (name: string): boolean =>
    cluster.store.get('namespaces', objectKey('', name))?.metadata.deletionTimestamp !== undefined;
  for (const { metadata } of cluster.store.list('namespaces').objects) loop.add(metadata.name);
  const stop = cluster.store.subscribeAll(({ bucket, kind, object }) => {
    const name = bucket === 'namespaces' ? object.metadata.name : object.metadata.namespace;
    if (name === undefined || (bucket !== 'namespaces' && kind !== 'deleted')) return;
    if (isTerminating(name)) loop.add(name);
  });
  return () => {
    stop();
    loop.close();
  };
}

function finalize(cluster: Cluster, name: string): void {
  const namespace = cluster.store.get('namespaces', objectKey('', name));
  if (namespace?.metadata.deletionTimestamp === undefined) return;
  let held = 0;
  for (const resource of cluster.registry.buckets()) {
    if (!resource.namespaced) continue;
    for (const { metadata } of cluster.store.list(resource.bucket, { namespace: name }).objects) {
      const target = { namespace: name, name: metadata.name };
      // What finalizers hold is not asked again; a pod that still has time to end is.
      const waits = metadata.deletionTimestamp !== undefined && (metadata.deletionGracePeriodSeconds ?? 0) === 0;
      const gone =
        !waits &&
        removeObject(cluster, resource, target, {
          dryRun: false,
          propagation: 'Background',
          // No kubelet ends the pods of a namespace that goes.
          graceSeconds: 0,
          preconditions: {},
        }).gone;
      if (!gone) held += 1;
    }
  }
  // What finalizers hold wakes this up again when it goes.
  if (held > 0) return;
  const spec = asObject(namespace['spec']);
  const finalizers = asStrings(spec['finalizers']).filter((each) => each !== finalizer);
  if (finalizers.length === 0 && (namespace.metadata.finalizers ?? []).length === 0) {
    cluster.store.remove('namespaces', objectKey('', name));
  } else if (finalizers.length < asStrings(spec['finalizers']).length) {
    cluster.store.put('namespaces', { ...namespace, spec: finalizers.length === 0 ? {} : { ...spec, finalizers } });
  }
}
