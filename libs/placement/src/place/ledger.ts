import type { Amounts } from '../model/snapshot.ts';
import type { Inventory } from './inventory.ts';

/** What is free on every host, by resource. Charged with all that stays before anything new is placed. */
export class Ledger {
  readonly #free: Map<string, Float64Array>;
  readonly #instances: Float64Array;
  readonly #size: Float64Array;
  /** Every host that was charged, in order: who keeps figures of this ledger reads on from where it was. */
  readonly #charged: number[] = [];

  constructor(inventory: Inventory, resources: Iterable<string>) {
    const hosts = inventory.hosts;
    this.#free = new Map(
      ['instances', ...resources].map((name) => [
        name,
        Float64Array.from(hosts, (host) => (host.allocatable[name] ?? 0) - (host.foreign[name] ?? 0)),
      ]),
    );
    this.#instances = this.#free.get('instances') ?? new Float64Array(hosts.length);
    this.#size = Float64Array.from(hosts, (host) => Math.max(1, host.allocatable['instances'] ?? 0));
  }

  /** Takes room for `replicas` on a host; a negative number gives it back. */
  charge(host: number, demand: Amounts, replicas: number): void {
    for (const [name, amount] of Object.entries(demand)) {
      const free = this.#free.get(name);
      if (free !== undefined) free[host] = (free[host] ?? 0) - amount * replicas;
    }
    this.#charged.push(host);
  }

  /** Hosts charged so far, some of them often. */
  get charged(): readonly number[] {
    return this.#charged;
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
    return Math.floor(16 * (1 - (this.#instances[host] ?? 0) / (this.#size[host] ?? 1)));
  }

  /** A function that puts everything back as it is now. */
  mark(): () => void {
    const saved = [...this.#free].map(([name, free]) => [name, free.slice()] as const);
    const from = this.#charged.length;
    return () => {
      for (const [name, free] of saved) this.#free.get(name)?.set(free);
      this.#charged.push(...this.#charged.slice(from));
    };
  }
}
