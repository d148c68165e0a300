import type { Moves } from '../model/plan.ts';
import { differences } from '../place/holding.ts';
import type { Job } from '../place/job.ts';

/** Counts replicas that stop in one place and start in another, and the fewest that could. */
export function countMoves({ distribution, counts, standing, leaving, deferred }: Job, desired: number): Moves {
  // A daemon's replica belongs to its host: one that stops here and one that starts there are two decisions.
  if (distribution.mode === 'Daemon') return { count: 0, lowerBound: 0, deferred };
  const { where, nowhere } = standing.stood;
  const held = where.sum + nowhere;
  if (held === 0) return { count: 0, lowerBound: 0, deferred };
  const placed = counts.sum;
  let left = 0;
  differences(where, counts, (_, change) => (left -= Math.min(0, change)));
  const kept = where.sum - left;
  const stops = held - kept;
  // What converges leaves because its new target wants so.
  const leaves = distribution.converge ? stops : leaving;
  const needed = Math.max(0, Math.min(desired, placed) - (held - leaves));
  return { count: Math.min(stops, placed - kept), lowerBound: Math.min(leaves, needed), deferred };
}
