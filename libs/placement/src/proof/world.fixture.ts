import { labels as names, type DistributionSpec } from '@kasmcloud/kube-api';
import {
  place,
  readDistribution,
  type Cluster,
  type Current,
  type Distribution,
  type DistributionFacts,
  type DistributionPlan,
  type Host,
  type Plan,
  type Snapshot,
} from '../index.ts';

/** Worlds and plans in short, through the public API only: what proves the engine must not depend on its inside. */

export type Spec = Omit<DistributionSpec, 'actor' | 'provider'>;
export type Counts = Readonly<Record<string, number>>;

export const clusterOf = (name: string, rest: Partial<Cluster> = {}): Cluster => ({
  name,
  labels: {},
  taints: [],
  unschedulable: false,
  reach: 'Reachable',
  ...rest,
});

/** A host from its path `cluster/name`, with endless room. */
export function hostOf(path: string, rest: Partial<Host> = {}): Host {
  const [cluster = '', name = ''] = path.split('/');
  return {
    name,
    cluster,
    labels: {},
    taints: [],
    unschedulable: false,
    lattices: ['*'],
    interfaces: [],
    state: 'Ready',
    allocatable: {},
    foreign: {},
    ...rest,
  };
}

/** A host with room for so many replicas, in a zone of a region. */
export const roomOf = (path: string, instances: number, zone?: string, region?: string): Host =>
  hostOf(path, {
    allocatable: { instances },
    labels: {
      ...(zone !== undefined && { [names.zone]: zone }),
      ...(region !== undefined && { [names.region]: region }),
    },
  });

export interface Wish extends Partial<DistributionFacts> {
  readonly spec: Spec;
  readonly provider?: boolean;
}

export function wish({ spec, provider, ...facts }: Wish): Distribution {
  const all = { namespace: 'default', name: 'app', revision: 'r1', current: [], ...facts };
  const image = { id: 'app', image: 'registry/app:1' };
  return readDistribution(provider === true ? { provider: image, ...spec } : { actor: image, ...spec }, all);
}

/** Every cluster that hosts name. */
export function clustersOf(hosts: readonly Host[], clusters: readonly Cluster[] = []): Cluster[] {
  const known = new Set(clusters.map(({ name }) => name));
  const others = new Set(hosts.map(({ cluster }) => cluster).filter((name) => !known.has(name)));
  return [...clusters, ...[...others].map((name) => clusterOf(name))];
}

export const worldOf = (
  hosts: readonly Host[],
  distributions: readonly Distribution[],
  clusters?: readonly Cluster[],
): Snapshot => ({ clusters: clustersOf(hosts, clusters), hosts, distributions });

/** The only distribution's plan. */
export function placeOne(hosts: readonly Host[], one: Wish, clusters?: readonly Cluster[]): DistributionPlan {
  return planOf(place(worldOf(hosts, [wish(one)], clusters)));
}

export function planOf(plan: Plan, key?: string): DistributionPlan {
  const found = plan.distributions.find((one) => key === undefined || one.key === key);
  if (found === undefined) throw new Error(`the plan has no distribution ${key ?? ''}`);
  return found;
}

/** Replicas by `cluster/host`. */
export const countsOf = ({ clusters }: Pick<DistributionPlan, 'clusters'>): Counts =>
  Object.fromEntries(
    clusters.flatMap(({ cluster, hosts }) => hosts.map(({ host, replicas }) => [`${cluster}/${host}`, replicas])),
  );

/** `{'eu/a': 2}` as what stands. */
export const standing = (counts: Counts): Current[] =>
  Object.entries(counts).map(([path, replicas]) => {
    const [cluster = '', host = ''] = path.split('/');
    return { cluster, host, replicas };
  });

/** What stood, by path, entries of one host added up. */
export function stoodOf({ current }: Pick<Distribution, 'current'>): Counts {
  const sums: Record<string, number> = {};
  for (const { cluster, host, replicas } of current)
    sums[`${cluster}/${host}`] = (sums[`${cluster}/${host}`] ?? 0) + replicas;
  return sums;
}

/** The same world after the plan was carried out and everything has come to rest. */
export const applied = (snapshot: Snapshot, plan: Plan): Snapshot => ({
  ...snapshot,
  distributions: snapshot.distributions.map((one) => ({ ...one, current: standing(countsOf(planOf(plan, one.key))) })),
});

export const pathOf = ({ cluster, name }: Pick<Host, 'cluster' | 'name'>): string => `${cluster}/${name}`;

export const sum = (numbers: Iterable<number>): number => {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
};

export const unplacedOf = ({ unplaced }: DistributionPlan): number => sum(unplaced.map(({ count }) => count));
