import { labels as names } from '@kasmcloud/kube-api';
import type { AffinityTerm, Distribution } from '../model/distribution.ts';
import type { Labels } from '../model/snapshot.ts';
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
  #ports: Map<string, Tally> | undefined;
  /** Everybody, and by label. */
  readonly #members = new Set<Neighbour>();
  readonly #labelled = new Map<string, Set<Neighbour>>();

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
    this.#enrol(neighbour);
    return neighbour;
  }

  leave(neighbour: Neighbour): void {
    this.#members.delete(neighbour);
    for (const label of labelsOf(neighbour.distribution.labels)) this.#labelled.get(label)?.delete(neighbour);
  }

  /** Comes back; terms that were not there before may select it. */
  rejoin(neighbour: Neighbour): void {
    const { selectedBy } = neighbour.neighbourhood;
    selectedBy.splice(0, selectedBy.length, ...this.#selecting(neighbour.distribution));
    this.#enrol(neighbour);
  }

  #enrol(neighbour: Neighbour): void {
    this.#members.add(neighbour);
    for (const label of labelsOf(neighbour.distribution.labels)) {
      const list = this.#labelled.get(label);
      if (list === undefined) this.#labelled.set(label, new Set([neighbour]));
      else list.add(neighbour);
    }
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
    const [label] = labelsOf(term.selector.matchLabels ?? {});
    if (label === undefined) this.#others.push(selection);
    else this.#byLabel.set(label, [...(this.#byLabel.get(label) ?? []), selection]);
    const candidates = label === undefined ? this.#members : (this.#labelled.get(label) ?? []);
    for (const { distribution, neighbourhood, counts } of candidates) {
      if (!selection.selects(distribution)) continue;
      neighbourhood.selectedBy.push(selection);
      for (const [host, count] of counts) selection.selected.add(selection.domainOf(host), count);
    }
    return selection;
  }

  #selecting(distribution: Distribution): Selection[] {
    if (this.#selections.size === 0) return [];
    const candidates = labelsOf(distribution.labels).flatMap((label) => this.#byLabel.get(label) ?? []);
    return [...candidates, ...this.#others].filter((selection) => selection.selects(distribution));
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

function tallyOf(tallies: Map<string, Tally>, name: string): Tally {
  let tally = tallies.get(name);
  if (tally === undefined) tallies.set(name, (tally = new Tally()));
  return tally;
}

const labelsOf = (labels: Labels): string[] => Object.entries(labels).map(([key, value]) => `${key}=${value}`);

export type { Neighbour };

/** Whether a term is about single hosts. */
export const isByHost = ({ term }: Selection): boolean => term.topologyKey === names.hostname;
