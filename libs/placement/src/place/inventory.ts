import { DEFAULT_HOST_INSTANCES, labels as names } from '@kasmcloud/kube-api';
import { compareText, hashText } from '../model/hash.ts';
import type { ClusterPlan } from '../model/plan.ts';
import type { Amounts, Cluster, Host, Labels, Snapshot, Taint } from '../model/snapshot.ts';
import { labelOf } from '../filter/term.ts';
import { classesOf, columnOf, type Classes, type Column } from './classes.ts';

/** A host as the planner sees it: with its cluster, its number, and its cluster's taints among its own. */
export interface HostView {
  /** Position in {@link Inventory.hosts}, which are in order of cluster, then name. */
  readonly index: number;
  readonly name: string;
  readonly cluster: Cluster;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  readonly isPods: boolean;
  readonly lattices: readonly string[];
  readonly interfaces: readonly string[];
  readonly state: Host['state'];
  readonly silentMs: number | undefined;
  readonly allocatable: Amounts;
  readonly foreign: Amounts;
  /** Ports that are taken. */
  readonly ports: readonly string[];
  /** Known only from a Placement of an unreachable cluster. */
  readonly ghost: boolean;
  /** Hash of cluster and name, for ties. */
  readonly seed: number;
  /** Value of a topology key; undefined when the host has no such label. */
  domain(topologyKey: string): string | undefined;
}

/** Every host, sorted and numbered, so that the order of the input is forgotten here. */
export class Inventory {
  readonly #hosts: HostView[];
  /** Numbers of hosts by cluster, then name. */
  readonly #numbers = new Map<string, Map<string, number>>();
  readonly #columns = new Map<string, Column>();
  readonly #classes = new Map<string, Classes>();
  readonly #singles: (ClusterPlan | undefined)[];
  /** By number of the host: number of its cluster. */
  readonly clusters: Int32Array;
  /** Every lattice that some host names. */
  readonly lattices: ReadonlySet<string>;
  /** Classes of hosts that agree in everything but labels. */
  #traits: Classes | undefined;

  constructor(hosts: readonly HostView[]) {
    this.#hosts = [...hosts];
    this.#singles = hosts.map(() => undefined);
    const lattices = new Set<string>();
    for (const host of hosts) for (const lattice of host.lattices) lattices.add(lattice);
    this.lattices = lattices;
    this.clusters = new Int32Array(hosts.length);
    for (const { cluster, name, index } of hosts) {
      let inside = this.#numbers.get(cluster.name);
      if (inside === undefined) this.#numbers.set(cluster.name, (inside = new Map()));
      inside.set(name, index);
      // Clusters are numbered in the order in which they are met.
      this.clusters[index] = this.#numbers.size - 1;
    }
  }

  get hosts(): readonly HostView[] {
    return this.#hosts;
  }

  find(cluster: string, host: string): HostView | undefined {
    const index = this.#numbers.get(cluster)?.get(host);
    return index === undefined ? undefined : this.#hosts[index];
  }

  /** What a plan says of a cluster with a single replica, by the number of the host: always the same object, since plans hold very many. */
  single(host: number): ClusterPlan {
    return (this.#singles[host] ??= this.#singleOn(host));
  }

  #singleOn(index: number): ClusterPlan {
    const host = this.#hosts[index];
    return { cluster: host?.cluster.name ?? '', hosts: [{ host: host?.name ?? '', replicas: 1 }] };
  }

  /** Numbers of the hosts of one cluster. */
  within(cluster: string): Iterable<number> {
    return this.#numbers.get(cluster)?.values() ?? [];
  }

  /** Puts another view in the place of one with the same number, name and labels. */
  replace(view: HostView): void {
    this.#hosts[view.index] = view;
    this.#traits = undefined;
    this.#classes.clear();
  }

  /** Values of a topology key. */
  column(topologyKey: string): Column {
    let column = this.#columns.get(topologyKey);
    if (column === undefined) {
      column = columnOf(this.#hosts, (host) => host.domain(topologyKey));
      this.#columns.set(topologyKey, column);
    }
    return column;
  }

  /** Hosts that agree in everything that filters look at, and in these labels. */
  classesBy(keys: Iterable<string>): Classes {
    const distinct = [...new Set(keys)].toSorted(compareText);
    const name = distinct.join('\n');
    let classes = this.#classes.get(name);
    if (classes === undefined) {
      this.#traits ??= classesOf(new Int32Array(this.#hosts.length), traitsOf(this.#hosts));
      classes = classesOf(
        this.#traits.of,
        distinct.map((key) => this.column(key)),
      );
      this.#classes.set(name, classes);
    }
    return classes;
  }
}

/** What filters look at besides labels. */
function traitsOf(hosts: readonly HostView[]): Column[] {
  return [
    columnOf(hosts, ({ cluster }) => cluster.name),
    columnOf(hosts, ({ isPods }) => (isPods ? 'pods' : undefined)),
    columnOf(hosts, ({ state, silentMs, unschedulable, ghost }) => `${state} ${silentMs} ${unschedulable} ${ghost}`),
    columnOf(hosts, ({ taints }) => (taints.length === 0 ? undefined : JSON.stringify(taints))),
    columnOf(hosts, ({ lattices }) => (lattices.length === 0 ? undefined : lattices.join('\n'))),
    columnOf(hosts, ({ interfaces }) => (interfaces.length === 0 ? undefined : interfaces.join('\n'))),
  ];
}

export function takeInventory(snapshot: Pick<Snapshot, 'clusters' | 'hosts' | 'distributions'>): Inventory {
  const clusters = new Map(snapshot.clusters.map((cluster) => [cluster.name, withOwnLabel(cluster)]));
  const known = new Map<string, Map<string, Known>>();
  for (const cluster of clusters.values()) known.set(cluster.name, new Map());
  for (const host of snapshot.hosts) {
    const cluster = clusters.get(host.cluster);
    if (cluster !== undefined) known.get(host.cluster)?.set(host.name, { host, cluster, ghost: false });
  }
  if (snapshot.clusters.some(({ reach }) => reach === 'Unreachable')) addGhosts(snapshot, clusters, known);
  const sorted = [...known]
    .toSorted(([a], [b]) => compareText(a, b))
    .flatMap(([, inside]) => [...inside.values()].toSorted((a, b) => compareText(a.host.name, b.host.name)));
  return new Inventory(sorted.map((entry, index) => viewOf(entry, index)));
}

/** Hosts that nobody sees, and which the last Placements of an unreachable cluster name. */
function addGhosts(
  { distributions }: Pick<Snapshot, 'distributions'>,
  clusters: ReadonlyMap<string, Cluster>,
  known: ReadonlyMap<string, Map<string, Known>>,
): void {
  for (const { current } of distributions)
    for (const entry of current) {
      const cluster = clusters.get(entry.cluster);
      const inside = known.get(entry.cluster);
      if (cluster?.reach !== 'Unreachable' || inside === undefined || inside.has(entry.host)) continue;
      inside.set(entry.host, { host: ghostOf(entry.host, cluster), cluster, ghost: true });
    }
}

interface Known {
  readonly host: Host;
  readonly cluster: Cluster;
  readonly ghost: boolean;
}

/** A cluster as terms see it. */
export const withOwnLabel = (cluster: Cluster): Cluster => ({
  ...cluster,
  labels: { ...cluster.labels, [names.cluster]: cluster.name },
});

const ghostOf = (name: string, cluster: Cluster): Host => ({
  name,
  cluster: cluster.name,
  labels: cluster.labels,
  taints: [],
  unschedulable: false,
  lattices: ['*'],
  interfaces: [],
  state: 'Unknown',
  allocatable: {},
  foreign: {},
});

export function viewOf({ host, cluster, ghost }: Known, index: number): HostView {
  // A cluster name holds no slash, so no two hosts share a path.
  const path = `${cluster.name}/${host.name}`;
  const labels: Labels = { [names.hostname]: host.name, ...host.labels, [names.cluster]: cluster.name };
  return {
    index,
    name: host.name,
    cluster,
    labels,
    taints: cluster.taints.length === 0 ? host.taints : [...cluster.taints, ...host.taints],
    unschedulable: host.unschedulable,
    isPods: host.isPods === true,
    lattices: host.lattices,
    interfaces: host.interfaces,
    state: host.state,
    silentMs: host.silentMs,
    allocatable: { instances: DEFAULT_HOST_INSTANCES, ...host.allocatable },
    foreign: host.foreign,
    ports: host.ports ?? [],
    ghost,
    seed: hashText(path),
    // Two clusters may have hosts of one name: as a domain, a host is itself.
    domain: (topologyKey) => (topologyKey === names.hostname ? path : labelOf(labels, topologyKey)),
  };
}
