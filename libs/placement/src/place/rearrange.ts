import { holdingOf } from './holding.ts';
import type { Job } from './job.ts';
import type { Pool } from './pool.ts';

/** Most hosts on which it is tried to make room for one replica. */
const MOST_TRIES = 64;

/**
 * Makes room among groups that overlap: a replica that one group was given in this cycle goes to another of its hosts,
 * if a group that went short can take its place. Nothing that stood before moves. Returns how many found a place, at
 * most `most`. O(tries × hosts) for each.
 */
export function rearrange(job: Job, most: number): number {
  let placed = 0;
  for (const pool of job.pools)
    while (placed < most && pool.held.sum < pool.want && job.allowed >= 1 && makeRoom(job, pool)) placed += 1;
  return placed;
}

function makeRoom(job: Job, short: Pool): boolean {
  let tries = 0;
  for (const other of job.pools) {
    if (other === short) continue;
    for (const host of other.held.hosts) {
      const isNew = job.counts.get(host) > job.standing.inside.get(host) + job.standing.outside.get(host);
      if (!isNew || short.tree.open[short.tree.positions[host] ?? -1] !== 1) continue;
      if (tries === MOST_TRIES) return false;
      tries += 1;
      const undo = job.mark();
      job.hold(other, holdingOf([...other.held, [host, -1]]));
      if (job.extend(short) && job.extend(other)) return true;
      undo();
    }
  }
  return false;
}
