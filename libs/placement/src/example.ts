import { labels, type DistributionSpec } from '@kasmcloud/kube-api';
import type { Current, Distribution } from './model/distribution.ts';
import type { DistributionPlan, Plan } from './model/plan.ts';
import type { Cluster, Host } from './model/snapshot.ts';
import { place } from './place/place.ts';
import { readDistribution, type DistributionFacts } from './model/spec.ts';

/** Small worlds for tests: every field that a test does not name is the plainest one. */

export const cluster = (name: string, rest: Partial<Cluster> = {}): Cluster => ({
  name,
  labels: {},
  taints: [],
  unschedulable: false,
  reach: 'Reachable',
  ...rest,
});

/** A host from its path `cluster/name`. */
export function host(path: string, rest: Partial<Host> = {}): Host {
  const [inside = '', name = ''] = path.split('/');
  return {
    name,
    cluster: inside,
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

/** A host with room for so many instances, in a zone of a region if given. */
export function slots(path: string, instances: number, region?: string, zone?: string): Host {
  return host(path, {
    allocatable: { instances },
    labels: {
      ...(region !== undefined && { [labels.region]: region }),
      ...(zone !== undefined && { [labels.zone]: zone }),
    },
  });
}

export function actor(
  spec: Omit<DistributionSpec, 'actor' | 'provider'>,
  facts: Partial<DistributionFacts> = {},
): Distribution {
  return readDistribution({ actor: { id: 'app', image: 'registry/app:1' }, ...spec }, { ...plainFacts, ...facts });
}

export function provider(
  spec: Omit<DistributionSpec, 'actor' | 'provider'>,
  facts: Partial<DistributionFacts> = {},
): Distribution {
  return readDistribution({ provider: { id: 'app', image: 'registry/app:1' }, ...spec }, { ...plainFacts, ...facts });
}

const plainFacts: DistributionFacts = { namespace: 'default', name: 'app', revision: 'r1', current: [] };

/** `{'eu/a': 2}` as the current placements. */
export const standing = (counts: Readonly<Record<string, number>>): Current[] =>
  Object.entries(counts).map(([path, replicas]) => {
    const [inside = '', name = ''] = path.split('/');
    return { cluster: inside, host: name, replicas };
  });

/** The counts of a plan by `cluster/host`. */
export const countsOf = ({ clusters }: DistributionPlan): Record<string, number> =>
  Object.fromEntries(
    clusters.flatMap((one) => one.hosts.map(({ host, replicas }) => [`${one.cluster}/${host}`, replicas])),
  );

/** The plan of one distribution; the only one when no key is given. */
export function planOf(plan: Plan, key?: string): DistributionPlan {
  const found = plan.distributions.find((one) => key === undefined || one.key === key);
  if (found === undefined) throw new Error(`the plan has no distribution ${key ?? ''}`);
  return found;
}

/** Hosts of the clusters `eu` and `us`. */
export const twoClusters: readonly Cluster[] = [cluster('eu'), cluster('us')];

export const placeOne = (
  distribution: Distribution,
  hosts: readonly Host[],
  clusters: readonly Cluster[] = twoClusters,
): DistributionPlan => planOf(place({ clusters, hosts, distributions: [distribution] }));

export const perCluster = ({ clusters }: DistributionPlan): Record<string, number> =>
  Object.fromEntries(clusters.map((one) => [one.cluster, one.hosts.reduce((sum, { replicas }) => sum + replicas, 0)]));
