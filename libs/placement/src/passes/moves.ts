import { diff } from '../diff/diff.ts';
import { judge } from '../filter/verdict.ts';
import type { Distribution } from '../model/distribution.ts';
import type { DistributionPlan, Plan } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { takeInventory, type Inventory } from '../place/inventory.ts';
import { Balance } from './balance.ts';

/** Why replicas change their place. */
export type MoveReason =
  /** Wanted, and not there before. */
  | 'Placed'
  /** No longer wanted. */
  | 'Removed'
  /** The host or its cluster is lost. */
  | 'Lost'
  /** The host may no longer hold them. */
  | 'Evicted'
  /** Somebody needs the room, or there is a better place. */
  | 'Moved';

export interface Place {
  readonly cluster: string;
  readonly host: string;
}

/** Replicas that stop at one place and start at another; without `from` they only start, without `to` they only stop. */
export interface Move {
  readonly key: string;
  readonly from?: Place;
  readonly to?: Place;
  readonly replicas: number;
  readonly reason: MoveReason;
  /** How much more even the distribution becomes; see {@link Balance}. Only a move from place to place has one. */
  readonly gain: number;
}

/** Every difference between what stands and a plan, in order of key, cluster and host. */
export function movesOf(snapshot: Snapshot, plan: Plan): Move[] {
  const inventory = takeInventory(snapshot);
  const specs = new Map(snapshot.distributions.map((one) => [one.key, one]));
  return plan.distributions.flatMap((one) => {
    const distribution = specs.get(one.key);
    return distribution === undefined ? [] : movesOfOne(distribution, one, inventory);
  });
}

function movesOfOne(distribution: Distribution, plan: DistributionPlan, inventory: Inventory): Move[] {
  const { key, current } = distribution;
  const before = [...Map.groupBy(current, ({ cluster }) => cluster)].map(([cluster, hosts]) => ({ cluster, hosts }));
  const changes = diff(before, plan.clusters);
  const sources = changes.filter(({ from, to }) => to < from).map((one) => ({ ...one, left: one.from - one.to }));
  const targets = changes.filter(({ from, to }) => to > from).map((one) => ({ ...one, left: one.to - one.from }));
  const balance = new Balance(distribution, inventory);
  const moves: Move[] = [];
  for (const source of sources) {
    const reason = reasonOf(distribution, inventory, source);
    for (const target of targets) {
      const replicas = Math.min(source.left, target.left);
      if (replicas === 0) continue;
      source.left -= replicas;
      target.left -= replicas;
      moves.push({
        key,
        from: placeOf(source),
        to: placeOf(target),
        replicas,
        reason,
        gain: balance.take(source, target, replicas),
      });
    }
    if (source.left > 0)
      moves.push({
        key,
        from: placeOf(source),
        replicas: source.left,
        reason: reason === 'Moved' ? 'Removed' : reason,
        gain: 0,
      });
  }
  for (const target of targets)
    if (target.left > 0) moves.push({ key, to: placeOf(target), replicas: target.left, reason: 'Placed', gain: 0 });
  return moves;
}

const placeOf = ({ cluster, host }: Place): Place => ({ cluster, host });

function reasonOf(distribution: Distribution, inventory: Inventory, { cluster, host }: Place): MoveReason {
  const view = inventory.find(cluster, host);
  if (view === undefined) return 'Lost';
  const { use, filter } = judge(distribution, view);
  if (filter === 'HostLost' || filter === 'ClusterLost') return 'Lost';
  return use === 'Out' ? 'Evicted' : 'Moved';
}
