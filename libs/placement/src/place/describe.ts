import { compareText } from '../model/hash.ts';
import type { ClusterPlan, DistributionPlan, HostShare } from '../model/plan.ts';
import { countMoves } from '../explain/moves.ts';
import { explainSkew } from '../explain/skew.ts';
import { explainUnplaced } from '../explain/unplaced.ts';
import type { Inventory } from './inventory.ts';
import type { Job } from './job.ts';
import type { World } from './world.ts';

/** What was decided for one distribution, with the reasons. */
export function describe(job: Job, { inventory }: World): DistributionPlan {
  const { distribution, counts } = job;
  let placed = 0;
  for (const count of counts.values()) placed += count;
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
  let outside = 0;
  for (const count of standing.outside.values()) outside += count;
  return pools.reduce((sum, pool) => sum + pool.want, outside);
}

/** Hosts are numbered in order of cluster, then name: so are the plans. */
function clusterPlans(counts: ReadonlyMap<number, number>, { hosts }: Inventory): ClusterPlan[] {
  const plans: ClusterPlan[] = [];
  let inside: HostShare[] = [];
  let cluster: string | undefined;
  for (const index of inOrder(counts)) {
    const host = hosts[index];
    const replicas = counts.get(index) ?? 0;
    if (host === undefined || replicas === 0) continue;
    if (host.cluster.name !== cluster) {
      cluster = host.cluster.name;
      plans.push({ cluster, hosts: (inside = []) });
    }
    inside.push({ host: host.name, replicas });
  }
  return plans;
}

function inOrder(counts: ReadonlyMap<number, number>): Int32Array {
  const order = new Int32Array(counts.size);
  let at = 0;
  for (const index of counts.keys()) order[at++] = index;
  return order.toSorted();
}
