import { judge, type FilterName } from '../filter/verdict.ts';
import type { Distribution } from '../model/distribution.ts';
import type { Cluster, Host } from '../model/snapshot.ts';
import type { HostView } from '../place/inventory.ts';

/** What must be otherwise so that a filter has nothing to say: of a host, of its cluster, or of the distribution. */

const ofHost: Partial<Record<FilterName, Partial<Host>>> = {
  HostLost: { state: 'Ready' },
  HostUnknown: { state: 'Ready' },
  HostSuspect: { state: 'Ready' },
  HostCordoned: { unschedulable: false },
  Lattice: { lattices: ['*'] },
};

const ofCluster: Partial<Record<FilterName, Partial<Cluster>>> = {
  ClusterLost: { reach: 'Reachable' },
  ClusterUnreachable: { reach: 'Reachable' },
  ClusterCordoned: { unschedulable: false },
};

type Lift = (one: Distribution) => Partial<Distribution>;

const ofDistribution: Partial<Record<FilterName, Lift>> = {
  ClusterTerms: ({ clusters }) => ({ clusters: { ...clusters, required: [] } }),
  Tiers: () => ({ tiers: [] }),
  HostTerms: ({ hosts }) => ({ hosts: { ...hosts, required: [] } }),
  Interfaces: () => ({ interfaces: [] }),
  Groups: () => ({ groups: [] }),
  TaintNoExecute: ({ tolerations }) => ({ tolerations: [...tolerations, { operator: 'Exists', effect: 'NoExecute' }] }),
  TaintNoSchedule: ({ tolerations }) => ({
    tolerations: [...tolerations, { operator: 'Exists', effect: 'NoSchedule' }],
  }),
  SpreadLabel: ({ spread }) => ({ spread: spread.map((entry) => ({ ...entry, block: false })) }),
};

export const liftedOn = <T extends object>(host: T, filter: FilterName): T => ({ ...host, ...ofHost[filter] });

export const liftedIn = (cluster: Cluster, filter: FilterName): Cluster => ({ ...cluster, ...ofCluster[filter] });

export const liftedFor = (one: Distribution, filter: FilterName): Distribution => ({
  ...one,
  ...ofDistribution[filter]?.(one),
});

/** Every filter that refuses a host, in the order in which they are asked: each is found by lifting the ones before it. */
export function filtersOf(distribution: Distribution, host: HostView): FilterName[] {
  const found: FilterName[] = [];
  let [asking, asked] = [distribution, host];
  for (;;) {
    const { filter } = judge(asking, asked);
    // What cannot be lifted, because nothing is known of the host, is the last that is found.
    if (filter === undefined || found.includes(filter)) return found;
    found.push(filter);
    asking = liftedFor(asking, filter);
    asked = { ...liftedOn(asked, filter), cluster: liftedIn(asked.cluster, filter) };
  }
}
