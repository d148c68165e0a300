import { placeTogether } from './contend.ts';
import type { Job } from './job.ts';
import type { World } from './world.ts';

/**
 * One cycle, for jobs in order of key. What stands and is legal stays, and what is too much goes; then, by falling
 * priority, what is missing is placed; last, what was asked to converge is moved. Jobs that are at rest (nothing missing,
 * nothing too much, nothing to converge) come out as they went in: so it is enough to put the others through.
 */
export function decide(jobs: readonly Job[], { ledger }: World): void {
  for (const job of jobs) job.settle();
  for (const job of jobs) job.shrink();
  const classes = Map.groupBy(jobs, ({ distribution }) => distribution.priority);
  const falling = [...classes].toSorted(([a], [b]) => b - a).map(([, equals]) => equals);
  for (const equals of falling) placeTogether(equals, ledger);
  for (const equals of falling) for (const job of equals) job.converge();
}
