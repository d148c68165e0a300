import type { NamespaceBounds } from '../model/snapshot.ts';
import { countable, type Demand } from './demand.ts';

/** What one namespace may take, by resource, and what it has taken. */
export class Allowance {
  readonly maxPriority: number;
  readonly #limits: ReadonlyMap<string, number>;
  readonly #used = new Map<string, number>();

  constructor({ maxPriority = Infinity, quota = {} }: NamespaceBounds) {
    this.maxPriority = Number.isNaN(maxPriority) ? Infinity : maxPriority;
    this.#limits = new Map(Object.entries(quota).map(([name, limit]) => [name, countable(limit)]));
  }

  /** Takes note of replicas that came, or, with a negative number, left. */
  charge({ resources, amounts }: Demand, replicas: number): void {
    if (this.#limits.size === 0) return;
    for (const [i, name] of resources.entries())
      this.#used.set(name, (this.#used.get(name) ?? 0) + (amounts[i] ?? 0) * replicas);
  }

  /** How many replicas more the quota allows, and the resource that forbids the next one. */
  roomFor({ resources, amounts }: Demand): { readonly room: number; readonly resource?: string } {
    let least: { room: number; resource?: string } = { room: Infinity };
    for (const [i, name] of resources.entries()) {
      const limit = this.#limits.get(name);
      if (limit === undefined) continue;
      const room = Math.max(0, Math.floor((limit - (this.#used.get(name) ?? 0)) / (amounts[i] ?? 1)));
      if (room < least.room) least = { room, resource: name };
    }
    return least;
  }
}
