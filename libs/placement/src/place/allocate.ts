import { mix } from '../model/hash.ts';
import { fillInOrder } from '../apportion/in-order.ts';
import { pack, unpack } from '../apportion/pack.ts';
import { waterFill, type Numbers, type Rank } from '../apportion/water-fill.ts';
import { webster } from '../apportion/webster.ts';
import { childBounds, spreadWeights, type Figures } from './bounds.ts';
import type { Branch, Leaf, Node, Tree } from './tree.ts';

/** What to divide over a tree. Hosts are given by position in the tree. */
export interface Request {
  readonly tree: Tree;
  /** Replicas wanted. */
  readonly total: number;
  /** Hash of the distribution's key: ties break by it and the domain. */
  readonly seed: number;
  /** What stands and stays. */
  readonly held: ReadonlyMap<number, number>;
  /** How many more a host could take. */
  readonly room: (position: number) => number;
  /** How busy a host is: among equals the idlest host is taken. */
  readonly load: (position: number) => number;
  /** Constraints taken as absent, to find out what stands in the way. */
  readonly without?: ReadonlySet<'spread' | 'tiers'>;
}

export interface Allocation {
  /** By position; without zeros. */
  readonly counts: ReadonlyMap<number, number>;
  readonly placed: number;
  readonly figures: Figures;
}

/**
 * Divides replicas down the tree. More than held: nothing that stands is touched and the rest is added where it is most due.
 * Less than held: only taken away, where there is most too much. So a repair moves nothing and a change of scale moves nothing.
 */
export function allocate(request: Request): Allocation {
  const { tree, seed, without } = request;
  const figures = measure(request);
  const { held, room, frozen, holding, capacity, floor } = figures;
  /** Largest number each node was ever asked for: Webster shares under Block are shares of that. */
  const asked = new Float64Array(tree.size);
  const counts = new Float64Array(tree.hosts.length);
  const placed = give(tree.root, request.total);
  return { counts: sparse(counts), placed, figures };

  /** Writes the counts of a node's hosts; returns their sum, which is short of `wanted` where bounds forbid more. */
  function give(node: Node, wanted: number): number {
    asked[node.id] = Math.max(asked[node.id] ?? 0, wanted);
    if (node.kind === 'Leaf') return giveHosts(node, wanted);
    return wanted < (holding[node.id] ?? 0) ? takeAway(node, wanted) : add(node, wanted);
  }

  function add(branch: Branch, wanted: number): number {
    const { children } = branch;
    const lo = children.map((child) => holding[child.id] ?? 0);
    // A child may place less than its bound promised (shares of a share): then it is full at that, and the rest is dealt again.
    for (let round = 0; ; round++) {
      const hi = childBounds(branch, figures, asked[branch.id] ?? 0, seed, without);
      const shares = divide(branch, wanted, lo, hi);
      const given = children.map((child, i) => give(child, shares[i] ?? 0));
      const short = children.filter((_, i) => (given[i] ?? 0) < (shares[i] ?? 0));
      if (short.length === 0 || round === children.length) return given.reduce((a, b) => a + b, 0);
      for (const [i, child] of children.entries()) if (short.includes(child)) capacity[child.id] = given[i] ?? 0;
    }
  }

  function takeAway(branch: Branch, wanted: number): number {
    const { children } = branch;
    const lo = children.map((child) => floor[child.id] ?? 0);
    const hi = children.map((child) => holding[child.id] ?? 0);
    const rank = rankOf(branch);
    const shares =
      branch.rule.kind === 'Packed'
        ? unpack(wanted, lo, hi, rank)
        : branch.rule.kind === 'Ordered'
          ? fillInOrder(wanted, lo, hi)
          : divide(branch, wanted, lo, hi);
    return children.reduce((sum, child, i) => sum + give(child, shares[i] ?? 0), 0);
  }

  function divide(branch: Branch, wanted: number, lo: Numbers, hi: Numbers): number[] {
    const rank = rankOf(branch);
    switch (branch.rule.kind) {
      case 'Even':
        return waterFill(wanted, lo, hi, rank);
      case 'Packed':
        return pack(wanted, lo, hi, rank);
      case 'Ordered':
        return fillInOrder(wanted, lo, hi);
      case 'Spread': {
        if (without?.has('spread') === true) return waterFill(wanted, lo, hi, rank);
        const weights = spreadWeights(branch.rule.entry, branch.children);
        const fill = (total: number, from: Numbers, to: Numbers): number[] =>
          weights === undefined ? waterFill(total, from, to, rank) : webster(total, weights, from, to, rank);
        // Minima come first; if they do not all fit, they are shared like everything else.
        const { min } = branch.rule.entry;
        const base = Array.from(lo, (from, i) => Math.max(from, Math.min(min, hi[i] ?? 0)));
        const needed = base.reduce((a, b) => a + b, 0);
        return min > 0 && needed >= wanted ? fill(wanted, lo, base) : fill(wanted, base, hi);
      }
    }
  }

  function giveHosts({ start, end, packed }: Leaf, wanted: number): number {
    const standing = held.subarray(start, end);
    const now = standing.reduce((a, b) => a + b, 0);
    const rank: Rank = (i) => request.load(start + i) * 2 ** 32 + mix(seed, tree.hosts[start + i]?.seed ?? 0);
    let result: number[];
    if (wanted < now) {
      const lo = frozen.subarray(start, end);
      result = packed ? unpack(wanted, lo, standing, rank) : waterFill(wanted, lo, standing, rank);
    } else {
      const hi = standing.map((count, i) => count + (room[start + i] ?? 0));
      result = packed ? pack(wanted, standing, hi, rank) : waterFill(wanted, standing, hi, rank);
    }
    let sum = 0;
    for (const [i, count] of result.entries()) {
      counts[start + i] = count;
      sum += count;
    }
    return sum;
  }

  function rankOf(branch: Branch): Rank {
    return (i) => mix(seed, branch.children[i]?.seed ?? 0);
  }
}

/** Sums what is held and what fits, from the hosts up. */
export function measure(request: Request): Figures {
  const { tree, seed, without } = request;
  const hosts = tree.hosts.length;
  const figures: Figures = {
    held: new Float64Array(hosts),
    room: new Float64Array(hosts),
    frozen: new Float64Array(hosts),
    holding: new Float64Array(tree.size),
    capacity: new Float64Array(tree.size),
    floor: new Float64Array(tree.size),
  };
  for (const [position, count] of request.held) {
    figures.held[position] = count;
    if (tree.frozen[position] === true) figures.frozen[position] = count;
  }
  for (let position = 0; position < hosts; position++)
    if (tree.open[position] === true) figures.room[position] = Math.min(request.room(position), MOST);
  sumUp(tree.root);
  return figures;

  function sumUp(node: Node): void {
    let holding = 0;
    let floor = 0;
    let capacity = 0;
    if (node.kind === 'Leaf') {
      for (let i = node.start; i < node.end; i++) {
        holding += figures.held[i] ?? 0;
        floor += figures.frozen[i] ?? 0;
        capacity += (figures.held[i] ?? 0) + (figures.room[i] ?? 0);
      }
    } else {
      for (const child of node.children) {
        sumUp(child);
        holding += figures.holding[child.id] ?? 0;
        floor += figures.floor[child.id] ?? 0;
      }
      capacity = childBounds(node, figures, undefined, seed, without).reduce((a, b) => a + b, 0);
    }
    figures.holding[node.id] = holding;
    figures.floor[node.id] = floor;
    figures.capacity[node.id] = capacity;
  }
}

/** Stands for "no bound" without making sums infinite. */
const MOST = 1e9;

function sparse(counts: Float64Array): Map<number, number> {
  const result = new Map<number, number>();
  for (const [position, count] of counts.entries()) if (count > 0) result.set(position, count);
  return result;
}
