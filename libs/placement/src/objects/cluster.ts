import { labels as names, taintKeys, type ClusterObject, type Taint as TaintSpec } from '@kasmcloud/kube-api';
import type { Cluster, Labels, Taint } from '../model/snapshot.ts';

/** Labels of a member as `clusters.required` sees them. */
export function clusterLabels({ metadata, spec }: Pick<ClusterObject, 'metadata' | 'spec'>): Labels {
  return {
    ...spec.labels,
    ...(spec.region !== undefined && { [names.region]: spec.region }),
    ...(spec.zone !== undefined && { [names.zone]: spec.zone }),
    [names.cluster]: metadata.name,
  };
}

/** What a cluster that leaves is emptied by. */
const LEAVING: Taint = { key: taintKeys.drain, effect: 'NoExecute' };

/** A WasmCloudCluster as the planner sees it. One on its way out takes nothing new, and is emptied. */
export function toCluster(object: ClusterObject, reach: Cluster['reach'], silentMs?: number): Cluster {
  const { metadata, spec } = object;
  const isLeaving = metadata.deletionTimestamp !== undefined;
  return {
    name: metadata.name,
    labels: clusterLabels(object),
    taints: [...(spec.taints ?? []).map(toTaint), ...(isLeaving ? [LEAVING] : [])],
    unschedulable: spec.unschedulable === true || isLeaving,
    reach,
    ...(silentMs !== undefined && { silentMs }),
  };
}

export const toTaint = ({ key, value, effect }: TaintSpec): Taint => ({
  key,
  effect,
  ...(value !== undefined && { value }),
});
