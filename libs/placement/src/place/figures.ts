import { childBounds } from './bounds.ts';
import type { Request } from './allocate.ts';

/**
 * Sums of one allocation, by number of the node, and figures by position. They are lent to one allocation after the
 * other, so that none has to be made anew.
 */
export class Figures {
  readonly holding: Float64Array;
  /** Most that the node can hold under the constraints below it, counting what it holds. */
  readonly capacity: Float64Array;
  /** Least that the node can hold: what is frozen. */
  readonly floor: Float64Array;
  readonly bound: Float64Array;
  readonly share: Float64Array;
  /** Largest number each node was ever asked for: Webster shares under Block are shares of that. */
  readonly asked: Float64Array;
  /** Nodes below which counts are no longer what is held. */
  readonly dealt: Uint8Array;
  /** By position: what is held. */
  readonly standing: Float64Array;
  /** By position: bounds and results of one leaf. */
  readonly least: Float64Array;
  readonly most: Float64Array;
  readonly result: Float64Array;

  constructor(nodes: number, positions: number) {
    this.holding = new Float64Array(nodes);
    this.capacity = new Float64Array(nodes);
    this.floor = new Float64Array(nodes);
    this.bound = new Float64Array(nodes);
    this.share = new Float64Array(nodes);
    this.asked = new Float64Array(nodes);
    this.dealt = new Uint8Array(nodes);
    this.standing = new Float64Array(positions);
    this.least = new Float64Array(positions);
    this.most = new Float64Array(positions);
    this.result = new Float64Array(positions);
  }
}

/** Lends figures that are large enough. */
export class FigureShelf {
  #figures = new Figures(64, 64);

  /** Good until the next call. `standing` is all 0: who writes there clears it again. */
  take(nodes: number, positions: number): Figures {
    const { holding, standing } = this.#figures;
    if (holding.length < nodes || standing.length < positions)
      this.#figures = new Figures(Math.max(nodes, holding.length), Math.max(positions, standing.length));
    return this.#figures;
  }
}

/** Sums what is held and what fits, from the leaves up, in one walk. O(nodes + what is held). */
export function measure({ tree, rooms, held, seed, without, shelf }: Request): Figures {
  const { size, leaves, frozen, families, first } = tree;
  const figures = shelf.take(size, tree.indices.length);
  const { holding, capacity, floor, asked, dealt } = figures;
  holding.fill(0, 0, size);
  floor.fill(0, 0, size);
  asked.fill(0, 0, size);
  dealt.fill(0, 0, size);
  capacity.set(rooms.inLeaf);
  for (const [position, count] of held) {
    const leaf = leaves[position] ?? 0;
    holding[leaf] = (holding[leaf] ?? 0) + count;
    capacity[leaf] = (capacity[leaf] ?? 0) + count;
    if (frozen[position] === 1) floor[leaf] = (floor[leaf] ?? 0) + count;
  }
  for (let node = size - 1; node >= 0; node--) {
    const family = families[node] ?? 0;
    if (family === 0) {
      // A branch without children has no hosts.
      if (!tree.isLeaf(node)) capacity[node] = 0;
      continue;
    }
    const bounds = childBounds(tree, node, figures, undefined, seed, without);
    const start = first[node] ?? 0;
    let holds = 0;
    let least = 0;
    let most = 0;
    for (let child = start; child < start + family; child++) {
      holds += holding[child] ?? 0;
      least += floor[child] ?? 0;
      most += bounds[child] ?? 0;
    }
    holding[node] = holds;
    floor[node] = least;
    capacity[node] = most;
  }
  return figures;
}
