import { labels as names } from '@kasmcloud/kube-api';
import type { Distribution, Snapshot } from '@kasmcloud/placement';
import type { Counts } from './differences.ts';

/** Stands for weight 0: replicas there are as far off as can be told. */
const LIGHTEST = 0.001;

/** A topology key, and what a domain of it weighs. */
interface Level {
  readonly topologyKey: string;
  readonly weightOf: (domain: string) => number;
}

/**
 * What moves for the better are worth. A placement is the better, the smaller Σ n² / weight over the domains of the outermost
 * level at which it differs: that sum is least for the fairest division. The gain of a move is half of what it takes off:
 * moving k replicas from a place with n to one with m gains k · (n − m − k).
 */
export class Gains {
  readonly #levels: readonly Level[];
  readonly #labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly #counts: Map<string, number>;

  constructor({ hosts }: Snapshot, { spread }: Distribution, before: Counts) {
    this.#levels = [
      ...spread.map(({ topologyKey, weights }) => ({
        topologyKey,
        weightOf: (domain: string): number => weights?.get(domain) ?? weights?.get('*') ?? 1,
      })),
      ...[names.cluster, names.hostname].map((topologyKey) => ({ topologyKey, weightOf: () => 1 })),
    ];
    this.#labels = new Map(hosts.map((host) => [`${host.cluster}/${host.name}`, host.labels]));
    this.#counts = new Map(before);
  }

  /** Gain of the next move; the one after it starts from where this one ends. */
  take(from: string, to: string, replicas: number): number {
    const level = this.#levels.find((one) => this.#domain(one, from) !== this.#domain(one, to));
    const gain = level === undefined ? 0 : this.#gainAt(level, from, to, replicas);
    this.#counts.set(from, (this.#counts.get(from) ?? 0) - replicas);
    this.#counts.set(to, (this.#counts.get(to) ?? 0) + replicas);
    return gain;
  }

  #gainAt(level: Level, from: string, to: string, k: number): number {
    const cost = (path: string, change: number): number => {
      const domain = this.#domain(level, path);
      return (this.#countIn(level, domain) + change) ** 2 / (level.weightOf(domain) || LIGHTEST);
    };
    const twice = cost(from, 0) + cost(to, 0) - cost(from, -k) - cost(to, k);
    return Math.round(50 * twice) / 100;
  }

  #countIn(level: Level, domain: string): number {
    let sum = 0;
    for (const [path, count] of this.#counts) if (this.#domain(level, path) === domain) sum += count;
    return sum;
  }

  /** Two clusters may have hosts of one name: as a domain, a host is its path. */
  #domain({ topologyKey }: Level, path: string): string {
    return topologyKey === names.hostname ? path : (this.#labels.get(path)?.[topologyKey] ?? '');
  }
}
