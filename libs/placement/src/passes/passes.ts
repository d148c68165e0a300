import type { Distribution } from '../model/distribution.ts';
import type { Plan, Skew, Unplaced } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { place } from '../place/place.ts';
import { movesOf, type Move, type Place } from './moves.ts';

/** What a pass came to. */
export interface Pass {
  readonly plan: Plan;
  /** Every difference from what stood. */
  readonly moves: readonly Move[];
  readonly unplaced: readonly (Unplaced & { readonly key: string })[];
  readonly skew: readonly (Skew & { readonly key: string })[];
  /** Fewest replicas that could have had to start elsewhere. */
  readonly lowerBound: number;
}

/** Everything that is due, as {@link place} decides it. */
export const placing = (snapshot: Snapshot): Pass => passOver(snapshot);

/** Only what was lost or may not stay is put elsewhere: nothing converges, and nobody gets more or less than stood. */
export function repair(snapshot: Snapshot): Pass {
  return passOver(
    withEach(snapshot, (one) => {
      const stood = one.current.reduce((sum, { replicas }) => sum + replicas, 0);
      return { ...one, ...still, ...(one.mode !== 'Daemon' && { replicas: Math.min(one.replicas, stood) }) };
    }),
  );
}

export interface RebalanceOptions {
  /** Distributions to look at; all when absent. */
  readonly keys?: readonly string[];
  /** Most replicas of each that may move. */
  readonly budget?: number;
  /** Percent of the replicas of each that must be worth moving. */
  readonly minImprovement?: number;
}

/** What stands is moved to where it would be placed anew; with the gain of every move. */
export function rebalance(snapshot: Snapshot, { keys, budget, minImprovement }: RebalanceOptions = {}): Pass {
  return passOver(
    withEach(snapshot, (one) =>
      keys?.includes(one.key) === false
        ? { ...one, converge: false }
        : {
            ...one,
            converge: true,
            moveBudget: Math.min(one.moveBudget, budget ?? Infinity),
            minImprovement: minImprovement ?? one.minImprovement,
          },
    ),
  );
}

/** One distribution gives up replicas, where it has most too many; nothing is added anywhere for it. */
export function scaleDown(snapshot: Snapshot, key: string, replicas: number): Pass {
  return passOver(
    withEach(snapshot, (one) =>
      one.key === key ? { ...one, ...still, replicas: Math.min(one.replicas, replicas) } : one,
    ),
  );
}

/** Hosts give up everything, as fast as the move budgets go; what has no other place stays unplaced, and is told. */
export function drain(snapshot: Snapshot, hosts: readonly Place[]): Pass {
  const paths = new Set(hosts.map(({ cluster, host }) => `${cluster}/${host}`));
  return passOver({
    ...snapshot,
    // A host that serves nobody may keep nothing, and no toleration bears that.
    hosts: snapshot.hosts.map((host) => (paths.has(`${host.cluster}/${host.name}`) ? { ...host, lattices: [] } : host)),
  });
}

const still: Pick<Distribution, 'converge'> = { converge: false };

const withEach = (snapshot: Snapshot, change: (one: Distribution) => Distribution): Snapshot => ({
  ...snapshot,
  distributions: snapshot.distributions.map(change),
});

function passOver(snapshot: Snapshot): Pass {
  const plan = place(snapshot);
  return {
    plan,
    moves: movesOf(snapshot, plan),
    unplaced: plan.distributions.flatMap(({ key, unplaced }) => unplaced.map((one) => ({ key, ...one }))),
    skew: plan.distributions.flatMap(({ key, skew }) => skew.map((one) => ({ key, ...one }))),
    lowerBound: plan.distributions.reduce((sum, { moves }) => sum + moves.lowerBound, 0),
  };
}
