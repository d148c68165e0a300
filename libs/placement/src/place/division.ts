import { fillInOrder } from '../apportion/in-order.ts';
import { pack, unpack } from '../apportion/pack.ts';
import { waterFillInto, type Rank } from '../apportion/water-fill.ts';
import { websterInto } from '../apportion/webster.ts';
import { mix } from '../model/hash.ts';
import type { Request } from './allocate.ts';
import { childBounds } from './bounds.ts';
import { measure, type Figures } from './figures.ts';
import { HoldingList, type Holding } from './holding.ts';
import { chooseHosts } from './leaf.ts';
import { likesOf, type Likes } from './likes.ts';

/** One allocation under way. */
export class Division {
  readonly request: Request;
  readonly figures: Figures;
  readonly liked: Likes | undefined;
  readonly #rank: Rank;

  constructor(request: Request) {
    const { tree, seed, held } = request;
    this.request = request;
    const figures = measure(request);
    this.figures = figures;
    const liked = likesOf(request);
    this.liked = liked;
    const { nodeSeeds, positions } = tree;
    // Among equals, a node that stays level inside comes before one that would not. Small whole numbers cost least.
    this.#rank = (node, seat) => {
      // A first seat leaves every node level.
      const order = (mix(seed, nodeSeeds[node] ?? 0) >>> 2) + (seat > 1 && seat > this.#levelOf(node) ? 2 ** 30 : 0);
      return liked === undefined ? order : order / 2 ** 30 - liked.in(node, seat);
    };
    const { standing } = figures;
    for (let i = 0; i < held.hosts.length; i++) standing[positions[held.hosts[i] ?? -1] ?? -1] = held.counts[i] ?? 0;
  }

  /** Decides the counts of a node's hosts; returns their sum, which is short of `wanted` where bounds forbid more. */
  give(node: number, wanted: number): number {
    const { asked, holding, dealt } = this.figures;
    if (wanted > (asked[node] ?? 0)) asked[node] = wanted;
    const now = holding[node] ?? 0;
    if (wanted === now) return dealt[node] === 1 ? this.#undo(node) : now;
    const again = dealt[node] === 1;
    dealt[node] = 1;
    if (this.request.tree.isLeaf(node)) return chooseHosts(this, node, wanted, again);
    return wanted < now ? this.#takeAway(node, wanted) : this.#add(node, wanted);
  }

  /** Most that a node can hold while its children stay as level as their rule wants: Σ min(c, min c + maxSkew). */
  #levelOf(node: number): number {
    const { tree } = this.request;
    const { level, capacity } = this.figures;
    const known = level[node] ?? -1;
    if (known >= 0) return known;
    const rule = tree.rules[node];
    let most = Infinity;
    if (rule?.kind === 'Even' || (rule?.kind === 'Spread' && rule.weights === undefined)) {
      const start = tree.first[node] ?? 0;
      const end = start + (tree.families[node] ?? 0);
      let least = Infinity;
      for (let child = start; child < end; child++)
        if ((tree.eligible[child] ?? 0) > 0) least = Math.min(least, capacity[child] ?? 0);
      const top = least + (rule.kind === 'Spread' ? rule.entry.maxSkew : 1);
      most = 0;
      for (let child = start; child < end; child++) most += Math.min(capacity[child] ?? 0, top);
    }
    level[node] = most;
    return most;
  }

  /** What is decided. Nothing may be asked of the division after that. */
  result(): Holding {
    const { tree, held } = this.request;
    const { standing, touched, now } = this.figures;
    const { positions, indices } = tree;
    const more: number[] = [];
    let isSame = true;
    for (let i = 0; i < touched.length; i++) {
      const position = touched[i] ?? -1;
      const stood = standing[position] ?? 0;
      const count = now[position] ?? 0;
      if (stood !== count) isSame = false;
      if (stood === 0 && count > 0) more.push(indices[position] ?? -1);
    }
    for (let i = 0; i < held.size; i++) standing[positions[held.hosts[i] ?? -1] ?? -1] = 0;
    return isSame ? held : this.#merge(ascending(more));
  }

  /** What is held, with what was dealt in the place of what stood, and the hosts that had none before. */
  #merge(more: readonly number[]): Holding {
    const { tree, held } = this.request;
    const { positions } = tree;
    const { figures } = this;
    const list = new HoldingList();
    let i = 0;
    let j = 0;
    while (i < held.size || j < more.length) {
      const left = held.hosts[i] ?? Infinity;
      const right = more[j] ?? Infinity;
      const host = left < right ? left : right;
      const position = positions[host] ?? -1;
      const stood = left < right ? (held.counts[i++] ?? 0) : 0;
      if (host === right) j += 1;
      const count = figures.isTouched(position) ? (figures.now[position] ?? 0) : stood;
      list.add(host, count);
    }
    return list.holding();
  }

  /** What a node holds is right, and it was dealt more before, in a round that was given up. */
  #undo(node: number): number {
    const { tree } = this.request;
    const { holding, dealt } = this.figures;
    const now = holding[node] ?? 0;
    if (dealt[node] === 0) return now;
    if (tree.isLeaf(node)) return chooseHosts(this, node, now, true);
    const start = tree.first[node] ?? 0;
    const end = start + (tree.families[node] ?? 0);
    for (let child = start; child < end; child++) this.#undo(child);
    return now;
  }

  #add(branch: number, wanted: number): number {
    const { tree, seed, without } = this.request;
    const { figures } = this;
    const { asked, holding, share, capacity } = figures;
    const start = tree.first[branch] ?? 0;
    const end = start + (tree.families[branch] ?? 0);
    // A child may place less than its bound promised (shares of a share): then it is full at that, and the rest is dealt again.
    for (let round = start; ; round++) {
      const hi = tree.isPlain
        ? capacity
        : childBounds(tree, branch, figures, asked[branch] ?? 0, seed, without, this.liked);
      this.#divide(branch, wanted, holding, hi);
      let sum = 0;
      let isShort = false;
      for (let child = start; child < end; child++) {
        const due = share[child] ?? 0;
        const given = this.give(child, due);
        sum += given;
        if (given >= due) continue;
        isShort = true;
        capacity[child] = given;
      }
      if (!isShort || round === end) return sum;
    }
  }

  #takeAway(branch: number, wanted: number): number {
    const { tree } = this.request;
    const { holding, floor, share } = this.figures;
    const start = tree.first[branch] ?? 0;
    const end = start + (tree.families[branch] ?? 0);
    if (tree.rules[branch]?.kind === 'Packed') {
      const rank: Rank = (i, seat) => this.#rank(start + i, seat);
      share.set(unpack(wanted, floor.subarray(start, end), holding.subarray(start, end), rank), start);
    } else {
      this.#divide(branch, wanted, floor, holding);
    }
    let sum = 0;
    for (let child = start; child < end; child++) sum += this.give(child, share[child] ?? 0);
    return sum;
  }

  /** Writes what each child of a branch is due. */
  #divide(branch: number, wanted: number, lo: Float64Array, hi: Float64Array): void {
    const { tree, without } = this.request;
    const { share } = this.figures;
    const start = tree.first[branch] ?? 0;
    const end = start + (tree.families[branch] ?? 0);
    const rule = tree.rules[branch];
    switch (rule?.kind) {
      case undefined:
        return;
      case 'Even':
        return waterFillInto(share, wanted, lo, hi, start, end, this.#rank);
      case 'Packed':
        return this.#pack(start, end, wanted, lo, hi);
      case 'Ordered':
        return this.#divideInOrder(start, end, wanted, lo, hi);
      case 'Spread': {
        const isFree = without?.has('spread') === true;
        const min = isFree ? 0 : rule.entry.min;
        const weights = isFree ? undefined : rule.weights;
        if (min === 0) return this.#fill(start, end, wanted, weights, lo, hi);
        // Minima come first; if they do not all fit, they are shared like everything else.
        const base = raised(lo, min, hi, start, end);
        const needed = base.subarray(start, end).reduce((a, b) => a + b, 0);
        return needed >= wanted
          ? this.#fill(start, end, wanted, weights, lo, base)
          : this.#fill(start, end, wanted, weights, base, hi);
      }
    }
  }

  #pack(start: number, end: number, wanted: number, lo: Float64Array, hi: Float64Array): void {
    const rank: Rank = (i, seat) => this.#rank(start + i, seat);
    this.figures.share.set(pack(wanted, lo.subarray(start, end), hi.subarray(start, end), rank), start);
  }

  #fill(
    start: number,
    end: number,
    wanted: number,
    weights: Float64Array | undefined,
    lo: Float64Array,
    hi: Float64Array,
  ): void {
    const { share } = this.figures;
    if (weights === undefined) waterFillInto(share, wanted, lo, hi, start, end, this.#rank);
    else websterInto(share, wanted, weights, lo, hi, start, end, this.#rank);
  }

  /** What is left after the children before it is asked of a child, even if it has no room for that: shares are shares of it. */
  #divideInOrder(start: number, end: number, wanted: number, lo: Float64Array, hi: Float64Array): void {
    const { share, asked } = this.figures;
    share.set(fillInOrder(wanted, lo.subarray(start, end), hi.subarray(start, end)), start);
    let left = wanted;
    for (let child = start; child < end; child++) {
      if (left > (asked[child] ?? 0)) asked[child] = left;
      left -= share[child] ?? 0;
    }
  }
}

/** Each figure of a family at least `min`, as far as `hi` allows. */
const raised = (lo: Float64Array, min: number, hi: Float64Array, start: number, end: number): Float64Array =>
  lo.map((from, i) => (i < start || i >= end ? from : Math.max(from, Math.min(min, hi[i] ?? 0))));

/** Sorts in place; a few by insertion, which is cheapest for them. */
function ascending(numbers: number[]): readonly number[] {
  if (numbers.length > 24) return Array.from(Int32Array.from(numbers).toSorted());
  for (let i = 1; i < numbers.length; i++) {
    const number = numbers[i] ?? 0;
    let at = i;
    for (; at > 0 && (numbers[at - 1] ?? 0) > number; at--) numbers[at] = numbers[at - 1] ?? 0;
    numbers[at] = number;
  }
  return numbers;
}
