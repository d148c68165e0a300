import type { Current, Distribution } from '../model/distribution.ts';
import type { HostView, Inventory } from './inventory.ts';
import type { Shape } from './shape.ts';

/** What of the last decision can stay, by number of the host. */
export interface Standing {
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

export function judgeStanding(distribution: Distribution, inventory: Inventory, shape: Shape): Standing {
  const inside = new Map<number, number>();
  const outside = new Map<number, number>();
  const evicted: { host: HostView; replicas: number }[] = [];
  let gone = 0;
  for (const { host, entry } of merged(distribution.current, inventory)) {
    const verdict = host === undefined ? undefined : shape.verdicts[host.index];
    if (host === undefined || verdict === undefined) {
      gone += entry.replicas;
    } else if (verdict.frozen) {
      (verdict.use === 'Out' || !isMember(shape, host) ? outside : inside).set(host.index, entry.replicas);
    } else if (verdict.filter === 'HostLost' || verdict.filter === 'ClusterLost') {
      gone += entry.replicas;
    } else if (verdict.use === 'Out' || !isMember(shape, host)) {
      evicted.push({ host, replicas: entry.replicas });
    } else {
      const failed = isAvoided(distribution, host) ? Math.min(entry.failed ?? 0, entry.replicas) : 0;
      const legal = Math.min(entry.replicas - failed, distribution.maxPerHost);
      const stays = distribution.suspended ? entry.replicas : legal;
      gone += entry.replicas - stays;
      if (stays > 0) inside.set(host.index, stays);
    }
  }
  // Evictions are voluntary moves: as many as the budget allows, in order of host.
  let budget = distribution.suspended ? 0 : distribution.moveBudget;
  let deferred = 0;
  for (const { host, replicas } of evicted.toSorted((a, b) => a.host.index - b.host.index)) {
    const leaving = Math.min(replicas, budget);
    budget -= leaving;
    gone += leaving;
    deferred += replicas - leaving;
    if (replicas > leaving) outside.set(host.index, replicas - leaving);
  }
  return { inside, outside, gone, deferred, budget };
}

/** Whether this revision failed on the host or in its cluster, so that nothing new goes there. */
export function isAvoided(distribution: Distribution, host: HostView): boolean {
  return distribution.avoid.some(
    (one) =>
      one.revision === distribution.revision &&
      one.cluster === host.cluster.name &&
      (one.host === undefined || one.host === host.name),
  );
}

const isMember = (shape: Shape, host: HostView): boolean =>
  shape.trees.some((tree) => (tree.positions[host.index] ?? -1) >= 0);

/** Entries with replicas, those of one host added up. */
function merged(
  current: readonly Current[],
  inventory: Inventory,
): { host: HostView | undefined; entry: Pick<Current, 'replicas' | 'failed'> }[] {
  const byHost = Map.groupBy(
    current.filter((entry) => entry.replicas > 0),
    (entry) => `${entry.cluster}/${entry.host}`,
  );
  return [...byHost.values()].flatMap((entries) => {
    const [first] = entries;
    if (first === undefined) return [];
    const replicas = entries.reduce((sum, entry) => sum + entry.replicas, 0);
    const failed = entries.reduce((sum, entry) => sum + (entry.failed ?? 0), 0);
    return [{ host: inventory.find(first.cluster, first.host), entry: { replicas, failed } }];
  });
}
