import type { Current, Distribution } from '../model/distribution.ts';
import type { HostView, Inventory } from './inventory.ts';
import type { Shape } from './shape.ts';

/** What stands on one host; `host` is its number, -1 for a host that is gone. */
export interface Entry {
  readonly host: number;
  readonly replicas: number;
  /** How many of them failed to start. */
  readonly failed: number;
}

/** What of the last decision can stay, by number of the host. */
export interface Standing {
  /** Everything that was decided, the entries of one host added up. */
  readonly entries: readonly Entry[];
  /** Stays and counts where it is. */
  readonly inside: ReadonlyMap<number, number>;
  /** Stays although it may not be there: its host is frozen, or the move budget is spent. Touched by nothing. */
  readonly outside: ReadonlyMap<number, number>;
  /** Replicas that cannot stay. */
  readonly gone: number;
  /** Replicas that should go and may not yet. */
  readonly deferred: number;
  /** What evictions leave of the move budget. */
  readonly budget: number;
}

export function judgeStanding(
  distribution: Distribution,
  entries: readonly Entry[],
  inventory: Inventory,
  shape: Shape,
): Standing {
  if (entries.length === 0) return { ...NOTHING, budget: distribution.moveBudget };
  const inside = new Map<number, number>();
  const outside = new Map<number, number>();
  const evicted: Entry[] = [];
  let gone = 0;
  for (const entry of entries) {
    const { host, replicas, failed } = entry;
    const verdict = shape.verdictOf(host);
    if (verdict === undefined) {
      gone += replicas;
      continue;
    }
    const isOut = verdict.use === 'Out' || !shape.holds(host);
    if (verdict.frozen) {
      (isOut ? outside : inside).set(host, replicas);
    } else if (verdict.filter === 'HostLost' || verdict.filter === 'ClusterLost') {
      gone += replicas;
    } else if (isOut) {
      evicted.push(entry);
    } else {
      const view = failed > 0 ? inventory.hosts[host] : undefined;
      const moved = view !== undefined && isAvoided(distribution, view) ? Math.min(failed, replicas) : 0;
      const stays = distribution.suspended ? replicas : Math.min(replicas - moved, distribution.maxPerHost);
      gone += replicas - stays;
      if (stays > 0) inside.set(host, stays);
    }
  }
  // Evictions are voluntary moves: as many as the budget allows, in order of host.
  let budget = distribution.suspended ? 0 : distribution.moveBudget;
  let deferred = 0;
  for (const { host, replicas } of evicted.toSorted((a, b) => a.host - b.host)) {
    const leaving = Math.min(replicas, budget);
    budget -= leaving;
    gone += leaving;
    deferred += replicas - leaving;
    if (replicas > leaving) outside.set(host, replicas - leaving);
  }
  return { entries, inside, outside, gone, deferred, budget };
}

const NOTHING: Standing = { entries: [], inside: new Map(), outside: new Map(), gone: 0, deferred: 0, budget: 0 };

/** Whether this revision failed on the host or in its cluster, so that nothing new goes there. */
export function isAvoided({ avoid, revision }: Distribution, host: HostView): boolean {
  return avoid.some(
    (one) =>
      one.revision === revision &&
      one.cluster === host.cluster.name &&
      (one.host === undefined || one.host === host.name),
  );
}

/** Entries with replicas, those of one host added up, each host gone for itself. */
export function entriesOf(current: readonly Current[], inventory: Inventory): Entry[] {
  const entries: Entry[] = [];
  const numbers = new Map<number, number>();
  for (const { cluster, host, replicas, failed = 0 } of current) {
    if (!(replicas > 0)) continue;
    const index = inventory.find(cluster, host)?.index ?? -1;
    const at = index < 0 ? undefined : numbers.get(index);
    const before = at === undefined ? undefined : entries[at];
    if (at === undefined || before === undefined) {
      if (index >= 0) numbers.set(index, entries.length);
      entries.push({ host: index, replicas, failed });
    } else {
      entries[at] = { host: index, replicas: before.replicas + replicas, failed: before.failed + failed };
    }
  }
  return entries;
}
