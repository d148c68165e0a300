import { labels as names } from '@kasmcloud/kube-api';
import { selects } from '../filter/selector.ts';
import type { AffinityTerm, Distribution } from '../model/distribution.ts';
import type { Column } from './classes.ts';

/** Replicas by number of the domain; only domains that have some are listed. */
export class Tally {
  /** Index in the lists by domain. */
  readonly #at = new Map<number, number>();
  readonly #domains: number[] = [];
  readonly #counts: number[] = [];

  add(domain: number, replicas: number): void {
    const at = this.#at.get(domain);
    if (at === undefined) {
      if (replicas === 0) return;
      this.#at.set(domain, this.#domains.length);
      this.#domains.push(domain);
      this.#counts.push(replicas);
      return;
    }
    const count = (this.#counts[at] ?? 0) + replicas;
    this.#counts[at] = count;
    if (count === 0) this.#remove(domain, at);
  }

  has(domain: number): boolean {
    return this.#at.has(domain);
  }

  /** In no order that means anything. */
  get domains(): readonly number[] {
    return this.#domains;
  }

  /** The last one takes the place. */
  #remove(domain: number, at: number): void {
    this.#at.delete(domain);
    const last = this.#domains.pop();
    const count = this.#counts.pop();
    if (last === undefined || count === undefined || last === domain) return;
    this.#domains[at] = last;
    this.#counts[at] = count;
    this.#at.set(last, at);
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

  /** Whether the domains are single hosts. */
  readonly isByHost: boolean;

  constructor(term: AffinityTerm, column: Column) {
    this.term = term;
    this.column = column;
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
