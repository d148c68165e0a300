import { compareText } from '../model/hash.ts';
import { roomOn } from './demand.ts';
import type { Job } from './job.ts';
import type { Pool } from './pool.ts';
import { Rivals } from './rivals.ts';
import type { World } from './world.ts';

/** A job of lower priority on one host. */
export interface Victim {
  readonly job: Job;
  readonly count: number;
}

/**
 * Makes room for what a job still misses by taking replicas of lower priority away: of the lowest priority first, where
 * the job's own spread wants its replicas, and on each host no more than must go: those of the highest priority are
 * reprieved first, as in kube-scheduler. Who takes a host port that the job needs, or may not be on one host with it, goes
 * from there altogether. O(priorities below × (hosts + replicas below)). `wake` readies a job that is at rest.
 */
export function preempt(job: Job, world: World, wake: (job: Job) => Job): void {
  if (!job.distribution.preempts || job.isFrozen || job.missing === 0) return;
  const below = [...world.jobs].filter(({ priority }) => priority < job.priority);
  const priorities = [...new Set(below.map(({ priority }) => priority))].toSorted((a, b) => a - b);
  for (const highest of priorities) {
    if (job.missing === 0) return;
    for (const pool of job.pools) makeRoom(job, pool, byHost(world, highest), wake);
  }
}

/** What may go on each host: everything up to a priority, that of the highest priority first. */
function byHost(world: World, highest: number): Map<number, Victim[]> {
  const hosts = new Map<number, Victim[]>();
  const jobs = [...world.jobs]
    .filter(({ priority, distribution }) => priority <= highest && !distribution.suspended)
    .toSorted((a, b) => b.priority - a.priority || compareText(a.distribution.key, b.distribution.key));
  for (const job of jobs)
    for (const { tree, held } of job.pools)
      for (const [host, count] of held) {
        if (tree.frozen[tree.positions[host] ?? -1] === 1) continue;
        const victims = hosts.get(host);
        if (victims === undefined) hosts.set(host, [{ job, count }]);
        else victims.push({ job, count });
      }
  return hosts;
}

function makeRoom(
  job: Job,
  pool: Pool,
  victims: ReadonlyMap<number, readonly Victim[]>,
  wake: (job: Job) => Job,
): void {
  const { held } = pool;
  const wanted = Math.min(pool.want, held.sum + job.allowed);
  if (wanted <= held.sum) return;
  const rivals = new Rivals(job);
  const freed = (host: number, resource: string): number =>
    (victims.get(host) ?? []).reduce((sum, { job: { demand }, count }) => {
      const i = demand.resources.indexOf(resource);
      return i < 0 ? sum : sum + (demand.amounts[i] ?? 0) * count;
    }, 0);
  const { demand } = job;
  const closed = rivals.closedHosts(victims);
  const cleared = (host: number, most: number): number => {
    if (closed.has(host)) return 0;
    let room = rivals.mostOn(host, most);
    if (!victims.has(host)) return roomOn(demand, host, room);
    for (const [i, resource] of demand.resources.entries()) {
      const free = (demand.stocks[i]?.free[host] ?? 0) + freed(host, resource);
      room = Math.min(room, Math.floor(free / (demand.amounts[i] ?? 1)));
    }
    return Math.max(0, room);
  };
  const target = job.allocateWith(pool, wanted, cleared, rivals.without);
  for (const [host, count] of target) {
    const more = count - held.get(host);
    if (more > 0) evict(job, host, more, victims.get(host) ?? [], rivals, wake);
  }
  job.hold(pool, target);
}

/** Takes from a host what must go for `more` replicas of a job. */
function evict(
  { demand }: Job,
  host: number,
  more: number,
  victims: readonly Victim[],
  rivals: Rivals,
  wake: (job: Job) => Job,
): void {
  const spare = new Map(
    demand.resources.map((resource, i) => {
      const free = (demand.stocks[i]?.free[host] ?? 0) - more * (demand.amounts[i] ?? 0);
      const all = victims.reduce((sum, victim) => sum + victim.count * amountOf(victim.job, resource), 0);
      return [resource, free + all];
    }),
  );
  for (const { job, count } of victims) {
    let kept = rivals.has(job) ? 0 : count;
    for (const [resource, amount] of spare) {
      const own = amountOf(job, resource);
      if (own > 0) kept = Math.min(kept, Math.floor(amount / own));
    }
    for (const [resource, amount] of spare) spare.set(resource, amount - kept * amountOf(job, resource));
    if (kept < count) wake(job).yield(host, count - kept);
  }
}

function amountOf({ demand }: Job, resource: string): number {
  const i = demand.resources.indexOf(resource);
  return i < 0 ? 0 : (demand.amounts[i] ?? 0);
}
