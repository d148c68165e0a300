import type { Amounts } from '../model/snapshot.ts';
import { ChangeLog } from './change-log.ts';
import { countable, demandOf, type Demand } from './demand.ts';
import type { HostView, Inventory } from './inventory.ts';

/**
 * What is free on every host: one column of numbers for each resource. Charged with all that stays before anything new
 * is placed. Every change is logged, so that figures drawn from it are kept up to date at the cost of what changed.
 */
export class Ledger {
  readonly #inventory: Inventory;
  readonly #free = new Map<string, Float64Array>();
  readonly #instances: Float64Array;
  readonly #size: Float64Array;
  /** By number of the host: share of its instances in use, in sixteenths: coarse, so that one replica more does not reorder the hosts. */
  readonly loads: Int32Array;
  /** Hosts that were charged or changed. */
  readonly log = new ChangeLog(2 ** 16);

  constructor(inventory: Inventory) {
    const { hosts } = inventory;
    this.#inventory = inventory;
    this.#instances = this.#column('instances');
    this.#size = Float64Array.from(hosts, (host) => Math.max(1, countable(host.allocatable['instances'])));
    this.loads = new Int32Array(hosts.length);
    for (let host = 0; host < hosts.length; host++) this.#weigh(host);
  }

  /** What a replica takes, ready for {@link charge}. */
  demand(amounts: Amounts): Demand {
    return demandOf(amounts, (name) => this.#column(name));
  }

  /** Takes room for `replicas` on a host; a negative number gives it back. */
  charge(host: number, { amounts, columns }: Demand, replicas: number): void {
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i];
      if (column !== undefined) column[host] = (column[host] ?? 0) - (amounts[i] ?? 0) * replicas;
    }
    this.#touch(host);
  }

  /** What a host offers has changed, or whether it takes anything. */
  resize(before: HostView, now: HostView): void {
    const host = now.index;
    for (const [name, column] of this.#free)
      column[host] = (column[host] ?? 0) + offeredBy(now, name) - offeredBy(before, name);
    this.#size[host] = Math.max(1, countable(now.allocatable['instances']));
    this.#touch(host);
  }

  #column(name: string): Float64Array {
    let column = this.#free.get(name);
    if (column === undefined) {
      column = Float64Array.from(this.#inventory.hosts, (host) => offeredBy(host, name));
      this.#free.set(name, column);
    }
    return column;
  }

  #touch(host: number): void {
    this.#weigh(host);
    this.log.add(host);
  }

  #weigh(host: number): void {
    this.loads[host] = Math.floor(16 * (1 - (this.#instances[host] ?? 0) / (this.#size[host] ?? 1)));
  }
}

const offeredBy = ({ allocatable, foreign }: HostView, name: string): number =>
  countable(allocatable[name]) - countable(foreign[name]);
