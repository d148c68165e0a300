import type { Current, Distribution } from '../model/distribution.ts';
import { Holding, HoldingList, holdingOf } from './holding.ts';
import type { HostView, Inventory } from './inventory.ts';
import { MOST } from './rooms.ts';
import type { Shape } from './shape.ts';

/** What was decided last, as far as it is known where that is. */
export interface Stood {
  readonly where: Holding;
  /** Replicas on hosts that are gone. */
  readonly nowhere: number;
  /** By number of the host: how many of them failed to start. */
  readonly failed: ReadonlyMap<number, number>;
  /** What was replaced elsewhere, and runs on hosts that are back. */
  readonly returned: Holding;
}

/** What of the last decision can stay. */
export interface Standing {
  readonly stood: Stood;
  /** Stays and counts where it is. */
  readonly inside: Holding;
  /** Stays although it may not be there: its host is frozen, or the move budget is spent. Touched by nothing. */
  readonly outside: Holding;
  /** Replicas that cannot stay. */
  readonly gone: number;
  /** Replicas that should go and may not yet. */
  readonly deferred: number;
  /** What evictions leave of the move budget. */
  readonly budget: number;
}

/** O(what stands). */
export function judgeStanding(distribution: Distribution, stood: Stood, inventory: Inventory, shape: Shape): Standing {
  const { where } = stood;
  const { moveBudget, maxPerHost, suspended } = distribution;
  let gone = stood.nowhere;
  let deferred = 0;
  const most = suspended ? Infinity : maxPerHost;
  if (stood.failed.size === 0 && staysWhole(where, shape, most))
    return { stood, inside: where, outside: Holding.none, gone, deferred, budget: suspended ? 0 : moveBudget };
  const inside = new HoldingList();
  const outside = new HoldingList();
  // Evictions are voluntary moves: as many as the budget allows, in order of host.
  let budget = suspended ? 0 : moveBudget;
  for (let i = 0; i < where.size; i++) {
    const host = where.hosts[i] ?? -1;
    const replicas = where.counts[i] ?? 0;
    // Most may stay as they are.
    if (replicas <= most && stood.failed.size === 0 && shape.keeps(host)) {
      inside.add(host, replicas);
      continue;
    }
    const verdict = shape.verdictOf(host);
    const isOut = verdict === undefined || verdict.use === 'Out' || !shape.holds(host);
    if (verdict?.frozen === true) {
      (isOut ? outside : inside).add(host, replicas);
    } else if (verdict === undefined || verdict.filter === 'HostLost' || verdict.filter === 'ClusterLost') {
      gone += replicas;
    } else if (isOut) {
      const leaving = Math.min(replicas, budget);
      budget -= leaving;
      gone += leaving;
      deferred += replicas - leaving;
      outside.add(host, replicas - leaving);
    } else {
      const failed = stood.failed.get(host) ?? 0;
      const view = failed > 0 ? inventory.hosts[host] : undefined;
      const moved = view !== undefined && isAvoided(distribution, view) ? Math.min(failed, replicas) : 0;
      const stays = suspended ? replicas : Math.min(replicas - moved, maxPerHost);
      gone += replicas - stays;
      inside.add(host, stays);
    }
  }
  return { stood, inside: inside.holding(), outside: outside.holding(), gone, deferred, budget };
}

/** The usual case: everything may stay where it is. */
function staysWhole({ hosts, counts }: Holding, shape: Shape, most: number): boolean {
  for (let i = 0; i < hosts.length; i++) if ((counts[i] ?? 0) > most || !shape.keeps(hosts[i] ?? -1)) return false;
  return true;
}

/** Whether this revision failed on the host or in its cluster, so that nothing new goes there. */
export function isAvoided({ avoid, revision }: Distribution, host: HostView): boolean {
  return avoid.some(
    (one) =>
      one.revision === revision &&
      one.cluster === host.cluster.name &&
      (one.host === undefined || one.host === host.name),
  );
}

/** Entries with replicas, those of one host added up. */
export function stoodIn(current: readonly Current[], inventory: Inventory): Stood {
  if (current.length === 0) return NOTHING;
  const pairs: [host: number, count: number][] = [];
  const failures = new Map<number, number>();
  const back: [host: number, count: number][] = [];
  let nowhere = 0;
  for (const { cluster, host, replicas, failed = 0, returned = 0 } of current) {
    const index = inventory.find(cluster, host)?.index ?? -1;
    if (returned > 0 && index >= 0) back.push([index, Math.min(Math.ceil(returned), MOST)]);
    if (!(replicas > 0)) continue;
    if (index < 0) {
      nowhere += replicas;
      continue;
    }
    pairs.push([index, Math.min(Math.ceil(replicas), MOST)]);
    if (failed > 0) failures.set(index, (failures.get(index) ?? 0) + failed);
  }
  return { where: holdingOf(pairs), nowhere, failed: failures, returned: holdingOf(back) };
}

const NOTHING: Stood = { where: Holding.none, nowhere: 0, failed: new Map(), returned: Holding.none };

/** The same of what was planned. */
export const stoodAs = (where: Holding): Stood => ({ ...NOTHING, where });
