import type { Distribution } from '../model/distribution.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Demand } from './demand.ts';
import { FigureShelf } from './figures.ts';
import { takeInventory, type Inventory } from './inventory.ts';
import { Ledger } from './ledger.ts';
import { RoomCache } from './rooms.ts';
import { Shapes } from './shape.ts';

/** What all jobs share: hosts, what is free on them, and everything that was worked out for many distributions at once. */
export class World {
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly shapes: Shapes;
  readonly rooms: RoomCache;
  readonly shelf = new FigureShelf();
  readonly #demands = new Map<string, Demand>();

  constructor(snapshot: Pick<Snapshot, 'clusters' | 'hosts' | 'distributions'>) {
    this.inventory = takeInventory(snapshot);
    this.ledger = new Ledger(this.inventory);
    this.shapes = new Shapes(this.inventory);
    this.rooms = new RoomCache(this.ledger);
  }

  /** What a replica takes and how many a host may have, with a name that equal ones share. */
  sizeOf({ resources, maxPerHost }: Distribution): readonly [string, Demand] {
    const names = Object.keys(resources).toSorted();
    const size = names.reduce((text, name) => `${text} ${name}=${resources[name]}`, String(maxPerHost));
    let demand = this.#demands.get(size);
    if (demand === undefined) this.#demands.set(size, (demand = this.ledger.demand(resources)));
    return [size, demand];
  }
}
