import { labels as names } from '@kasmcloud/kube-api';
import type { AffinityTerm, Distribution } from '../model/distribution.ts';
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
  /** Who takes which of its host ports, by number of the host. */
  readonly ports: readonly Tally[];
}

/** A distribution that stands somewhere. */
interface Neighbour {
  readonly distribution: Distribution;
  readonly neighbourhood: Neighbourhood;
  readonly counts: ReadonlyMap<number, number>;
}

/**
 * Keeps count of who stands in which domain, for as many terms as there are. A replica that comes or goes costs one step
 * for each term that selects its distribution or that it owns: asking whom a domain holds costs one step, too.
 */
export class Neighbours {
  readonly #inventory: Inventory;
  readonly #selections = new Map<string, Selection>();
  /** Selections that ask for a label with a value are found by it. */
  readonly #byLabel = new Map<string, Selection[]>();
  readonly #others: Selection[] = [];
  readonly #ports = new Map<string, Tally>();
  readonly #members = new Set<Neighbour>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  /** `counts` is read when somebody comes later whose terms select this one. */
  join(distribution: Distribution, counts: ReadonlyMap<number, number>): Neighbour {
    const { affinity, antiAffinity, ports } = distribution;
    const neighbourhood: Neighbourhood = {
      refuses: antiAffinity.required.map((term) => this.#selection(term)),
      needs: affinity.required.map((term) => this.#selection(term)),
      ports: ports.map((port) => this.#port(port)),
      selectedBy: [],
    };
    neighbourhood.selectedBy.push(...this.#selecting(distribution));
    const neighbour = { distribution, neighbourhood, counts };
    this.#members.add(neighbour);
    return neighbour;
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
    for (const selection of selectedBy) selection.selected.add(selection.domainOf(host), replicas);
    for (const selection of refuses) selection.refusing.add(selection.domainOf(host), replicas);
    for (const port of ports) port.add(host, replicas);
  }

  #selection(term: AffinityTerm): Selection {
    const key = JSON.stringify([term.topologyKey, term.namespaces, term.selector]);
    const known = this.#selections.get(key);
    if (known !== undefined) return known;
    const selection = new Selection(term, this.#inventory.column(term.topologyKey));
    this.#selections.set(key, selection);
    const [label] = Object.entries(term.selector.matchLabels ?? {});
    if (label === undefined) this.#others.push(selection);
    else this.#labelled(label).push(selection);
    for (const { distribution, neighbourhood, counts } of this.#members) {
      if (!selection.selects(distribution)) continue;
      neighbourhood.selectedBy.push(selection);
      for (const [host, count] of counts) selection.selected.add(selection.domainOf(host), count);
    }
    return selection;
  }

  #selecting(distribution: Distribution): Selection[] {
    if (this.#selections.size === 0) return [];
    const candidates = Object.entries(distribution.labels).flatMap((label) => this.#byLabel.get(label.join('=')) ?? []);
    return [...candidates, ...this.#others].filter((selection) => selection.selects(distribution));
  }

  #labelled(label: [string, string]): Selection[] {
    const key = label.join('=');
    let list = this.#byLabel.get(key);
    if (list === undefined) this.#byLabel.set(key, (list = []));
    return list;
  }

  /** A port is taken on the hosts that say so, and on those of the distributions that have it. */
  #port(port: string): Tally {
    let tally = this.#ports.get(port);
    if (tally === undefined) {
      this.#ports.set(port, (tally = new Tally()));
      for (const { index, ports } of this.#inventory.hosts) if (ports.includes(port)) tally.add(index, 1);
    }
    return tally;
  }
}

export type { Neighbour };

/** Whether a term is about single hosts. */
export const isByHost = ({ term }: Selection): boolean => term.topologyKey === names.hostname;
