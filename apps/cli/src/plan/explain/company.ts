import { labels as names } from '@kasmcloud/kube-api';
import { place, type Distribution, type Plan, type Snapshot } from '@kasmcloud/placement';
import { spotOf } from '../report/differences.ts';

/** Hosts that are asked one by one; what holds for these holds for the rest of their kind. */
const MAX_ASKED = 64;
const KEY_OF_PROBE = '~';

/**
 * Why hosts with room may not take a replica beside what runs there or elsewhere: asked of the planner, by letting everything
 * stand as planned and adding one replica that may only run there. By `cluster/name`.
 */
export function refusalsByCompany(
  snapshot: Snapshot,
  plan: Plan,
  distribution: Distribution,
  paths: readonly string[],
): ReadonlyMap<string, string> {
  const { affinity, ports } = distribution;
  const isBound =
    affinity.required.length > 0 ||
    ports.length > 0 ||
    snapshot.distributions.some(({ antiAffinity }) => antiAffinity.required.length > 0);
  if (!isBound) return new Map();
  const after = planned(snapshot, plan);
  return new Map(
    paths.slice(0, MAX_ASKED).flatMap((path) => {
      const probe = pinned(distribution, path);
      const answer = place({ ...after, distributions: [...after.distributions, probe] });
      const found = answer.distributions.find(({ key }) => key === probe.key)?.unplaced[0];
      return found !== undefined && company.has(found.reason) ? [[path, found.reason] as const] : [];
    }),
  );
}

/** What a host is refused for because of other distributions. */
export const company: ReadonlySet<string> = new Set(['AffinityUnmet', 'AntiAffinity', 'HostPortTaken']);

/** The world when the plan is carried out. */
function planned(snapshot: Snapshot, plan: Plan): Snapshot {
  const plans = new Map(plan.distributions.map((one) => [one.key, one]));
  return {
    ...snapshot,
    distributions: snapshot.distributions.map((one) => {
      const { clusters = [], placed = 0 } = plans.get(one.key) ?? {};
      const current = clusters.flatMap(({ cluster, hosts }) => hosts.map((share) => ({ cluster, ...share })));
      const replicas = one.mode === 'Daemon' ? one.replicas : placed;
      return { ...one, current, replicas, converge: false, preempts: false, suspended: true };
    }),
  };
}

/** One more replica of a distribution, which may only run on one host. */
function pinned(distribution: Distribution, path: string): Distribution {
  const { cluster, host } = spotOf(path);
  const only = [
    { key: names.cluster, operator: 'In' as const, values: [cluster] },
    { key: names.hostname, operator: 'In' as const, values: [host] },
  ];
  return {
    ...distribution,
    key: `${distribution.key}${KEY_OF_PROBE}`,
    mode: 'Spread',
    replicas: 1,
    current: [],
    avoid: [],
    groups: [],
    spread: [],
    hosts: { required: [only], preferred: [] },
    preempts: false,
  };
}
