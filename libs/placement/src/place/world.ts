import type { Distribution } from '../model/distribution.ts';
import type { Amounts, Snapshot } from '../model/snapshot.ts';
import { Allowance } from './allowances.ts';
import type { Demand } from './demand.ts';
import { FigureShelf } from './figures.ts';
import { takeInventory, type Inventory } from './inventory.ts';
import type { Job } from './job.ts';
import { Ledger } from './ledger.ts';
import { Neighbours } from './neighbours.ts';
import { RoomCache } from './rooms.ts';
import { Shapes } from './shape.ts';

/** What all jobs share: hosts, what is free on them, and everything that was worked out for many distributions at once. */
export class World {
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly shapes: Shapes;
  readonly rooms: RoomCache;
  readonly neighbours: Neighbours;
  readonly shelf = new FigureShelf();
  /** Every job that holds what it was given. */
  readonly jobs = new Set<Job>();
  readonly #demands = new Map<string, Demand>();
  readonly #allowances: ReadonlyMap<string, Allowance>;

  constructor(snapshot: Snapshot) {
    this.inventory = takeInventory(snapshot);
    this.ledger = new Ledger(this.inventory);
    this.shapes = new Shapes(this.inventory);
    this.rooms = new RoomCache(this.ledger);
    this.neighbours = new Neighbours(this.inventory);
    for (const one of snapshot.distributions) this.neighbours.expect(one);
    this.#allowances = new Map((snapshot.namespaces ?? []).map((one) => [one.name, new Allowance(one)]));
  }

  /** What a replica takes; equal ones are one. */
  demandOf({ resources }: Distribution): Demand {
    let size = '';
    for (const name of namesOf(resources)) size += `${name}=${resources[name]} `;
    let demand = this.#demands.get(size);
    if (demand === undefined) this.#demands.set(size, (demand = this.ledger.demand(resources)));
    return demand;
  }

  /** What the namespace of a distribution may take; undefined without bounds. */
  allowanceOf({ namespace }: Distribution): Allowance | undefined {
    return this.#allowances.get(namespace);
  }

  /** A priority under the ceiling of its namespace. */
  priorityOf(distribution: Distribution): number {
    const { priority } = distribution;
    return Math.min(Number.isNaN(priority) ? 0 : priority, this.allowanceOf(distribution)?.maxPriority ?? Infinity);
  }
}

/** In order. Most lists are already. */
function namesOf(amounts: Amounts): readonly string[] {
  const names = Object.keys(amounts);
  return names.every((name, i) => i === 0 || (names[i - 1] ?? '') < name) ? names : names.toSorted();
}
