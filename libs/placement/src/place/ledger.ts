import type { Amounts } from '../model/snapshot.ts';
import { ChangeLog } from './change-log.ts';
import { countable, demandOf, offerable, type Demand, type Stock } from './demand.ts';
import type { HostView, Inventory } from './inventory.ts';

/**
 * What is free on every host: one column of numbers for each resource. Charged with all that stays before anything new
 * is placed. Every change is logged, so that figures drawn from it are kept up to date at the cost of what changed.
 */
export class Ledger {
  readonly #inventory: Inventory;
  readonly #stocks = new Map<string, Stock>();
  readonly #instances: Float64Array;
  readonly #size: Float64Array;
  /** By number of the host: share of its instances in use, in sixteenths: coarse, so that one replica more does not reorder the hosts. */
  readonly loads: Int32Array;
  /** Hosts that were charged or changed. */
  readonly log = new ChangeLog(2 ** 16);
  /** Of these, only hosts on which something is scarce; see {@link scarceBelow}. */
  readonly scarce = new ChangeLog(2 ** 16);

  constructor(inventory: Inventory) {
    const { hosts } = inventory;
    this.#inventory = inventory;
    this.#instances = this.#stock('instances').free;
    this.#size = figures(hosts, (host) => Math.max(1, offerable(host.allocatable['instances'])));
    this.loads = new Int32Array(hosts.length);
    for (let host = 0; host < hosts.length; host++) this.#weigh(host);
  }

  /** What a replica takes, ready for {@link charge}. */
  demand(amounts: Amounts): Demand {
    return demandOf(amounts, (name) => this.#stock(name));
  }

  /** From now on, less than what `replicas` take is scarce. Who never asks for more needs only {@link scarce}. */
  scarceBelow({ amounts, stocks }: Demand, replicas: number): void {
    for (const [i, stock] of stocks.entries()) stock.ample = Math.max(stock.ample, (amounts[i] ?? 0) * replicas);
  }

  /** Takes room for `replicas` on a host; a negative number gives it back. */
  charge(host: number, { amounts, stocks }: Demand, replicas: number): void {
    let isScarce = false;
    for (let i = 0; i < stocks.length; i++) {
      const stock = stocks[i];
      if (stock === undefined) continue;
      const before = stock.free[host] ?? 0;
      const now = before - (amounts[i] ?? 0) * replicas;
      stock.free[host] = now;
      isScarce ||= before < stock.ample || now < stock.ample;
    }
    this.#weigh(host);
    this.log.add(host);
    if (isScarce) this.scarce.add(host);
  }

  /** What a host offers has changed, or whether it takes anything. */
  resize(before: HostView, now: HostView): void {
    const host = now.index;
    for (const [name, { free }] of this.#stocks)
      free[host] = (free[host] ?? 0) + offeredBy(now, name) - offeredBy(before, name);
    this.#size[host] = Math.max(1, offerable(now.allocatable['instances']));
    this.#weigh(host);
    this.log.add(host);
    this.scarce.add(host);
  }

  #stock(name: string): Stock {
    let stock = this.#stocks.get(name);
    if (stock === undefined) {
      stock = { free: figures(this.#inventory.hosts, (host) => offeredBy(host, name)), ample: 0 };
      this.#stocks.set(name, stock);
    }
    return stock;
  }

  #weigh(host: number): void {
    this.loads[host] = Math.floor(16 * (1 - (this.#instances[host] ?? 0) / (this.#size[host] ?? 1)));
  }
}

/** One figure for each host. `Float64Array.from` takes several times as long. */
function figures(hosts: readonly HostView[], figureOf: (host: HostView) => number): Float64Array {
  const result = new Float64Array(hosts.length);
  for (const host of hosts) result[host.index] = figureOf(host);
  return result;
}

const offeredBy = ({ allocatable, foreign }: HostView, name: string): number =>
  offerable(allocatable[name]) - countable(foreign[name]);
