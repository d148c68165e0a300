import type { AffinityTerm, Distribution } from '../model/distribution.ts';
import type { Holding } from './holding.ts';
import type { Inventory } from './inventory.ts';
import { Selection, Tally } from './selection.ts';

/** What one distribution has to do with the others. */
export interface Neighbourhood {
  /** Terms that select it. */
  readonly selectedBy: Selection[];
  /** Terms of its required anti-affinity. */
  readonly refuses: readonly Selection[];
  /** Terms of its required affinity. */
  readonly needs: readonly Selection[];
  /** Terms of its preferred affinity, and, with weights below 0, of its preferred anti-affinity. */
  readonly prefers: readonly Preference[];
  /** Who takes which of its host ports, by number of the host. */
  readonly ports: readonly Tally[];
}

export interface Preference {
  readonly selection: Selection;
  readonly weight: number;
}

/** A distribution that stands somewhere. */
export interface Neighbour {
  readonly distribution: Distribution;
  readonly neighbourhood: Neighbourhood;
  /** Who knows where it stands now. */
  readonly holder: { readonly counts: Holding };
}

/**
 * Keeps count of who stands in which domain, for as many terms as there are. A replica that comes or goes costs one step
 * for each term that selects its distribution or that it owns: asking whom a domain holds costs one step, too.
 */
export class Neighbours {
  readonly #inventory: Inventory;
  readonly #selections = new Map<string, Selection>();
  readonly #terms = new WeakMap<AffinityTerm, Selection>();
  /** Selections that ask for a label with a value are found by it. */
  readonly #byLabel = new Map<string, Map<string, Selection[]>>();
  readonly #others: Selection[] = [];
  #ports: Map<string, Tally> | undefined;
  readonly #members = new Set<Neighbour>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  /** Terms that are known before their owners come need not look for whom they select later. */
  expect({ affinity, antiAffinity }: Distribution): void {
    for (const term of affinity.required) this.#selection(term);
    for (const term of antiAffinity.required) this.#selection(term);
    for (const { term } of affinity.preferred) this.#selection(term);
    for (const { term } of antiAffinity.preferred) this.#selection(term);
  }

  /** `holder` is asked when a term comes later that selects this one. */
  join(distribution: Distribution, holder: Neighbour['holder']): Neighbour {
    const { affinity, antiAffinity, ports } = distribution;
    const neighbourhood: Neighbourhood = {
      refuses: eachOf(antiAffinity.required, (term) => this.#selection(term)),
      needs: eachOf(affinity.required, (term) => this.#selection(term)),
      prefers: joined(this.#preferences(affinity, 1), this.#preferences(antiAffinity, -1)),
      ports: eachOf(ports, (port) => this.#port(port)),
      selectedBy: this.#selecting(distribution),
    };
    const neighbour = { distribution, neighbourhood, holder };
    this.#members.add(neighbour);
    return neighbour;
  }

  #preferences({ preferred }: Distribution['affinity'], sign: number): readonly Preference[] {
    return eachOf(preferred, ({ term, weight }) => ({ selection: this.#selection(term), weight: sign * weight }));
  }

  leave(neighbour: Neighbour): void {
    this.#members.delete(neighbour);
  }

  /** Comes back; terms that were not there before may select it. */
  rejoin(neighbour: Neighbour): void {
    const { selectedBy } = neighbour.neighbourhood;
    selectedBy.splice(0, selectedBy.length, ...this.#selecting(neighbour.distribution));
    this.#members.add(neighbour);
  }

  /** Replicas that came to a host, or left it. */
  static note({ selectedBy, refuses, ports }: Neighbourhood, host: number, replicas: number): void {
    if (selectedBy.length > 0)
      for (const selection of selectedBy) selection.selected.add(selection.domainOf(host), replicas);
    if (refuses.length > 0) for (const selection of refuses) selection.refusing.add(selection.domainOf(host), replicas);
    if (ports.length > 0) for (const port of ports) port.add(host, replicas);
  }

  #selection(term: AffinityTerm): Selection {
    const same = this.#terms.get(term);
    if (same !== undefined) return same;
    const key = keyOfTerm(term);
    const known = this.#selections.get(key);
    if (known !== undefined) {
      this.#terms.set(term, known);
      return known;
    }
    const selection = new Selection(term, this.#inventory.column(term.topologyKey));
    this.#selections.set(key, selection);
    this.#terms.set(term, selection);
    this.#listed(term).push(selection);
    for (const { distribution, neighbourhood, holder } of this.#members) {
      if (!selection.selects(distribution)) continue;
      neighbourhood.selectedBy.push(selection);
      for (const [host, count] of holder.counts) selection.selected.add(selection.domainOf(host), count);
    }
    return selection;
  }

  /** The list in which a term is looked for. */
  #listed({ selector }: AffinityTerm): Selection[] {
    const [label] = Object.entries(selector.matchLabels ?? {});
    if (label === undefined) return this.#others;
    const [key, value] = label;
    let values = this.#byLabel.get(key);
    if (values === undefined) this.#byLabel.set(key, (values = new Map()));
    let list = values.get(value);
    if (list === undefined) values.set(value, (list = []));
    return list;
  }

  #selecting(distribution: Distribution): Selection[] {
    if (this.#selections.size === 0) return [];
    const found: Selection[] = [];
    for (const key of Object.keys(distribution.labels))
      for (const selection of this.#byLabel.get(key)?.get(distribution.labels[key] ?? '') ?? NO_SELECTIONS)
        if (selection.selects(distribution)) found.push(selection);
    for (const selection of this.#others) if (selection.selects(distribution)) found.push(selection);
    return found;
  }

  /** A port is taken on the hosts that say so, and on those of the distributions that have it. */
  #port(port: string): Tally {
    if (this.#ports === undefined) {
      this.#ports = new Map();
      for (const { index, ports } of this.#inventory.hosts)
        for (const taken of ports) tallyOf(this.#ports, taken).add(index, 1);
    }
    return tallyOf(this.#ports, port);
  }
}

/** Equal terms have equal keys. Names may hold any text: their lengths say where they end. */
function keyOfTerm({ topologyKey, namespaces, selector }: AffinityTerm): string {
  let key = `${topologyKey.length}:${topologyKey}`;
  for (const namespace of namespaces) key += `,${namespace.length}:${namespace}`;
  return `${key} ${JSON.stringify(selector)}`;
}

function tallyOf(tallies: Map<string, Tally>, name: string): Tally {
  let tally = tallies.get(name);
  if (tally === undefined) tallies.set(name, (tally = new Tally()));
  return tally;
}

const NO_SELECTIONS: readonly Selection[] = [];

/** Most have none. */
const eachOf = <T, R>(list: readonly T[], read: (one: T) => R): readonly R[] =>
  list.length === 0 ? NONE : list.map(read);

const joined = <T>(a: readonly T[], b: readonly T[]): readonly T[] =>
  b.length === 0 ? a : a.length === 0 ? b : [...a, ...b];

const NONE: readonly never[] = [];
