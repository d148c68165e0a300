import type { Current } from '../model/distribution.ts';
import type { DistributionPlan, Plan } from '../model/plan.ts';

/** Replicas by `cluster/name` of their host, without zeros. */
export type Counts = ReadonlyMap<string, number>;

/** The counts of every distribution. */
export type CountsByKey = ReadonlyMap<string, Counts>;

export const plannedCounts = ({ clusters }: Pick<DistributionPlan, 'clusters'>): Counts =>
  new Map(clusters.flatMap(({ cluster, hosts }) => hosts.map((one) => [`${cluster}/${one.host}`, one.replicas])));

export const countsByKey = ({ distributions }: Plan): CountsByKey =>
  new Map(distributions.map((one) => [one.key, plannedCounts(one)]));

/** What stands, entries of one host added up. */
export function standingCounts(current: readonly Current[]): Counts {
  const counts = new Map<string, number>();
  for (const { cluster, host, replicas } of current) {
    const path = `${cluster}/${host}`;
    if (replicas > 0) counts.set(path, (counts.get(path) ?? 0) + replicas);
  }
  return counts;
}

/** Counts as what stands. */
export const asCurrent = (counts: Counts): Current[] =>
  [...counts].map(([path, replicas]) => {
    const slash = path.indexOf('/');
    return { cluster: path.slice(0, slash), host: path.slice(slash + 1), replicas };
  });
