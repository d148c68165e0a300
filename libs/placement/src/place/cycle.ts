import { compareText } from '../model/hash.ts';
import { placeTogether } from './contend.ts';
import type { Job } from './job.ts';
import { preempt } from './preempt.ts';
import type { World } from './world.ts';

/**
 * One cycle. What stands and is legal stays, what comes back is weighed against it, and what is too much goes; then, by falling priority, what is missing is
 * placed, and room is made for it where that is allowed; last, what was asked to come back or to converge is moved.
 * Jobs that are at rest (nothing missing, nothing too much, nothing to move) come out as they went in: so it is enough to
 * put the others through. `wake` readies a job at rest from which something is taken. Gives all jobs that went through.
 * `before`: jobs in whose place others come.
 */
export function decide(
  started: readonly Job[],
  world: World,
  wake: (job: Job) => Job = (job) => job,
  before: ReadonlyMap<string, Job> = new Map(),
): readonly Job[] {
  const jobs = new Set(inOrder(started));
  for (const job of jobs) job.settle(before.get(job.distribution.key));
  for (const job of jobs) job.reconnect();
  for (const job of jobs) job.shrink();
  const classes = Map.groupBy(jobs, ({ priority }) => priority);
  let isInOrder = true;
  // Whoever was seen asleep on several hosts is woken once.
  const places = new Map<Job, Job>();
  const awake = (job: Job): Job => {
    if (jobs.has(job)) return job;
    const known = places.get(job);
    if (known !== undefined) return known;
    const woken = wake(job);
    places.set(job, woken);
    jobs.add(woken);
    isInOrder = false;
    // It has a lower priority than the one that wakes it: its turn is still to come.
    const equals = classes.get(woken.priority);
    if (equals === undefined) classes.set(woken.priority, [woken]);
    else equals.push(woken);
    return woken;
  };
  for (let priority = next(classes, Infinity); priority !== -Infinity; priority = next(classes, priority)) {
    const equals = isInOrder ? (classes.get(priority) ?? []) : inOrder(classes.get(priority) ?? []);
    // Who needs others beside it comes after them.
    const followers = equals.filter((job) => job.isFollower);
    placeTogether(followers.length === 0 ? equals : equals.filter((job) => !job.isFollower));
    placeTogether(followers);
    follow(followers);
    for (const job of equals) preempt(job, world, awake);
  }
  const falling = inOrder([...jobs].filter((job) => job.isLate)).toSorted((a, b) => b.priority - a.priority);
  follow(falling);
  for (const job of falling) job.comeBack();
  for (const job of falling) job.converge();
  return isInOrder ? [...jobs] : inOrder([...jobs]);
}

/** In order of key. Most lists are already. */
function inOrder(jobs: readonly Job[]): readonly Job[] {
  const isInOrder = jobs.every((job, i) => i === 0 || (jobs[i - 1]?.distribution.key ?? '') <= job.distribution.key);
  return isInOrder ? jobs : jobs.toSorted((a, b) => compareText(a.distribution.key, b.distribution.key));
}

/** The highest priority below another. */
function next(classes: ReadonlyMap<number, unknown>, below: number): number {
  let highest = -Infinity;
  for (const priority of classes.keys()) if (priority < below && priority > highest) highest = priority;
  return highest;
}

/** Jobs that need others beside them try again for as long as that helps one of them. Every round places something. */
function follow(jobs: readonly Job[]): void {
  const followers = jobs.filter((job) => job.isFollower);
  for (let placed = followers.length; placed > 0;)
    placed = followers.reduce((sum, job) => sum + (job.missing > 0 ? job.grow() : 0), 0);
}
