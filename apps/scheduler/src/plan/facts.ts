import {
  DEFAULT_HOST_INSTANCES,
  labels,
  type ActorObject,
  type ClusterObject,
  type HostObject,
  type ProviderObject,
  type Quantity,
  type Taint,
} from '@kasmcloud/kube-api';
import { QuantityError, readAmounts, type Cluster, type Host } from '@kasmcloud/placement';
import type { Liveness } from '../clusters/liveness.ts';
import { MANAGED_BY } from '../dispatch/desired.ts';

export interface HostFacts {
  readonly object: HostObject;
  /** `Unknown`: whoever renews its Lease is itself silent; the host is frozen, not lost. */
  readonly liveness: Liveness | 'Unknown';
}

/** Everything of one member that a plan depends on. Of a member that cannot be reached, what was seen last. */
export interface MemberFacts {
  readonly cluster: ClusterObject;
  readonly reach: Cluster['reach'];
  readonly hosts: readonly HostFacts[];
  readonly actors: readonly ActorObject[];
  readonly providers: readonly ProviderObject[];
}

/** Short names that wadm users write in spreads; a host's own label of that name wins. */
const aliases = { region: labels.region, zone: labels.zone, cluster: labels.cluster } as const;

/** Labels of a member as `clusters.required` sees them. */
export function clusterLabels({ metadata, spec }: ClusterObject): Record<string, string> {
  return {
    ...spec.labels,
    ...(spec.region !== undefined && { [labels.region]: spec.region }),
    ...(spec.zone !== undefined && { [labels.zone]: spec.zone }),
    [labels.cluster]: metadata.name,
  };
}

export const toCluster = ({ cluster, reach }: MemberFacts): Cluster => ({
  name: cluster.metadata.name,
  labels: clusterLabels(cluster),
  taints: (cluster.spec.taints ?? []).map(toTaint),
  unschedulable: cluster.spec.unschedulable === true || cluster.metadata.deletionTimestamp !== undefined,
  reach,
});

/** Hosts of a member, with the cluster's labels and with what others than us run on them. */
export function toHosts(member: MemberFacts): Host[] {
  const foreign = foreignInstances(member);
  return member.hosts.map(({ object, liveness }) => {
    const { metadata, spec, status } = object;
    return {
      name: metadata.name,
      cluster: member.cluster.metadata.name,
      labels: hostLabels(object, member.cluster),
      taints: (spec.taints ?? []).map(toTaint),
      unschedulable: spec.unschedulable === true || metadata.deletionTimestamp !== undefined,
      lattices: spec.lattices ?? [],
      interfaces: status?.interfaces ?? [],
      state: liveness,
      allocatable: amounts(status?.allocatable),
      foreign: { instances: foreign.get(metadata.name) ?? 0 },
    };
  });
}

function hostLabels({ metadata }: HostObject, cluster: ClusterObject): Record<string, string> {
  const all: Record<string, string> = {
    ...metadata.labels,
    ...clusterLabels(cluster),
    [labels.hostname]: metadata.name,
  };
  for (const [alias, label] of Object.entries(aliases)) {
    const value = all[label];
    if (all[alias] === undefined && value !== undefined) all[alias] = value;
  }
  return all;
}

function foreignInstances({ actors, providers }: MemberFacts): Map<string, number> {
  const taken = new Map<string, number>();
  const add = (host: string, count: number): void => void taken.set(host, (taken.get(host) ?? 0) + count);
  for (const { metadata, spec } of actors) {
    if (metadata.labels?.[labels.managedBy] !== MANAGED_BY) add(spec.hostName, spec.instances);
  }
  for (const { metadata, spec } of providers) {
    if (metadata.labels?.[labels.managedBy] !== MANAGED_BY) add(spec.hostName, 1);
  }
  return taken;
}

/** Quantities in the planner's units. What cannot be read is as if it were not offered. */
function amounts(allocatable: Readonly<Record<string, Quantity>> | undefined): Record<string, number> {
  const read: Record<string, number> = { instances: DEFAULT_HOST_INSTANCES };
  for (const [name, quantity] of Object.entries(allocatable ?? {})) {
    try {
      Object.assign(read, readAmounts({ [name]: quantity }));
    } catch (error) {
      if (!(error instanceof QuantityError)) throw error;
      read[name] = 0;
    }
  }
  return read;
}

const toTaint = (taint: Taint): { key: string; value?: string; effect: Taint['effect'] } => ({
  key: taint.key,
  effect: taint.effect,
  ...(taint.value !== undefined && { value: taint.value }),
});
