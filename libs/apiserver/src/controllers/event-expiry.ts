import type { Logger } from '@kasmcloud/observe';
import type { Cluster } from '../resources/cluster.ts';
import { objectKey } from '../store/store.ts';

const lifetimeMs = 60 * 60 * 1000;
const sweepEveryMs = 60 * 1000;

/** Removes Events an hour after they were last written, as a kube-apiserver does by default. */
export function expireEvents(cluster: Cluster, logger: Pick<Logger, 'error'>): () => void {
  const timer = setInterval(() => {
    try {
      sweep(cluster);
    } catch (error) {
      logger.error({ error }, 'expiry of events failed');
    }
  }, sweepEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}

export function sweep(cluster: Cluster): void {
  const oldest = cluster.now().getTime() - lifetimeMs;
  for (const { metadata } of cluster.store.list('events').objects) {
    const times = [metadata.creationTimestamp, ...(metadata.managedFields ?? []).map(({ time }) => time)];
    const lastWrite = Math.max(...times.map((time) => (typeof time === 'string' ? Date.parse(time) : 0)));
    if (lastWrite < oldest) cluster.store.remove('events', objectKey(metadata.namespace ?? '', metadata.name));
  }
}
