import { compareText } from '../model/hash.ts';
import type { ClusterPlan, DistributionPlan, HostShare } from '../model/plan.ts';
import { countMoves } from '../explain/moves.ts';
import { explainSkew } from '../explain/skew.ts';
import { explainUnplaced } from '../explain/unplaced.ts';
import type { Holding } from './holding.ts';
import type { Inventory } from './inventory.ts';
import type { Job } from './job.ts';
import type { World } from './world.ts';

/** What was decided for one distribution, with the reasons. */
export function describe(job: Job, { inventory }: World): DistributionPlan {
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
    clusters: clusterPlans(counts, inventory),
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
function clusterPlans({ hosts, counts }: Holding, inventory: Inventory): readonly ClusterPlan[] {
  const plans: ClusterPlan[] = [];
  const { clusters } = inventory;
  for (let start = 0, end = 0; start < hosts.length; start = end) {
    const first = hosts[start] ?? -1;
    do end += 1;
    while (end < hosts.length && clusters[hosts[end] ?? -1] === clusters[first]);
    if (end === start + 1 && counts[start] === 1) {
      plans.push(inventory.single(first));
      continue;
    }
    const inside: HostShare[] = [];
    for (let i = start; i < end; i++)
      inside.push({ host: inventory.hosts[hosts[i] ?? -1]?.name ?? '', replicas: counts[i] ?? 0 });
    plans.push({ cluster: inventory.hosts[first]?.cluster.name ?? '', hosts: inside });
  }
  return plans;
}
