import { labels as names } from '@kasmcloud/kube-api';
import { selects } from '../filter/selector.ts';
import type { AffinityTerm, Distribution } from '../model/distribution.ts';
import type { Column } from './classes.ts';

/** Up to so many domains are counted in an array; more, of which most are empty, in a map. */
const MOST_DENSE = 1024;

/** Replicas by number of the domain; only domains that have some are listed. */
export class Tally {
  readonly #size: number;
  /** Place in the lists by domain, from 1 on; 0 for none. Most tallies stay empty. */
  #places: Places | undefined;
  readonly #domains: number[] = [];
  readonly #amounts: number[] = [];

  /** `size`: the largest number of a domain. */
  constructor(size = Infinity) {
    this.#size = size;
  }

  add(domain: number, replicas: number): void {
    if (replicas === 0) return;
    this.#places ??= this.#size <= MOST_DENSE ? new DensePlaces(this.#size) : new SparsePlaces();
    const place = this.#places.get(domain);
    if (place === 0) {
      this.#amounts.push(replicas);
      this.#places.set(domain, this.#domains.push(domain));
      return;
    }
    const now = (this.#amounts[place - 1] ?? 0) + replicas;
    if (now === 0) this.#remove(this.#places, domain, place);
    else this.#amounts[place - 1] = now;
  }

  has(domain: number): boolean {
    return this.#places !== undefined && this.#places.get(domain) !== 0;
  }

  /** In no order that means anything. */
  get domains(): readonly number[] {
    return this.#domains;
  }

  /** The last one takes the place. */
  #remove(places: Places, domain: number, place: number): void {
    const last = this.#domains.pop() ?? domain;
    const amount = this.#amounts.pop() ?? 0;
    places.set(domain, 0);
    if (last === domain) return;
    this.#domains[place - 1] = last;
    this.#amounts[place - 1] = amount;
    places.set(last, place);
  }
}

/** Numbers by number of the domain, 0 where nothing was set. */
interface Places {
  get(domain: number): number;
  set(domain: number, place: number): void;
}

class DensePlaces implements Places {
  readonly #places: Int32Array;

  constructor(size: number) {
    this.#places = new Int32Array(size + 1);
  }

  get(domain: number): number {
    return this.#places[domain] ?? 0;
  }

  set(domain: number, place: number): void {
    this.#places[domain] = place;
  }
}

class SparsePlaces implements Places {
  readonly #places = new Map<number, number>();

  get(domain: number): number {
    return this.#places.get(domain) ?? 0;
  }

  set(domain: number, place: number): void {
    if (place === 0) this.#places.delete(domain);
    else this.#places.set(domain, place);
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
