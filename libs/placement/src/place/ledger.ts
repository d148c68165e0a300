import type { Amounts } from '../model/snapshot.ts';
import type { Inventory } from './inventory.ts';

/** What is free on every host, by resource. Charged with all that stays before anything new is placed. */
export class Ledger {
  readonly #free: Map<string, Float64Array>;
  readonly #size: Float64Array;

  constructor(inventory: Inventory, resources: Iterable<string>) {
    const hosts = inventory.hosts;
    this.#free = new Map(
      ['instances', ...resources].map((name) => [
        name,
        Float64Array.from(hosts, (host) => (host.allocatable[name] ?? 0) - (host.foreign[name] ?? 0)),
      ]),
    );
    this.#size = Float64Array.from(hosts, (host) => Math.max(1, host.allocatable['instances'] ?? 0));
  }

  /** Takes room for `replicas` on a host; a negative number gives it back. */
  charge(host: number, demand: Amounts, replicas: number): void {
    for (const [name, amount] of Object.entries(demand)) {
      const free = this.#free.get(name);
      if (free !== undefined) free[host] = (free[host] ?? 0) - amount * replicas;
    }
  }

  /** A function from host to the replicas that still fit, without the resources in `ignored`. */
  roomFor(demand: Amounts, ignored?: ReadonlySet<string>): (host: number) => number {
    const bounds: { free: Float64Array; amount: number }[] = [];
    for (const [name, amount] of Object.entries(demand)) {
      const free = this.#free.get(name);
      if (free !== undefined && amount > 0 && ignored?.has(name) !== true) bounds.push({ free, amount });
    }
    return (host) => {
      let room = Infinity;
      for (const { free, amount } of bounds) room = Math.min(room, Math.floor((free[host] ?? 0) / amount));
      return Math.max(0, room);
    };
  }

  /** Share of a host's instances in use, in sixteenths: coarse, so that one replica more does not reorder the hosts. */
  load(host: number): number {
    const free = this.#free.get('instances')?.[host] ?? 0;
    return Math.floor(16 * (1 - free / (this.#size[host] ?? 1)));
  }

  /** A function that puts everything back as it is now. */
  mark(): () => void {
    const saved = [...this.#free].map(([name, free]) => [name, free.slice()] as const);
    return () => {
      for (const [name, free] of saved) this.#free.get(name)?.set(free);
    };
  }
}
