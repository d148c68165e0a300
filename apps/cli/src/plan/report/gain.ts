import { labels as names } from '@kasmcloud/kube-api';
import type { Counts, Distribution, Labels, Snapshot } from '@kasmcloud/placement';

/** Stands for weight 0: replicas there are as far off as can be told. */
const LIGHTEST = 0.001;

/** One topology key: how many replicas each domain of it holds, and what it weighs. */
interface Level {
  readonly domainOf: (path: string) => string;
  readonly weightOf: (domain: string) => number;
  readonly counts: Map<string, number>;
}

/** Labels of every host, by `cluster/name`. */
export type LabelsByPath = ReadonlyMap<string, Labels>;

export const labelsByPath = ({ hosts }: Pick<Snapshot, 'hosts'>): LabelsByPath =>
  new Map(hosts.map((one) => [`${one.cluster}/${one.name}`, one.labels]));

/**
 * What moves for the better are worth. A placement is the better, the smaller Σ n² / weight over the domains of the outermost
 * level at which it differs: that sum is least for the fairest division. The gain of a move is half of what it takes off:
 * moving k replicas from a place with n to one with m gains k · (n − m − k).
 */
export class Gains {
  readonly #labels: LabelsByPath;
  readonly #distribution: Distribution;
  readonly #before: Counts;
  #levels: readonly Level[] | undefined;

  constructor(labels: LabelsByPath, distribution: Distribution, before: Counts) {
    this.#labels = labels;
    this.#distribution = distribution;
    this.#before = before;
  }

  /** Gain of the next move; the one after it starts from where this one ends. */
  take(from: string, to: string, replicas: number): number {
    // Most distributions move nothing.
    this.#levels ??= this.#read();
    const level = this.#levels.find(({ domainOf }) => domainOf(from) !== domainOf(to));
    const gain = level === undefined ? 0 : gainAt(level, level.domainOf(from), level.domainOf(to), replicas);
    for (const { domainOf, counts } of this.#levels) {
      add(counts, domainOf(from), -replicas);
      add(counts, domainOf(to), replicas);
    }
    return gain;
  }

  #read(): Level[] {
    const keys = [...this.#distribution.spread, { topologyKey: names.cluster, weights: undefined }, host];
    return keys.map(({ topologyKey, weights }) => {
      // Two clusters may have hosts of one name: as a domain, a host is its path.
      const domainOf = (path: string): string =>
        topologyKey === names.hostname ? path : (this.#labels.get(path)?.[topologyKey] ?? '');
      const counts = new Map<string, number>();
      for (const [path, count] of this.#before) add(counts, domainOf(path), count);
      return { domainOf, counts, weightOf: (domain) => weights?.get(domain) ?? weights?.get('*') ?? 1 };
    });
  }
}

const host = { topologyKey: names.hostname, weights: undefined } as const;

const add = (counts: Map<string, number>, domain: string, change: number): void =>
  void counts.set(domain, (counts.get(domain) ?? 0) + change);

function gainAt({ counts, weightOf }: Level, from: string, to: string, k: number): number {
  const cost = (domain: string, change: number): number =>
    ((counts.get(domain) ?? 0) + change) ** 2 / (weightOf(domain) || LIGHTEST);
  const twice = cost(from, 0) + cost(to, 0) - cost(from, -k) - cost(to, k);
  return Math.round(50 * twice) / 100;
}
