import type { Distribution } from '../model/distribution.ts';
import { compareText } from '../model/hash.ts';
import type { ClusterPlan, DistributionPlan, Plan } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { explainUnplaced } from '../explain/unplaced.ts';
import { explainSkew } from '../explain/skew.ts';
import { countMoves } from '../explain/moves.ts';
import { placeTogether } from './contend.ts';
import { takeInventory, type Inventory } from './inventory.ts';
import { Job } from './job.ts';
import { Ledger } from './ledger.ts';
import { RoomCache } from './rooms.ts';
import { Shapes } from './shape.ts';

/**
 * Decides how many replicas of every distribution each host runs. Pure and total: the same snapshot, in whatever order,
 * gives the same plan. What stands and is legal stays; then, by falling priority, what is missing is placed; last, what
 * was asked to converge is moved.
 */
export function place(snapshot: Snapshot): Plan {
  const inventory = takeInventory(snapshot);
  const resources = new Set(snapshot.distributions.flatMap((distribution) => Object.keys(distribution.resources)));
  const ledger = new Ledger(inventory, resources);
  const shapes = new Shapes(inventory);
  const rooms = new RoomCache(ledger);
  const jobs = snapshot.distributions
    .toSorted((a, b) => compareText(a.key, b.key))
    .map((distribution) => new Job(distribution, inventory, shapes.of(distribution), ledger, rooms));
  for (const job of jobs) job.settle();
  const classes = Map.groupBy(jobs, (job) => job.distribution.priority);
  const falling = [...classes.keys()].toSorted((a, b) => b - a).map((priority) => classes.get(priority) ?? []);
  for (const equals of falling) placeTogether(equals, ledger);
  for (const job of falling.flat()) job.converge();
  return { distributions: jobs.map((job) => planOf(job, inventory)) };
}

function planOf(job: Job, inventory: Inventory): DistributionPlan {
  const { distribution } = job;
  const clusters = clusterPlans(job.counts, inventory);
  const placed = clusters.reduce((sum, { hosts }) => hosts.reduce((inner, { replicas }) => inner + replicas, sum), 0);
  const unplaced = explainUnplaced(job);
  const missing = unplaced.reduce((sum, { count }) => sum + count, 0);
  const desired = desiredOf(distribution, job);
  return {
    key: distribution.key,
    desired,
    placed,
    excess: placed + missing - desired,
    clusters,
    unplaced,
    skew: explainSkew(job),
    moves: countMoves(job, inventory, desired),
    unsupported: distribution.unsupported.toSorted(compareText),
  };
}

function desiredOf({ mode, replicas }: Distribution, job: Job): number {
  if (mode !== 'Daemon') return replicas;
  const outside = [...job.standing.outside.values()].reduce((a, b) => a + b, 0);
  return job.pools.reduce((sum, pool) => sum + pool.want, outside);
}

function clusterPlans(counts: ReadonlyMap<number, number>, inventory: Inventory): ClusterPlan[] {
  const shares = [...counts].flatMap(([index, replicas]) => {
    const host = inventory.hosts[index];
    return host === undefined || replicas === 0
      ? []
      : [{ index, cluster: host.cluster.name, host: host.name, replicas }];
  });
  const byCluster = Map.groupBy(
    shares.toSorted((a, b) => a.index - b.index),
    ({ cluster }) => cluster,
  );
  return [...byCluster].map(([cluster, hosts]) => ({
    cluster,
    hosts: hosts.map(({ host, replicas }) => ({ host, replicas })),
  }));
}
