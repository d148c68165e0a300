import type { Amounts } from '../model/snapshot.ts';
import { countable, demandOf, type Demand } from './demand.ts';
import type { HostView, Inventory } from './inventory.ts';

/** How many changes are remembered: who slept longer looks at everything. */
const LOG = 2 ** 16;

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
  readonly #log = new Int32Array(LOG);
  #changes = 0;

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

  /** Changes so far; the one with a number below this is told by {@link changedAt}. */
  get changes(): number {
    return this.#changes;
  }

  /** Whether every change from a number on is still known, and they are no more than `most`. */
  remembers(change: number, most: number): boolean {
    return this.#changes - change <= Math.min(LOG, most);
  }

  /** The host that a change was about; the same host comes up as often as it changed. */
  changedAt(change: number): number {
    return this.#log[change % LOG] ?? -1;
  }

  /** A function that puts everything back as it is now. */
  mark(): () => void {
    const saved = [...this.#free].map(([name, free]) => [name, free.slice()] as const);
    const from = this.#changes;
    return () => {
      for (const [name, free] of saved) this.#free.get(name)?.set(free);
      const until = this.#changes;
      if (until - from > LOG) {
        for (let host = 0; host < this.loads.length; host++) this.#weigh(host);
        // Nobody may believe that what is logged is all that changed.
        this.#changes += LOG + 1;
      } else {
        for (let change = from; change < until; change++) this.#touch(this.changedAt(change));
      }
    };
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
    this.#log[this.#changes % LOG] = host;
    this.#changes += 1;
  }

  #weigh(host: number): void {
    this.loads[host] = Math.floor(16 * (1 - (this.#instances[host] ?? 0) / (this.#size[host] ?? 1)));
  }
}

const offeredBy = ({ allocatable, foreign }: HostView, name: string): number =>
  countable(allocatable[name]) - countable(foreign[name]);
