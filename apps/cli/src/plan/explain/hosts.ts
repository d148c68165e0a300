import type { Distribution, DistributionPlan, Plan, Snapshot } from '@kasmcloud/placement';
import { plannedCounts } from '../report/build.ts';
import { refusalsByCompany } from './company.ts';
import { Verdicts } from '../report/verdicts.ts';

/** What one host says to a distribution after the plan. */
export interface HostAnswer {
  /** `cluster/name`. */
  readonly path: string;
  readonly replicas: number;
  /** The filter that refuses it anything new, or the constraint between distributions that does. */
  readonly filter: string | undefined;
  /** Resources of which it has less left than one replica asks for. */
  readonly short: readonly Shortage[];
  readonly isAtLimit: boolean;
}

export interface Shortage {
  readonly resource: string;
  /** In the planner's units. */
  readonly left: number;
  readonly asked: number;
}

/** Every host of the snapshot, in order of path. */
export function askHosts(
  snapshot: Snapshot,
  plan: Plan,
  distribution: Distribution,
  planned: DistributionPlan,
): HostAnswer[] {
  const verdicts = new Verdicts(snapshot);
  const used = usage(snapshot, plan);
  const counts = plannedCounts(planned);
  const answers = snapshot.hosts
    .map(({ cluster, name, allocatable, foreign }): HostAnswer => {
      const path = `${cluster}/${name}`;
      const taken = used.get(path);
      const short = Object.entries(distribution.resources).flatMap(([resource, asked]) => {
        const left = (allocatable[resource] ?? 0) - (foreign[resource] ?? 0) - (taken?.get(resource) ?? 0);
        return left < asked ? [{ resource, left: Math.max(0, left), asked }] : [];
      });
      const replicas = counts.get(path) ?? 0;
      const isAtLimit = replicas >= distribution.maxPerHost;
      return { path, replicas, filter: verdicts.of(distribution, path)?.filter, short, isAtLimit };
    })
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const idle = answers.filter((one) => one.replicas === 0 && one.filter === undefined && !isFull(one));
  const refusals = refusalsByCompany(
    snapshot,
    plan,
    distribution,
    idle.map(({ path }) => path),
  );
  return answers.map((one) => ({ ...one, filter: refusals.get(one.path) ?? one.filter }));
}

export const isFull = ({ short, isAtLimit }: HostAnswer): boolean => short.length > 0 || isAtLimit;

/** What every distribution takes of every host, by `cluster/name`, then resource. */
function usage({ distributions }: Snapshot, plan: Plan): Map<string, Map<string, number>> {
  const resources = new Map(distributions.map((one) => [one.key, Object.entries(one.resources)]));
  const used = new Map<string, Map<string, number>>();
  for (const planned of plan.distributions) {
    for (const [path, replicas] of plannedCounts(planned)) {
      const host = used.get(path) ?? new Map<string, number>();
      for (const [name, amount] of resources.get(planned.key) ?? [])
        host.set(name, (host.get(name) ?? 0) + replicas * amount);
      used.set(path, host);
    }
  }
  return used;
}
