import {
  DEFAULT_HOST_INSTANCES,
  labels as names,
  type ClusterObject,
  type HostObject,
  type Quantity,
} from '@kasmcloud/kube-api';
import type { Amounts, Host, Labels } from '../model/snapshot.ts';
import { QuantityError } from '../model/quantity.ts';
import { readAmounts } from '../model/spec.ts';
import { clusterLabels, toTaint } from './cluster.ts';

/** What the planner must know of a host besides its object. */
export interface HostCircumstances {
  readonly cluster: ClusterObject;
  readonly state: Host['state'];
  readonly silentMs?: number | undefined;
  /** Instances that actors and providers which are not the planner's take of it. */
  readonly foreignInstances: number;
}

/** A WasmCloudHost as the planner sees it: with the labels of its cluster. One on its way out takes nothing new. */
export function toHost(object: HostObject, { cluster, state, silentMs, foreignInstances }: HostCircumstances): Host {
  const { metadata, spec, status } = object;
  return {
    name: metadata.name,
    cluster: cluster.metadata.name,
    labels: hostLabels(metadata, cluster),
    taints: (spec.taints ?? []).map(toTaint),
    unschedulable: spec.unschedulable === true || metadata.deletionTimestamp !== undefined,
    lattices: spec.lattices ?? [],
    interfaces: status?.interfaces ?? [],
    state,
    ...(silentMs !== undefined && { silentMs }),
    allocatable: allocatableOf(status?.allocatable),
    foreign: { instances: foreignInstances },
  };
}

/** Short names that wadm users write in spreads; a host's own label of that name wins. */
const aliases = { region: names.region, zone: names.zone, cluster: names.cluster } as const;

/** Its own labels, with those of its cluster. */
export function hostLabels({ name, labels }: HostObject['metadata'], cluster: ClusterObject): Labels {
  const all: Record<string, string> = {
    ...labels,
    ...clusterLabels(cluster),
    [names.hostname]: name,
  };
  for (const [alias, label] of Object.entries(aliases)) {
    const value = all[label];
    if (all[alias] === undefined && value !== undefined) all[alias] = value;
  }
  return all;
}

/** More than any host has: sums of it are still exact. */
export const MOST_OFFERED = 2 ** 50;

/** Quantities in the planner's units. What cannot be read, or is below 0, is as if it were not offered. */
function allocatableOf(allocatable: Readonly<Record<string, Quantity>> | undefined): Amounts {
  const read: Record<string, number> = { instances: DEFAULT_HOST_INSTANCES };
  for (const [name, quantity] of Object.entries(allocatable ?? {})) {
    try {
      const amount = readAmounts({ [name]: quantity })[name] ?? 0;
      read[name] = Math.min(Math.max(0, amount), MOST_OFFERED);
    } catch (error) {
      if (!(error instanceof QuantityError)) throw error;
      read[name] = 0;
    }
  }
  return read;
}
