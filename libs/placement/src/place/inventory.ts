import { DEFAULT_HOST_INSTANCES, labels as names } from '@kasmcloud/kube-api';
import { compareText, hashText } from '../model/hash.ts';
import type { Amounts, Cluster, Host, Labels, Snapshot, Taint } from '../model/snapshot.ts';

/** A host as the planner sees it: with its cluster, its number, and its cluster's taints among its own. */
export interface HostView {
  /** Position in {@link Inventory.hosts}, which are in order of cluster, then name. */
  readonly index: number;
  readonly name: string;
  readonly cluster: Cluster;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  readonly lattices: readonly string[];
  readonly interfaces: readonly string[];
  readonly state: Host['state'];
  readonly allocatable: Amounts;
  readonly foreign: Amounts;
  /** Known only from a Placement of an unreachable cluster. */
  readonly ghost: boolean;
  /** Hash of cluster and name, for ties. */
  readonly seed: number;
  /** Value of a topology key; undefined when the host has no such label. */
  domain(topologyKey: string): string | undefined;
}

export interface Inventory {
  readonly hosts: readonly HostView[];
  find(cluster: string, host: string): HostView | undefined;
}

/** Sorts and numbers the hosts, so that the order of the input is forgotten here. */
export function takeInventory(snapshot: Snapshot): Inventory {
  const clusters = new Map(snapshot.clusters.map((cluster) => [cluster.name, withOwnLabel(cluster)]));
  const known = new Map<string, Known>();
  for (const host of snapshot.hosts) {
    const cluster = clusters.get(host.cluster);
    if (cluster !== undefined) known.set(pathOf(host.cluster, host.name), { host, cluster, ghost: false });
  }
  for (const { current } of snapshot.distributions)
    for (const entry of current) {
      const cluster = clusters.get(entry.cluster);
      const path = pathOf(entry.cluster, entry.host);
      if (cluster?.reach !== 'Unreachable' || known.has(path)) continue;
      known.set(path, { host: ghostOf(entry.host, cluster), cluster, ghost: true });
    }
  const sorted = [...known.values()].toSorted(
    (a, b) => compareText(a.cluster.name, b.cluster.name) || compareText(a.host.name, b.host.name),
  );
  const hosts = sorted.map((entry, index) => viewOf(entry, index));
  const byPath = new Map(hosts.map((host) => [pathOf(host.cluster.name, host.name), host]));
  return { hosts, find: (cluster, host) => byPath.get(pathOf(cluster, host)) };
}

interface Known {
  readonly host: Host;
  readonly cluster: Cluster;
  readonly ghost: boolean;
}

/** A cluster name holds no slash, so no two hosts share a path. */
const pathOf = (cluster: string, host: string): string => `${cluster}/${host}`;

const withOwnLabel = (cluster: Cluster): Cluster => ({
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

function viewOf({ host, cluster, ghost }: Known, index: number): HostView {
  const path = pathOf(cluster.name, host.name);
  const labels: Labels = { [names.hostname]: host.name, ...host.labels, [names.cluster]: cluster.name };
  return {
    index,
    name: host.name,
    cluster,
    labels,
    taints: cluster.taints.length === 0 ? host.taints : [...cluster.taints, ...host.taints],
    unschedulable: host.unschedulable,
    lattices: host.lattices,
    interfaces: host.interfaces,
    state: host.state,
    allocatable: { instances: DEFAULT_HOST_INSTANCES, ...host.allocatable },
    foreign: host.foreign,
    ghost,
    seed: hashText(path),
    // Two clusters may have hosts of one name: as a domain, a host is itself.
    domain: (topologyKey) => (topologyKey === names.hostname ? path : labels[topologyKey]),
  };
}
