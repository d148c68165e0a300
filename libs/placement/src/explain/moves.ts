import type { Moves } from '../model/plan.ts';
import type { Inventory } from '../place/inventory.ts';
import type { Job } from '../place/job.ts';

/** Counts replicas that stop in one place and start in another, and the fewest that could. */
export function countMoves(job: Job, inventory: Inventory, desired: number): Moves {
  const { distribution, counts, leaving, deferred } = job;
  // A daemon's replica belongs to its host: one that stops here and one that starts there are two decisions.
  if (distribution.mode === 'Daemon') return { count: 0, lowerBound: 0, deferred };
  const before = new Map<string, number>();
  for (const { cluster, host, replicas } of distribution.current)
    before.set(`${cluster}/${host}`, (before.get(`${cluster}/${host}`) ?? 0) + replicas);
  let stops = 0;
  let starts = 0;
  let placed = 0;
  const after = new Map(
    [...counts].map(([index, replicas]) => {
      const host = inventory.hosts[index];
      return [`${host?.cluster.name ?? ''}/${host?.name ?? ''}`, replicas];
    }),
  );
  for (const [path, replicas] of after) {
    placed += replicas;
    starts += Math.max(0, replicas - (before.get(path) ?? 0));
  }
  for (const [path, replicas] of before) stops += Math.max(0, replicas - (after.get(path) ?? 0));
  const held = [...before.values()].reduce((a, b) => a + b, 0);
  // What converges leaves because its new target wants so.
  const leaves = distribution.converge ? stops : leaving;
  const stays = held - leaves;
  const needed = Math.max(0, Math.min(desired, placed) - stays);
  return { count: Math.min(stops, starts), lowerBound: Math.min(leaves, needed), deferred };
}
