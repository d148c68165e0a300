import { labels, type KubeObject, type PlacementObject, type WorkloadObject } from '@kasmcloud/kube-api';
import type { WorkloadChange } from '../clusters/workload-change.ts';
import { shareOf } from '../plan/facts.ts';

/**
 * Whether a change of a workload is one that a writer makes for the decision that stands: it was written with the epoch of
 * that decision and is what it says for its host, or it is gone and nothing is to run there. Then no writer has to look
 * again. An edit by hand keeps the epoch that was there, and is never as decided.
 */
export function isAsDecided(
  placement: PlacementObject | undefined,
  change: WorkloadChange,
  object: KubeObject,
): boolean {
  const workload = object as WorkloadObject;
  const { spec, metadata } = workload;
  const share = shareOf(workload);
  if (placement === undefined || metadata.deletionTimestamp !== undefined) return false;
  const entry = placement.spec.hosts.find(({ host }) => host === share.host);
  const replicas = (entry?.replicas ?? 0) + (entry?.leaving ?? 0);
  if (change === 'removed') return replicas === 0;
  return (
    change === 'written' &&
    spec.epoch === placement.spec.epoch &&
    replicas > 0 &&
    replicas === share.replicas &&
    metadata.labels?.[labels.revision] === (entry?.revision ?? placement.spec.revision)
  );
}
