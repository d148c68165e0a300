import {
  fieldManagers,
  finalizers,
  WasmCloudCluster,
  type ClusterObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { ConflictError, NotFoundError } from '@kasmcloud/kube';
import { distributionKey } from '../plan/decided.ts';
import type { Hub } from '../plan/hub.ts';
import { sameJson } from '../same-json.ts';
import type { Members } from './members.ts';
import { clusterStatus, isEmptied } from './status.ts';

export interface ClusterOptions {
  readonly hub: Pick<Hub, 'client' | 'clusters' | 'placements'>;
  readonly members: Pick<Members, 'get' | 'refusal' | 'reachOf' | 'isHeld'>;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Status before and after, for events. */
export interface ToldCluster {
  readonly before: ClusterObject;
  readonly after: ClusterObject;
}

/**
 * Tells a WasmCloudCluster whether its member answers and what it has, and keeps it from vanishing before nothing is
 * placed there. Writes only what changed.
 */
export async function keepCluster(
  options: ClusterOptions,
  name: string,
  signal: AbortSignal,
): Promise<ToldCluster | undefined> {
  const { hub, members, nowMs } = options;
  const cluster = hub.clusters.get(name);
  if (cluster === undefined) return undefined;
  const reach = members.reachOf(name);
  // Of one that stays nobody asks, and there may be very many.
  const placed = isEmptied(cluster) ? hub.placements.list().filter(({ spec }) => spec.cluster === name) : [];
  const inUseBy = [...new Set(placed.filter((one) => isOpen(one, reach)).map(distributionKey))].toSorted();
  if (!(await keepFinalizer(options, cluster, inUseBy.length === 0, signal))) return undefined;
  const sight = {
    member: members.get(name),
    reach,
    isHeld: members.isHeld(name),
    refusal: members.refusal(name),
    inUseBy,
  };
  const status = clusterStatus(cluster, sight, nowMs);
  if (sameJson(status, cluster.status ?? {})) return undefined;
  const call = { subresource: 'status', fieldManager: fieldManagers.scheduler, force: true, signal } as const;
  const after = await hub.client.apply<ClusterObject>(WasmCloudCluster, { metadata: { name }, status }, call);
  return { before: cluster, after };
}

/** Whether something is to stand there, or is not told yet to go. Nobody can tell a lost member. */
const isOpen = ({ spec, status }: PlacementObject, reach: ReturnType<Members['reachOf']>): boolean =>
  spec.hosts.some(({ replicas, leaving = 0 }) => replicas + leaving > 0) ||
  (reach !== 'Lost' && status?.appliedEpoch !== spec.epoch);

/** False when the cluster has gone with it, or was changed since: then there is nothing to tell. */
async function keepFinalizer(
  { hub }: ClusterOptions,
  { metadata }: ClusterObject,
  isEmpty: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const { name, resourceVersion, deletionTimestamp, finalizers: list = [] } = metadata;
  const isThere = list.includes(finalizers.cluster);
  const isLeaving = deletionTimestamp !== undefined;
  if (isLeaving ? !isThere || !isEmpty : isThere) return true;
  const next = isLeaving ? list.filter((one) => one !== finalizers.cluster) : [...list, finalizers.cluster];
  const options = { type: 'merge', fieldManager: fieldManagers.scheduler, signal } as const;
  const patch = { metadata: { resourceVersion, finalizers: next } };
  try {
    await hub.client.patch(WasmCloudCluster, name, undefined, patch, options);
  } catch (error) {
    // Its change brings us back here.
    if (!(error instanceof ConflictError) && !(error instanceof NotFoundError)) throw error;
    return false;
  }
  return !isLeaving;
}
