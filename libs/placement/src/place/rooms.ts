import type { Ledger } from './ledger.ts';
import type { Tree } from './tree.ts';

/**
 * How many replicas of one size fit on every host of a tree, and on all hosts of every leaf. Kept up to date by reading
 * which hosts the ledger charged since the last look, so that a look costs what changed and not what there is.
 */
export class Rooms {
  /** By position; 0 for a host that takes nothing new. */
  readonly at: Float64Array;
  /** By number of the leaf. */
  readonly inLeaf: Float64Array;
  readonly #tree: Tree;
  readonly #ledger: Ledger;
  readonly #room: (position: number) => number;
  #seen = 0;

  /** `room` tells what fits on a host, by position, as the ledger stands. */
  constructor(tree: Tree, ledger: Ledger, room: (position: number) => number) {
    this.at = new Float64Array(tree.hosts.length);
    this.inLeaf = new Float64Array(tree.size);
    this.#tree = tree;
    this.#ledger = ledger;
    this.#room = room;
    this.#countAll();
  }

  refresh(): this {
    const { charged } = this.#ledger;
    if (charged.length - this.#seen > this.at.length) {
      this.#countAll();
      return this;
    }
    for (; this.#seen < charged.length; this.#seen++) {
      const position = this.#tree.positions[charged[this.#seen] ?? -1] ?? -1;
      if (position >= 0) this.#count(position);
    }
    return this;
  }

  #countAll(): void {
    for (let position = 0; position < this.at.length; position++) this.#count(position);
    this.#seen = this.#ledger.charged.length;
  }

  #count(position: number): void {
    const now = this.#tree.open[position] === true ? Math.min(MOST, this.#room(position)) : 0;
    const leaf = this.#tree.leaves[position] ?? 0;
    this.inLeaf[leaf] = (this.inLeaf[leaf] ?? 0) + now - (this.at[position] ?? 0);
    this.at[position] = now;
  }
}

/** Stands for "no bound" without making sums infinite. */
const MOST = 1e9;

/** The rooms of every tree and size of replica that was asked for. */
export class RoomCache {
  readonly #ledger: Ledger;
  readonly #known = new Map<Tree, Map<string, Rooms>>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** `room` must be the same function of the ledger for the same tree and size. */
  of(tree: Tree, size: string, room: (position: number) => number): Rooms {
    const sizes = this.#known.get(tree) ?? new Map<string, Rooms>();
    this.#known.set(tree, sizes);
    const rooms = sizes.get(size)?.refresh() ?? new Rooms(tree, this.#ledger, room);
    sizes.set(size, rooms);
    return rooms;
  }
}
