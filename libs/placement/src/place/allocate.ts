import { mix } from '../model/hash.ts';
import { fillInOrder } from '../apportion/in-order.ts';
import { pack, unpack } from '../apportion/pack.ts';
import { waterFillInto, type Rank } from '../apportion/water-fill.ts';
import { websterInto } from '../apportion/webster.ts';
import { childBounds, type Without } from './bounds.ts';
import { measure, type FigureShelf } from './figures.ts';
import { chooseHosts } from './leaf.ts';
import { likesOf } from './likes.ts';
import type { Exceptions, Rooms } from './rooms.ts';
import type { Tree } from './tree.ts';

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
  readonly exceptions: Exceptions;
  /** By number of the host, how busy it is: among equals the idlest host is taken. */
  readonly loads: Int32Array;
  /** Where replicas are now that may be moved: among equals, a place that has one is taken. */
  readonly liked?: ReadonlyMap<number, number> | undefined;
  /** Constraints taken as absent, to find out what stands in the way. */
  readonly without?: Without | undefined;
  readonly shelf: FigureShelf;
}

export interface Allocation {
  /** By position; without zeros. */
  readonly counts: Map<number, number>;
  readonly placed: number;
}

/**
 * Divides replicas down the tree. More than held: nothing that stands is touched and the rest is added where it is most due.
 * Less than held: only taken away, where there is most too much. So a repair moves nothing and a change of scale moves nothing.
 * Resource allocation under nested bounds (Federgruen and Groenevelt 1986), a family at a time:
 * O(nodes + children of the nodes that get something + hosts of the leaves that do), independent of the number of replicas.
 */
export function allocate(request: Request): Allocation {
  return request.rooms.during(request.exceptions, () => divideAll(request));
}

function divideAll(request: Request): Allocation {
  const { tree, seed, without, held } = request;
  const { first, families } = tree;
  const figures = measure(request);
  const { holding, capacity, floor, asked, dealt, share } = figures;
  const liked = likesOf(request);
  const counts = new Map(held);
  for (const [position, count] of held) figures.standing[position] = count;
  const rankOf: Rank = (node, seat) => mix(seed, tree.nodeSeeds[node] ?? 0) / 2 ** 32 - (liked?.in(node, seat) ?? 0);
  const placed = give(0, request.total);
  for (const position of held.keys()) figures.standing[position] = 0;
  return { counts, placed };

  /** Writes the counts of a node's hosts; returns their sum, which is short of `wanted` where bounds forbid more. */
  function give(node: number, wanted: number): number {
    if (wanted > (asked[node] ?? 0)) asked[node] = wanted;
    const now = holding[node] ?? 0;
    if (wanted === now) return dealt[node] === 1 ? undo(node) : now;
    const again = dealt[node] === 1;
    dealt[node] = 1;
    if (tree.isLeaf(node)) return chooseHosts({ request, figures, liked, counts, again }, node, wanted);
    return wanted < now ? takeAway(node, wanted) : add(node, wanted);
  }

  /** What a node holds is right, and it was dealt more before, in a round that was given up. */
  function undo(node: number): number {
    const now = holding[node] ?? 0;
    if (dealt[node] === 0) return now;
    if (tree.isLeaf(node)) return chooseHosts({ request, figures, liked, counts, again: true }, node, now);
    const start = first[node] ?? 0;
    for (let child = start; child < start + (families[node] ?? 0); child++) undo(child);
    return now;
  }

  function add(branch: number, wanted: number): number {
    const start = first[branch] ?? 0;
    const end = start + (families[branch] ?? 0);
    // A child may place less than its bound promised (shares of a share): then it is full at that, and the rest is dealt again.
    for (let round = start; ; round++) {
      const hi = childBounds(tree, branch, figures, asked[branch] ?? 0, seed, without);
      divide(branch, wanted, holding, hi);
      let sum = 0;
      let isShort = false;
      for (let child = start; child < end; child++) {
        const due = share[child] ?? 0;
        const given = give(child, due);
        sum += given;
        if (given >= due) continue;
        isShort = true;
        capacity[child] = given;
      }
      if (!isShort || round === end) return sum;
    }
  }

  function takeAway(branch: number, wanted: number): number {
    const start = first[branch] ?? 0;
    const end = start + (families[branch] ?? 0);
    if (tree.rules[branch]?.kind === 'Packed') {
      const rank: Rank = (i, seat) => rankOf(start + i, seat);
      share.set(unpack(wanted, floor.subarray(start, end), holding.subarray(start, end), rank), start);
    } else {
      divide(branch, wanted, floor, holding);
    }
    let sum = 0;
    for (let child = start; child < end; child++) sum += give(child, share[child] ?? 0);
    return sum;
  }

  /** What is left after the children before it is asked of a child, even if it has no room for that: shares are shares of it. */
  function divideInOrder(start: number, end: number, wanted: number, lo: Float64Array, hi: Float64Array): void {
    share.set(fillInOrder(wanted, lo.subarray(start, end), hi.subarray(start, end)), start);
    let left = wanted;
    for (let child = start; child < end; child++) {
      if (left > (asked[child] ?? 0)) asked[child] = left;
      left -= share[child] ?? 0;
    }
  }

  /** Writes what each child of a branch is due. */
  function divide(branch: number, wanted: number, lo: Float64Array, hi: Float64Array): void {
    const start = first[branch] ?? 0;
    const end = start + (families[branch] ?? 0);
    const rule = tree.rules[branch];
    switch (rule?.kind) {
      case undefined:
        return;
      case 'Even':
        return waterFillInto(share, wanted, lo, hi, { start, end }, rankOf);
      case 'Packed': {
        const rank: Rank = (i, seat) => rankOf(start + i, seat);
        return share.set(pack(wanted, lo.subarray(start, end), hi.subarray(start, end), rank), start);
      }
      case 'Ordered':
        return divideInOrder(start, end, wanted, lo, hi);
      case 'Spread': {
        const weights = without?.has('spread') === true ? undefined : rule.weights;
        const min = without?.has('spread') === true ? 0 : rule.entry.min;
        const fill = (total: number, from: Float64Array, to: Float64Array): void =>
          weights === undefined
            ? waterFillInto(share, total, from, to, { start, end }, rankOf)
            : websterInto(share, total, weights, from, to, { start, end }, rankOf);
        if (min === 0) return fill(wanted, lo, hi);
        // Minima come first; if they do not all fit, they are shared like everything else.
        const base = lo.map((from, i) => (i < start || i >= end ? from : Math.max(from, Math.min(min, hi[i] ?? 0))));
        const needed = base.subarray(start, end).reduce((a, b) => a + b, 0);
        return needed >= wanted ? fill(wanted, lo, base) : fill(wanted, base, hi);
      }
    }
  }
}
