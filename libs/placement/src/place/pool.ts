import { assign, type Supply } from '../apportion/assign.ts';
import { wadmCounts } from '../apportion/wadm.ts';
import { webster } from '../apportion/webster.ts';
import type { Distribution } from '../model/distribution.ts';
import { matchesAll } from '../filter/term.ts';
import type { HostView } from './inventory.ts';
import type { Shape } from './shape.ts';
import type { Standing } from './standing.ts';
import type { Tree } from './tree.ts';

/** Replicas that are divided over one tree: all of a distribution, or those of one of its groups. */
export interface Pool {
  readonly group: string | undefined;
  readonly tree: Tree;
  readonly want: number;
  /** By position in the tree. Replaced whenever the pool is allocated anew. */
  held: ReadonlyMap<number, number>;
  /** Most that a host may hold of this pool, by position: a daemon's number. */
  readonly quota: ((position: number) => number) | undefined;
}

/** The pools of a distribution with what stands dealt to them. */
export function makePools(distribution: Distribution, shape: Shape, standing: Standing): Pool[] {
  if (distribution.mode === 'Daemon') return shape.trees.map((tree) => daemonPool(distribution, tree, standing));
  const outside = sum(standing.outside.values());
  const [only] = shape.trees;
  if (distribution.groups.length === 0) {
    if (only === undefined) return [];
    const want = Math.max(0, distribution.replicas - outside);
    return [{ group: undefined, tree: only, want, held: byPosition(only, standing.inside), quota: undefined }];
  }
  const wants = groupWants(distribution, outside);
  const held = dealToGroups(shape, standing, wants);
  const pools = distribution.groups.flatMap((group, i) => {
    const tree = shape.trees[i];
    if (tree === undefined) return [];
    return [{ group: group.name, tree, want: wants[i] ?? 0, held: byPosition(tree, held[i]), quota: undefined }];
  });
  // The group with the fewest hosts chooses first: the others have somewhere else to go.
  return pools.toSorted((a, b) => a.tree.hosts.length - b.tree.hosts.length);
}

/** wadm's counts; what stands where no group reaches is taken off in proportion. */
function groupWants({ groups, replicas }: Distribution, outside: number): number[] {
  const wants = wadmCounts(
    replicas,
    groups.map((group) => group.weight),
  );
  if (outside === 0) return wants;
  const none = wants.map(() => 0);
  return webster(Math.max(0, replicas - outside), wants, none, wants, (i) => i);
}

/** Groups may overlap, and a host keeps one number for all: as many replicas as can serve some group are dealt so that they do. */
function dealToGroups(shape: Shape, standing: Standing, wants: readonly number[]): Map<number, number>[] {
  const hosts = [...standing.inside].toSorted(([a], [b]) => a - b);
  const supplies: Supply[] = hosts.map(([host, amount]) => ({
    amount,
    serves: shape.trees.flatMap((tree, i) => ((tree.positions[host] ?? -1) >= 0 ? [i] : [])),
  }));
  const flow = assign(supplies, wants);
  const held = wants.map(() => new Map<number, number>());
  for (const [s, [host, amount]] of hosts.entries()) {
    const served = flow[s] ?? [];
    for (const [group, count] of served.entries()) if (count > 0) held[group]?.set(host, count);
    // What serves no group is surplus: the first group that it may belong to will take it away.
    const surplus = amount - sum(served);
    const first = supplies[s]?.serves[0];
    if (surplus > 0 && first !== undefined) held[first]?.set(host, (held[first].get(host) ?? 0) + surplus);
  }
  return held;
}

/** A daemon wants its number on every open host, once for each group that the host matches, as wadm counts. */
function daemonPool(distribution: Distribution, tree: Tree, standing: Standing): Pool {
  const quotas = tree.hosts.map((host) => daemonQuota(distribution, host));
  const held = new Map<number, number>();
  let want = 0;
  for (const [position, quota] of quotas.entries()) {
    const stands = standing.inside.get(tree.hosts[position]?.index ?? -1) ?? 0;
    const stays = tree.frozen[position] === true ? stands : Math.min(stands, quota);
    if (stays > 0) held.set(position, stays);
    want += tree.open[position] === true ? quota : stays;
  }
  return { group: undefined, tree, want, held, quota: (position) => quotas[position] ?? 0 };
}

function daemonQuota({ groups, replicas, maxPerHost }: Distribution, host: HostView): number {
  const matching = groups.filter((group) => matchesAll(group.requirements, host.labels)).length;
  return Math.min(maxPerHost, replicas * (groups.length === 0 ? 1 : matching));
}

function byPosition(tree: Tree, byHost: ReadonlyMap<number, number> | undefined): Map<number, number> {
  const held = new Map<number, number>();
  for (const [host, count] of byHost ?? []) {
    const position = tree.positions[host] ?? -1;
    if (position >= 0) held.set(position, count);
  }
  return held;
}

const sum = (numbers: Iterable<number>): number => {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
};
