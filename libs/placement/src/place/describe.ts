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
    unsupported: distribution.unsupported.toSorted(compareText),
  };
}

function desiredOf({ distribution, pools, standing }: Job): number {
  if (distribution.mode !== 'Daemon') return distribution.replicas;
  return pools.reduce((sum, pool) => sum + pool.want, standing.outside.sum);
}

/** Hosts are numbered in order of cluster, then name: so are the plans. */
function clusterPlans({ hosts, counts }: Holding, inventory: Inventory): ClusterPlan[] {
  const plans: ClusterPlan[] = [];
  let inside: HostShare[] = [];
  let cluster: string | undefined;
  for (let i = 0; i < hosts.length; i++) {
    const host = inventory.hosts[hosts[i] ?? -1];
    if (host === undefined) continue;
    if (host.cluster.name !== cluster) {
      cluster = host.cluster.name;
      plans.push({ cluster, hosts: (inside = []) });
    }
    inside.push(inventory.share(host.index, counts[i] ?? 0));
  }
  return plans;
}
