import { labels as names } from '@kasmcloud/kube-api';
import { selects } from '../filter/selector.ts';
import type { AffinityTerm, Distribution } from '../model/distribution.ts';
import type { Column } from './classes.ts';

/** Up to so many domains are counted in an array; more, of which most are empty, in a map. */
const MOST_DENSE = 1024;

/** Replicas by number of the domain; only domains that have some are listed. */
export class Tally {
  readonly #counts: Counts;
  /** Index in the list by domain. */
  readonly #at: Counts;
  readonly #domains: number[] = [];

  /** `size`: the largest number of a domain. */
  constructor(size = Infinity) {
    this.#counts = countsUpTo(size);
    this.#at = countsUpTo(size);
  }

  add(domain: number, replicas: number): void {
    const before = this.#counts.get(domain);
    const now = before + replicas;
    if (now === before) return;
    this.#counts.set(domain, now);
    if (before === 0) {
      this.#at.set(domain, this.#domains.length);
      this.#domains.push(domain);
    } else if (now === 0) {
      this.#remove(domain);
    }
  }

  has(domain: number): boolean {
    return this.#counts.get(domain) !== 0;
  }

  /** In no order that means anything. */
  get domains(): readonly number[] {
    return this.#domains;
  }

  /** The last one takes the place. */
  #remove(domain: number): void {
    const at = this.#at.get(domain);
    const last = this.#domains.pop();
    this.#at.set(domain, 0);
    if (last === undefined || last === domain) return;
    this.#domains[at] = last;
    this.#at.set(last, at);
  }
}

/** Numbers by number of the domain, 0 where nothing was set. */
interface Counts {
  get(domain: number): number;
  set(domain: number, count: number): void;
}

const countsUpTo = (size: number): Counts => (size <= MOST_DENSE ? new DenseCounts(size) : new SparseCounts());

class DenseCounts implements Counts {
  readonly #counts: Int32Array;

  constructor(size: number) {
    this.#counts = new Int32Array(size + 1);
  }

  get(domain: number): number {
    return this.#counts[domain] ?? 0;
  }

  set(domain: number, count: number): void {
    this.#counts[domain] = count;
  }
}

class SparseCounts implements Counts {
  readonly #counts = new Map<number, number>();

  get(domain: number): number {
    return this.#counts.get(domain) ?? 0;
  }

  set(domain: number, count: number): void {
    if (count === 0) this.#counts.delete(domain);
    else this.#counts.set(domain, count);
  }
}

/** One term of affinity or anti-affinity, which many distributions may share: whom it selects, and where those are. */
export class Selection {
  readonly term: AffinityTerm;
  readonly column: Column;
  /** Replicas of those whom the term selects. */
  readonly selected: Tally;
  /** Replicas of those who refuse whom the term selects: they are refused in turn. */
  readonly refusing: Tally;

  /** Whether the domains are single hosts. */
  readonly isByHost: boolean;

  constructor(term: AffinityTerm, column: Column) {
    this.term = term;
    this.column = column;
    this.selected = new Tally(column.size);
    this.refusing = new Tally(column.size);
    this.isByHost = term.topologyKey === names.hostname;
  }

  selects({ namespace, labels }: Pick<Distribution, 'namespace' | 'labels'>): boolean {
    return this.term.namespaces.includes(namespace) && selects(this.term.selector, labels);
  }

  /** Domain of a host; 0 for none. */
  domainOf(host: number): number {
    return this.column.ids[host] ?? 0;
  }
}
