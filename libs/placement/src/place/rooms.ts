import { roomOn, type Demand } from './demand.ts';
import type { Ledger } from './ledger.ts';
import type { Tree } from './tree.ts';

/** Stands for "no bound" without making sums infinite. */
export const MOST = 1e9;

/** Replicas that fit on a host, by its number. */
export type RoomOf = (host: number) => number;

/**
 * How many replicas of one size fit on every host of a tree, and on all hosts of every leaf. Kept up to date by reading
 * which hosts the ledger charged since the last look, so that a look costs what changed and not what there is.
 */
export class Rooms {
  /** By position; 0 for a host that takes nothing new. Who writes here puts back what it found. */
  readonly at: Int32Array;
  /** By number of the leaf. */
  readonly inLeaf: Float64Array;
  readonly #tree: Tree;
  readonly #ledger: Ledger;
  readonly #room: RoomOf;
  #seen = 0;

  constructor(tree: Tree, ledger: Ledger, room: RoomOf) {
    this.at = new Int32Array(tree.indices.length);
    this.inLeaf = new Float64Array(tree.size);
    this.#tree = tree;
    this.#ledger = ledger;
    this.#room = room;
    this.#countAll();
  }

  refresh(): this {
    const ledger = this.#ledger;
    const { positions } = this.#tree;
    if (!ledger.remembers(this.#seen, this.at.length)) this.#countAll();
    for (; this.#seen < ledger.changes; this.#seen++) {
      const position = positions[ledger.changedAt(this.#seen)] ?? -1;
      if (position >= 0) this.#count(position);
    }
    return this;
  }

  #countAll(): void {
    for (let position = 0; position < this.at.length; position++) this.#count(position);
    this.#seen = this.#ledger.changes;
  }

  #count(position: number): void {
    const { open, indices, leaves } = this.#tree;
    const now = open[position] === 1 ? this.#room(indices[position] ?? -1) : 0;
    const before = this.at[position] ?? 0;
    if (now === before) return;
    const leaf = leaves[position] ?? 0;
    this.inLeaf[leaf] = (this.inLeaf[leaf] ?? 0) + now - before;
    this.at[position] = now;
  }
}

/** What fits on a host that holds nothing of the distribution yet. */
export function freshRoom(demand: Demand, maxPerHost: number): RoomOf {
  const most = Math.min(MOST, maxPerHost);
  return (host) => roomOn(demand, host, most);
}

/** The rooms of every tree and size of replica that was asked for. */
export class RoomCache {
  readonly #ledger: Ledger;
  readonly #known = new Map<Tree, Map<string, Rooms>>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** `size` names the demand and the bound: equal names, equal rooms. */
  of(tree: Tree, size: string, room: RoomOf): Rooms {
    let sizes = this.#known.get(tree);
    if (sizes === undefined) this.#known.set(tree, (sizes = new Map()));
    const known = sizes.get(size);
    if (known !== undefined) return known.refresh();
    const rooms = new Rooms(tree, this.#ledger, room);
    sizes.set(size, rooms);
    return rooms;
  }
}
