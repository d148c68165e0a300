import { labels as names } from '@kasmcloud/kube-api';
import type { Distribution } from '../model/distribution.ts';
import type { Inventory } from '../place/inventory.ts';
import type { Place } from './moves.ts';

interface Level {
  readonly topologyKey: string;
  readonly weightOf: (domain: string) => number;
}

/** Stands for weight 0: replicas there are as far off as can be told. */
const LIGHTEST = 0.001;

/**
 * What moves are worth. A division is the better, the smaller Σ n² / weight over the domains of the outermost level at
 * which it differs: that sum is least for the fairest one. The gain of a move is half of what it takes off.
 */
export class Balance {
  readonly #inventory: Inventory;
  readonly #levels: readonly Level[];
  readonly #counts = new Map<string, number>();

  constructor({ spread, current }: Distribution, inventory: Inventory) {
    this.#inventory = inventory;
    const entries = spread.map(({ topologyKey, weights }) => ({
      topologyKey,
      weightOf: (domain: string): number => weights?.get(domain) ?? weights?.get('*') ?? 1,
    }));
    const rest = [names.cluster, names.hostname].map((topologyKey) => ({ topologyKey, weightOf: () => 1 }));
    this.#levels = [...entries, ...rest];
    for (const entry of current) this.#add(entry, entry.replicas);
  }

  /** Gain of the next move; the one after it starts from where this one ends. */
  take(from: Place, to: Place, replicas: number): number {
    const level = this.#levels.find((one) => this.#domain(one, from) !== this.#domain(one, to));
    const cost = (): number =>
      level === undefined ? 0 : [from, to].reduce((sum, place) => sum + this.#costOf(level, place), 0);
    const before = cost();
    this.#add(from, -replicas);
    this.#add(to, replicas);
    return Math.round(50 * (before - cost())) / 100;
  }

  #costOf(level: Level, place: Place): number {
    const domain = this.#domain(level, place);
    const count = this.#counts.get(`${level.topologyKey} ${domain}`) ?? 0;
    return count ** 2 / (level.weightOf(domain) || LIGHTEST);
  }

  #add(place: Place, replicas: number): void {
    for (const key of new Set(this.#levels.map((level) => `${level.topologyKey} ${this.#domain(level, place)}`)))
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + replicas);
  }

  #domain({ topologyKey }: Level, { cluster, host }: Place): string {
    return this.#inventory.find(cluster, host)?.domain(topologyKey) ?? '';
  }
}
