import { ChangeLog } from './change-log.ts';
import { roomOn, roomsInto, type Demand } from './demand.ts';
import type { Ledger } from './ledger.ts';
import type { Tree } from './tree.ts';

/** Stands for "no bound" without making sums infinite. */
export const MOST = 1e9;

/** Replicas that fit on a host, by its number. */
export type RoomOf = (host: number) => number;

/**
 * How many replicas of one size fit on every host that holds none of the distribution yet: one column for all
 * distributions with this demand and bound. With a bound, most charges change nothing here.
 */
class Fits {
  /** By number of the host. */
  readonly at: Int32Array;
  readonly log = new ChangeLog(2 ** 10);
  readonly #followed: ChangeLog;
  readonly #demand: Demand;
  readonly #most: number;
  #seen: number;

  constructor(ledger: Ledger, demand: Demand, maxPerHost: number) {
    this.#demand = demand;
    this.#most = Math.min(MOST, maxPerHost);
    this.at = new Int32Array(ledger.loads.length);
    roomsInto(this.at, demand, this.#most);
    // A bound makes most charges change nothing here.
    this.#followed = this.#most < MOST ? ledger.scarce : ledger.log;
    if (this.#most < MOST) ledger.scarceBelow(demand, this.#most);
    this.#seen = this.#followed.end;
  }

  refresh(): this {
    const log = this.#followed;
    if (log.remembers(this.#seen, this.at.length))
      for (let change = this.#seen; change < log.end; change++) this.#count(log.at(change));
    else for (let host = 0; host < this.at.length; host++) this.#count(host);
    this.#seen = log.end;
    return this;
  }

  #count(host: number): void {
    const now = roomOn(this.#demand, host, this.#most);
    if (now === this.at[host]) return;
    this.at[host] = now;
    this.log.add(host);
  }
}

/**
 * What fits on every open host of a tree, and on all hosts of every leaf. Kept up to date by reading what changed since
 * the last look.
 */
export class Rooms {
  /** By position; 0 for a host that takes nothing new. */
  readonly at: Int32Array;
  /** By number of the leaf. */
  readonly inLeaf: Float64Array;
  readonly #tree: Tree;
  readonly #room: RoomOf;

  constructor(tree: Tree, room: RoomOf) {
    this.at = new Int32Array(tree.indices.length);
    this.inLeaf = new Float64Array(tree.size);
    this.#tree = tree;
    this.#room = room;
    this.countAll();
  }

  countAll(): void {
    const { open, indices, leaves } = this.#tree;
    this.inLeaf.fill(0);
    for (let position = 0; position < this.at.length; position++) {
      const room = open[position] === 1 ? this.#room(indices[position] ?? -1) : 0;
      const leaf = leaves[position] ?? 0;
      this.at[position] = room;
      this.inLeaf[leaf] = (this.inLeaf[leaf] ?? 0) + room;
    }
  }

  /** Looks again at a host, by its number. */
  count(host: number): void {
    const position = this.#tree.positions[host] ?? -1;
    if (position >= 0) this.#countAt(position);
  }

  #countAt(position: number): void {
    const { open, indices } = this.#tree;
    this.#set(position, open[position] === 1 ? this.#room(indices[position] ?? -1) : 0);
  }

  #set(position: number, now: number): void {
    const before = this.at[position] ?? 0;
    if (now === before) return;
    const leaf = this.#tree.leaves[position] ?? 0;
    this.inLeaf[leaf] = (this.inLeaf[leaf] ?? 0) + now - before;
    this.at[position] = now;
  }
}

/** Hosts whose room is another for one distribution, by position. */
export class Exceptions {
  readonly positions: number[];
  /** By index in {@link positions}; of two for one host, the later holds. */
  readonly rooms: number[];
  /** Hosts that take nothing, whatever their room. */
  readonly blocked: number[];

  constructor(before?: Exceptions) {
    this.positions = before === undefined ? [] : [...before.positions];
    this.rooms = before === undefined ? [] : [...before.rooms];
    this.blocked = before === undefined ? [] : [...before.blocked];
  }

  add(position: number, room: number): void {
    this.positions.push(position);
    this.rooms.push(room);
  }
}

/** Rooms that follow the ledger and the verdicts about the hosts. */
class SharedRooms {
  readonly rooms: Rooms;
  readonly #tree: Tree;
  readonly #fits: Fits;
  #seenFits: number;
  #seenVerdicts: number;

  constructor(tree: Tree, fits: Fits) {
    this.#tree = tree;
    this.#fits = fits;
    this.rooms = new Rooms(tree, (host) => fits.at[host] ?? 0);
    this.#seenFits = fits.log.end;
    this.#seenVerdicts = tree.log.end;
  }

  refresh(): Rooms {
    this.#seenFits = this.#follow(this.#fits.log, this.#seenFits);
    this.#seenVerdicts = this.#follow(this.#tree.log, this.#seenVerdicts);
    return this.rooms;
  }

  #follow(log: ChangeLog, seen: number): number {
    if (log.remembers(seen, this.rooms.at.length))
      for (let change = seen; change < log.end; change++) this.rooms.count(log.at(change));
    else this.rooms.countAll();
    return log.end;
  }
}

/** What fits of one demand under one bound. */
interface Size {
  readonly fits: Fits;
  readonly byTree: Map<Tree, SharedRooms>;
}

/** The rooms of every tree and size of replica that was asked for. */
export class RoomCache {
  readonly #ledger: Ledger;
  readonly #sizes = new Map<Demand, Map<number, Size>>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  of(tree: Tree, demand: Demand, maxPerHost: number): Rooms {
    let bounds = this.#sizes.get(demand);
    if (bounds === undefined) this.#sizes.set(demand, (bounds = new Map()));
    let size = bounds.get(maxPerHost);
    if (size === undefined)
      bounds.set(maxPerHost, (size = { fits: new Fits(this.#ledger, demand, maxPerHost), byTree: new Map() }));
    size.fits.refresh();
    let shared = size.byTree.get(tree);
    if (shared === undefined) size.byTree.set(tree, (shared = new SharedRooms(tree, size.fits)));
    return shared.refresh();
  }
}
