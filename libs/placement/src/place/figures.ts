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
  /** Most that the children of a node can hold as level as their rule wants; -1 while it is not known. */
  readonly level: Float64Array;
  /** Nodes below which counts are no longer what is held. */
  readonly dealt: Uint8Array;
  /** By position: what is held. All 0 between two allocations. */
  readonly standing: Float64Array;
  /** By position: bounds and results of one leaf. */
  readonly least: Float64Array;
  readonly most: Float64Array;
  readonly result: Float64Array;
  /** By position: what was dealt; of use only where it is listed in `touched`. */
  readonly now: Float64Array;
  readonly touched: number[] = [];
  /** By position: the allocation that listed it last. */
  readonly #listed: Uint32Array;
  /** By position: room of the hosts that are exceptions, and the number of the last allocation in which they were one. */
  readonly own: Int32Array;
  readonly excepted: Uint32Array;
  /** By position: room of all others. */
  rooms: Int32Array = new Int32Array(0);
  allocation = 0;

  constructor(nodes: number, positions: number) {
    this.holding = new Float64Array(nodes);
    this.capacity = new Float64Array(nodes);
    this.floor = new Float64Array(nodes);
    this.bound = new Float64Array(nodes);
    this.share = new Float64Array(nodes);
    this.asked = new Float64Array(nodes);
    this.level = new Float64Array(nodes);
    this.dealt = new Uint8Array(nodes);
    this.standing = new Float64Array(positions);
    this.least = new Float64Array(positions);
    this.most = new Float64Array(positions);
    this.result = new Float64Array(positions);
    this.now = new Float64Array(positions);
    this.#listed = new Uint32Array(positions);
    this.own = new Int32Array(positions);
    this.excepted = new Uint32Array(positions);
  }

  /** Forgets the allocation before. */
  begin(nodes: number, rooms: Int32Array): void {
    this.holding.fill(0, 0, nodes);
    this.floor.fill(0, 0, nodes);
    this.asked.fill(0, 0, nodes);
    this.level.fill(-1, 0, nodes);
    this.dealt.fill(0, 0, nodes);
    this.touched.length = 0;
    this.allocation += 1;
    this.rooms = rooms;
  }

  /** How many more a host could take. */
  roomAt(position: number): number {
    return (this.excepted[position] === this.allocation ? this.own[position] : this.rooms[position]) ?? 0;
  }

  /** Gives a host another room than that of the tree; returns by how much it differs from the one before. */
  except(position: number, room: number): number {
    const change = room - this.roomAt(position);
    this.own[position] = room;
    this.excepted[position] = this.allocation;
    return change;
  }

  /** Whether a count was written for a host. */
  isTouched(position: number): boolean {
    return this.#listed[position] === this.allocation;
  }

  write(position: number, count: number): void {
    this.now[position] = count;
    if (this.#listed[position] === this.allocation) return;
    this.#listed[position] = this.allocation;
    this.touched.push(position);
  }
}

/** Lends figures that are large enough. */
export class FigureShelf {
  #figures = new Figures(64, 64);

  /** Good until the next call. */
  take(nodes: number, positions: number): Figures {
    const { holding, standing } = this.#figures;
    if (holding.length < nodes || standing.length < positions)
      this.#figures = new Figures(Math.max(nodes, holding.length), Math.max(positions, standing.length));
    return this.#figures;
  }
}

/** Sums what is held and what fits, from the leaves up, in one walk. O(nodes + what is held + exceptions). */
export function measure({ tree, rooms, exceptions, held, seed, without, shelf }: Request): Figures {
  const { size, leaves, frozen, positions, parents } = tree;
  const figures = shelf.take(size, tree.indices.length);
  figures.begin(size, rooms.at);
  const { holding, capacity, floor } = figures;
  capacity.set(rooms.inLeaf);
  for (let i = 0; i < exceptions.positions.length; i++) {
    const position = exceptions.positions[i] ?? -1;
    const leaf = leaves[position] ?? 0;
    capacity[leaf] = (capacity[leaf] ?? 0) + figures.except(position, exceptions.rooms[i] ?? 0);
  }
  for (let i = 0; i < exceptions.blocked.length; i++) {
    const position = exceptions.blocked[i] ?? -1;
    const leaf = leaves[position] ?? 0;
    capacity[leaf] = (capacity[leaf] ?? 0) + figures.except(position, 0);
  }
  for (let i = 0; i < held.hosts.length; i++) {
    const position = positions[held.hosts[i] ?? -1] ?? -1;
    const count = held.counts[i] ?? 0;
    const leaf = leaves[position] ?? 0;
    holding[leaf] = (holding[leaf] ?? 0) + count;
    capacity[leaf] = (capacity[leaf] ?? 0) + count;
    if (frozen[position] === 1) floor[leaf] = (floor[leaf] ?? 0) + count;
  }
  if (!tree.isPlain) {
    sumUnderBounds(tree, figures, seed, without);
    return figures;
  }
  for (let node = size - 1; node > 0; node--) {
    const parent = parents[node] ?? 0;
    holding[parent] = (holding[parent] ?? 0) + (holding[node] ?? 0);
    floor[parent] = (floor[parent] ?? 0) + (floor[node] ?? 0);
    capacity[parent] = (capacity[parent] ?? 0) + (capacity[node] ?? 0);
  }
  return figures;
}

/** The same where a rule lets a branch hold less than its children together. */
function sumUnderBounds(tree: Request['tree'], figures: Figures, seed: number, without: Request['without']): void {
  const { families, first } = tree;
  const { holding, capacity, floor } = figures;
  for (let node = tree.size - 1; node >= 0; node--) {
    const family = families[node] ?? 0;
    if (family === 0) continue;
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
}
