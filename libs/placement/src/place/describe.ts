import { compareText } from '../model/hash.ts';
import type { ClusterPlan, DistributionPlan, HostShare } from '../model/plan.ts';
import { countMoves } from '../explain/moves.ts';
import { explainSkew } from '../explain/skew.ts';
import { explainUnplaced } from '../explain/unplaced.ts';
import type { Holding } from './holding.ts';
import type { Inventory } from './inventory.ts';
import type { Job } from './job.ts';
import type { World } from './world.ts';

/** What was decided before in the same world: of clusters where nothing changes, the plan stays the same object. */
export interface Before {
  readonly counts: Holding;
  readonly clusters: readonly ClusterPlan[];
}

/** What was decided for one distribution, with the reasons. */
export function describe(job: Job, { inventory }: World, before?: Before): DistributionPlan {
  const { distribution, counts } = job;
  const placed = counts.sum;
  const unplaced = explainUnplaced(job);
  const missing = unplaced.reduce((sum, { count }) => sum + count, 0);
  const desired = desiredOf(job);
  return {
    key: distribution.key,
    desired,
    placed,
    excess: placed + missing - desired,
    clusters: clusterPlans(counts, inventory, before),
    unplaced,
    skew: explainSkew(job),
    moves: countMoves(job, desired),
    unsupported: distribution.unsupported.length === 0 ? NONE : distribution.unsupported.toSorted(compareText),
  };
}

const NONE: readonly string[] = [];

function desiredOf({ distribution, pools, standing }: Job): number {
  if (distribution.mode !== 'Daemon') return distribution.replicas;
  return pools.reduce((sum, pool) => sum + pool.want, standing.outside.sum);
}

/** Hosts are numbered in order of cluster, then name: so are the plans. */
function clusterPlans(now: Holding, inventory: Inventory, before: Before | undefined): readonly ClusterPlan[] {
  if (before?.counts === now) return before.clusters;
  const plans: ClusterPlan[] = [];
  const { hosts } = now;
  const { clusters } = inventory;
  const old = before?.counts.hosts ?? [];
  let oldStart = 0;
  let oldPlan = 0;
  for (let start = 0, end = 0; start < hosts.length; start = end) {
    const cluster = clusters[hosts[start] ?? -1] ?? -1;
    end = endOf(hosts, start, cluster, clusters);
    // Clusters that are no longer in use are passed by.
    while (oldStart < old.length && (clusters[old[oldStart] ?? -1] ?? -1) < cluster) {
      oldStart = endOf(old, oldStart, clusters[old[oldStart] ?? -1] ?? -1, clusters);
      oldPlan += 1;
    }
    const same = before?.clusters[oldPlan];
    if (same !== undefined && isSame(before, oldStart, now, start, end, cluster, clusters)) plans.push(same);
    else plans.push(clusterPlan(now, start, end, inventory));
  }
  return plans;
}

/** Index behind the last host of a cluster. */
function endOf(hosts: readonly number[], start: number, cluster: number, clusters: Int32Array): number {
  let end = start + 1;
  while (end < hosts.length && clusters[hosts[end] ?? -1] === cluster) end += 1;
  return end;
}

/** Whether from two indices on, the hosts of one cluster are the same, with the same counts. */
function isSame(
  before: Before | undefined,
  oldStart: number,
  { hosts, counts }: Holding,
  start: number,
  end: number,
  cluster: number,
  clusters: Int32Array,
): boolean {
  if (before === undefined) return false;
  const old = before.counts;
  for (let i = start; i < end; i++)
    if (old.hosts[oldStart + i - start] !== hosts[i] || old.counts[oldStart + i - start] !== counts[i]) return false;
  return clusters[old.hosts[oldStart + end - start] ?? -1] !== cluster;
}

function clusterPlan({ hosts, counts }: Holding, start: number, end: number, inventory: Inventory): ClusterPlan {
  const first = hosts[start] ?? -1;
  if (end === start + 1 && counts[start] === 1) return inventory.single(first);
  const inside: HostShare[] = [];
  for (let i = start; i < end; i++)
    inside.push({ host: inventory.hosts[hosts[i] ?? -1]?.name ?? '', replicas: counts[i] ?? 0 });
  return { cluster: inventory.hosts[first]?.cluster.name ?? '', hosts: inside };
}
