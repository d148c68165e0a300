import type { Moves } from '../model/plan.ts';
import type { Job } from '../place/job.ts';

/** Counts replicas that stop in one place and start in another, and the fewest that could. */
export function countMoves({ distribution, counts, standing, leaving, deferred }: Job, desired: number): Moves {
  // A daemon's replica belongs to its host: one that stops here and one that starts there are two decisions.
  if (distribution.mode === 'Daemon') return { count: 0, lowerBound: 0, deferred };
  let held = 0;
  let kept = 0;
  for (const { host, replicas } of standing.entries) {
    held += replicas;
    kept += Math.min(replicas, counts.get(host) ?? 0);
  }
  if (held === 0) return { count: 0, lowerBound: 0, deferred };
  let placed = 0;
  for (const replicas of counts.values()) placed += replicas;
  const stops = held - kept;
  // What converges leaves because its new target wants so.
  const leaves = distribution.converge ? stops : leaving;
  const needed = Math.max(0, Math.min(desired, placed) - (held - leaves));
  return { count: Math.min(stops, placed - kept), lowerBound: Math.min(leaves, needed), deferred };
}
