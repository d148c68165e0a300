import { assign, type Supply } from '../apportion/assign.ts';
import { wadmCounts } from '../apportion/wadm.ts';
import { webster } from '../apportion/webster.ts';
import type { Distribution } from '../model/distribution.ts';
import { matchesAll } from '../filter/term.ts';
import { Holding, holdingOf } from './holding.ts';
import type { HostView, Inventory } from './inventory.ts';
import type { Shape } from './shape.ts';
import type { Standing } from './standing.ts';
import type { Tree } from './tree.ts';

/** Replicas that are divided over one tree: all of a distribution, or those of one of its groups. */
export interface Pool {
  readonly group: string | undefined;
  readonly tree: Tree;
  readonly want: number;
  /** Replaced whenever the pool is allocated anew. */
  held: Holding;
  /** Most that a host may hold of this pool, by position: a daemon's number. */
  readonly quota: ((position: number) => number) | undefined;
}

/** The pools of a distribution with what stands dealt to them. */
export function makePools(distribution: Distribution, shape: Shape, standing: Standing, inventory: Inventory): Pool[] {
  if (distribution.mode === 'Daemon')
    return shape.trees.map((tree) => daemonPool(distribution, tree, standing, inventory));
  const { groups, replicas } = distribution;
  const total = Math.max(0, replicas - standing.outside.sum);
  const [tree] = shape.trees;
  if (groups.length === 0 && tree !== undefined) {
    const pool: Pool = { group: undefined, tree, want: total, held: standing.inside, quota: undefined };
    const frozen = frozenIn(pool);
    return [frozen <= total ? pool : { ...pool, want: frozen }];
  }
  const wants = wadmCounts(replicas, weightsOf(distribution));
  const pools = dealt(wants);
  // What is frozen in one group, or stands where no group reaches, is taken off the others in proportion.
  const least = pools.map(frozenIn);
  if (least.every((frozen, i) => frozen <= (wants[i] ?? 0)) && sum(wants) <= total) return scarcestFirst(pools);
  const most = wants.map((want, i) => Math.max(want, least[i] ?? 0));
  return scarcestFirst(dealt(webster(total, wants, least, most, (i) => i)));

  function dealt(counts: readonly number[]): Pool[] {
    const made = shape.trees.map((tree, i): Pool => ({
      group: groups[i]?.name,
      tree,
      want: counts[i] ?? 0,
      held: Holding.none,
      quota: undefined,
    }));
    deal(scarcestFirst(made), standing.inside);
    return made;
  }
}

/** The group with the fewest hosts comes first: the others have somewhere else to go. */
const scarcestFirst = (pools: readonly Pool[]): Pool[] =>
  pools.toSorted((a, b) => a.tree.indices.length - b.tree.indices.length);

const weightsOf = ({ groups }: Distribution): number[] => groups.map(({ weight }) => weight);

/** Replicas of a pool that can neither grow nor go. */
export function frozenIn({ tree, held }: Pool): number {
  if (!tree.hasFrozen) return 0;
  let frozen = 0;
  for (const [host, count] of held) if (tree.frozen[tree.positions[host] ?? -1] === 1) frozen += count;
  return frozen;
}

/**
 * Deals what stands on the hosts to the pools. Groups may overlap, and a host keeps one number for all of them:
 * as many replicas as can serve some group are dealt so that they do.
 */
export function deal(pools: readonly Pool[], standing: Holding): void {
  const [only] = pools;
  if (only !== undefined && pools.length === 1) {
    only.held = standing;
    return;
  }
  if (standing.size === 0) {
    for (const pool of pools) pool.held = standing;
    return;
  }
  const classes = supplyClasses(pools, standing);
  const flow = assign(
    classes,
    pools.map(({ want }) => want),
  );
  const held = pools.map((): [host: number, count: number][] => []);
  for (const [c, { serves, hosts, counts }] of classes.entries()) {
    const served = flow[c] ?? [];
    for (const [h, host] of hosts.entries()) {
      let rest = counts[h] ?? 0;
      for (const i of serves) {
        const count = Math.min(rest, served[i] ?? 0);
        served[i] = (served[i] ?? 0) - count;
        rest -= count;
        held[i]?.push([host, count]);
      }
      // What serves no group is surplus: the first group that it may belong to will take it away.
      held[serves[0] ?? -1]?.push([host, rest]);
    }
  }
  for (const [i, pool] of pools.entries()) pool.held = holdingOf(held[i] ?? []);
}

/** Hosts whose replicas can serve the same pools. */
interface SupplyClass extends Supply {
  amount: number;
  readonly hosts: number[];
  readonly counts: number[];
}

/** In the order of their first hosts; what is frozen comes first, since it stays whatever is decided. */
function supplyClasses(pools: readonly Pool[], standing: Holding): SupplyClass[] {
  const frozen = new Map<string, SupplyClass>();
  const movable = new Map<string, SupplyClass>();
  for (const [host, count] of standing) {
    const serves: number[] = [];
    let isFrozen = false;
    for (const [i, { tree }] of pools.entries()) {
      const position = tree.positions[host] ?? -1;
      if (position >= 0) serves.push(i);
      isFrozen ||= tree.frozen[position] === 1;
    }
    const classes = isFrozen ? frozen : movable;
    const key = serves.join();
    let known = classes.get(key);
    if (known === undefined) classes.set(key, (known = { amount: 0, serves, hosts: [], counts: [] }));
    known.amount += count;
    known.hosts.push(host);
    known.counts.push(count);
  }
  return [...frozen.values(), ...movable.values()];
}

/** A daemon wants its number on every open host, once for each group that the host matches, as wadm counts. */
function daemonPool(distribution: Distribution, tree: Tree, standing: Standing, { hosts }: Inventory): Pool {
  const quotas = Float64Array.from(tree.indices, (index) => {
    const host = hosts[index];
    return host === undefined ? 0 : daemonQuota(distribution, host);
  });
  const held: [host: number, count: number][] = [];
  let want = 0;
  for (const [position, quota] of quotas.entries()) {
    const host = tree.indices[position] ?? -1;
    const stands = standing.inside.get(host);
    const isFixed = distribution.suspended || tree.frozen[position] === 1;
    const stays = isFixed ? stands : Math.min(stands, quota);
    held.push([host, stays]);
    want += tree.open[position] === 1 ? quota : stays;
  }
  return { group: undefined, tree, want, held: holdingOf(held), quota: (position) => quotas[position] ?? 0 };
}

function daemonQuota({ groups, replicas, maxPerHost }: Distribution, host: HostView): number {
  const matching = groups.filter((group) => matchesAll(group.requirements, host.labels)).length;
  return Math.min(maxPerHost, replicas * (groups.length === 0 ? 1 : matching));
}

const sum = (numbers: Iterable<number>): number => {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
};
