import { mix } from '../model/hash.ts';
import { fillInOrder } from '../apportion/in-order.ts';
import { pack, unpack } from '../apportion/pack.ts';
import { waterFill, type Numbers, type Rank } from '../apportion/water-fill.ts';
import { webster } from '../apportion/webster.ts';
import { childBounds, spreadWeights } from './bounds.ts';
import { measure } from './figures.ts';
import type { Rooms } from './rooms.ts';
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
  /** How many more a host could take that has none of this distribution. */
  readonly rooms: Rooms;
  /** How many more the other hosts could take. */
  readonly exceptions: ReadonlyMap<number, number>;
  /** How busy a host is: among equals the idlest host is taken. */
  readonly load: (position: number) => number;
  /** Where replicas are now that may be moved: among equals, a place that has one is taken. */
  readonly liked?: ReadonlyMap<number, number>;
  /** Constraints taken as absent, to find out what stands in the way. */
  readonly without?: ReadonlySet<'spread' | 'tiers'>;
}

export interface Allocation {
  /** By position; without zeros. */
  readonly counts: ReadonlyMap<number, number>;
  readonly placed: number;
}

/**
 * Divides replicas down the tree. More than held: nothing that stands is touched and the rest is added where it is most due.
 * Less than held: only taken away, where there is most too much. So a repair moves nothing and a change of scale moves nothing.
 */
export function allocate(request: Request): Allocation {
  const { tree, seed, without, rooms, exceptions } = request;
  const { holding, capacity, floor } = measure(request);
  const figures = { holding, capacity, floor };
  const liked = likesOf(request);
  /** Largest number each node was ever asked for: Webster shares under Block are shares of that. */
  const asked = new Float64Array(tree.size);
  const counts = new Map(request.held);
  /** Nodes below which counts are no longer what is held. */
  const dealt = new Set<number>();
  const placed = give(tree.root, request.total);
  return { counts, placed };

  /** Writes the counts of a node's hosts; returns their sum, which is short of `wanted` where bounds forbid more. */
  function give(node: Node, wanted: number): number {
    asked[node.id] = Math.max(asked[node.id] ?? 0, wanted);
    const now = holding[node.id] ?? 0;
    if (wanted === now) return keep(node);
    dealt.add(node.id);
    if (node.kind === 'Leaf') return giveHosts(node, wanted);
    return wanted < now ? takeAway(node, wanted) : add(node, wanted);
  }

  /** What a node holds is right. If it was dealt more before, in a round that was given up, that is undone. */
  function keep(node: Node): number {
    if (!dealt.has(node.id)) return holding[node.id] ?? 0;
    if (node.kind === 'Leaf') return giveHosts(node, holding[node.id] ?? 0);
    return node.children.reduce((sum, child) => sum + keep(child), 0);
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

  function giveHosts({ id, start, end, packed }: Leaf, wanted: number): number {
    const size = end - start;
    const standing = new Float64Array(size);
    const least = new Float64Array(size);
    const most = rooms.at.slice(start, end);
    for (const [position, room] of exceptions) if (position >= start && position < end) most[position - start] = room;
    for (const [position, held] of request.held) {
      if (position < start || position >= end) continue;
      const i = position - start;
      standing[i] = held;
      most[i] = (most[i] ?? 0) + held;
      if (tree.frozen[position] === true) least[i] = held;
    }
    const rank: Rank = (i, seat) =>
      request.load(start + i) - liked.at(start + i, seat) + mix(seed, tree.seeds[start + i] ?? 0) / 2 ** 32;
    const result =
      wanted < (holding[id] ?? 0)
        ? (packed ? unpack : waterFill)(wanted, least, standing, rank)
        : (packed ? pack : waterFill)(wanted, standing, most, rank);
    let sum = 0;
    for (const [i, count] of result.entries()) {
      if (count > 0) counts.set(start + i, count);
      else counts.delete(start + i);
      sum += count;
    }
    return sum;
  }

  function rankOf(branch: Branch): Rank {
    return (i, seat) => {
      const child = branch.children[i];
      return child === undefined ? 0 : mix(seed, child.seed) / 2 ** 32 - liked.in(child.id, seat);
    };
  }
}

/** How much a rank is lowered where the seat is taken now: it outweighs every load. */
function likesOf({ tree, liked }: Request): Record<'at' | 'in', (place: number, seat: number) => number> {
  if (liked === undefined) return { at: () => 0, in: () => 0 };
  const sums = new Float64Array(tree.size);
  for (const [position, count] of liked) {
    const leaf = tree.leaves[position] ?? 0;
    sums[leaf] = (sums[leaf] ?? 0) + count;
  }
  const sumUp = (node: Node): number => {
    if (node.kind === 'Branch') sums[node.id] = node.children.reduce((sum, child) => sum + sumUp(child), 0);
    return sums[node.id] ?? 0;
  };
  sumUp(tree.root);
  return {
    at: (position, seat) => ((liked.get(position) ?? 0) >= seat ? LIKED : 0),
    in: (node, seat) => ((sums[node] ?? 0) >= seat ? LIKED : 0),
  };
}

const LIKED = 32;
