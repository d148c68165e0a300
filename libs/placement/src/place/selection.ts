import { selects } from '../filter/selector.ts';
import type { AffinityTerm, Distribution } from '../model/distribution.ts';
import type { Column } from './classes.ts';

/** Replicas by number of the domain; only domains that have some are listed. */
export class Tally {
  readonly #counts = new Map<number, number>();

  add(domain: number, replicas: number): void {
    const count = (this.#counts.get(domain) ?? 0) + replicas;
    if (count === 0) this.#counts.delete(domain);
    else this.#counts.set(domain, count);
  }

  has(domain: number): boolean {
    return this.#counts.has(domain);
  }

  get size(): number {
    return this.#counts.size;
  }

  domains(): Iterable<number> {
    return this.#counts.keys();
  }
}

/** One term of affinity or anti-affinity, which many distributions may share: whom it selects, and where those are. */
export class Selection {
  readonly term: AffinityTerm;
  readonly column: Column;
  /** Replicas of those whom the term selects. */
  readonly selected = new Tally();
  /** Replicas of those who refuse whom the term selects: they are refused in turn. */
  readonly refusing = new Tally();

  constructor(term: AffinityTerm, column: Column) {
    this.term = term;
    this.column = column;
  }

  selects({ namespace, labels }: Pick<Distribution, 'namespace' | 'labels'>): boolean {
    return this.term.namespaces.includes(namespace) && selects(this.term.selector, labels);
  }

  /** Domain of a host; 0 for none. */
  domainOf(host: number): number {
    return this.column.ids[host] ?? 0;
  }
}
