import { judgeTaints } from '../filter/taint.ts';
import { weightOf } from '../filter/preference.ts';
import type { FilterName } from '../filter/verdict.ts';
import type { Distribution } from '../model/distribution.ts';
import type { Plan } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { HostView } from '../place/inventory.ts';
import { Company, pathOf, type CompanyRefusal } from './company.ts';
import { isAvoided } from '../place/standing.ts';
import { countsByKey, standingCounts, type Counts } from './counts.ts';
import { filtersOf } from './lift.ts';

/** What one host says to one more replica of a distribution, when a plan is carried out. */
export interface HostAnswer {
  /** `cluster/name`. */
  readonly path: string;
  /** What the plan gives it. */
  readonly replicas: number;
  /** How many stand there now. */
  readonly stood: number;
  /** Sum of the weights of the preferred terms that it meets, those of affinity and anti-affinity among them. */
  readonly score: number;
  /** Whether it is asked only after all others, for a PreferNoSchedule taint that is not tolerated. */
  readonly isShunned: boolean;
  /** Every filter that refuses it, in the order in which they are asked. */
  readonly filters: readonly FilterName[];
  /** Why it is refused for what runs on it or near it. */
  readonly company: readonly CompanyRefusal[];
  /** Resources of which it has less left than one replica asks for. */
  readonly short: readonly Shortage[];
  /** It holds `maxPerHost`. */
  readonly isAtLimit: boolean;
  /** The revision failed there, and is kept away for a while. */
  readonly isAvoided: boolean;
}

export interface Shortage {
  readonly resource: string;
  /** In the planner's units. */
  readonly left: number;
  readonly asked: number;
}

export const isFull = ({ short, isAtLimit }: HostAnswer): boolean => short.length > 0 || isAtLimit;

/** Blockers of one host, by the names that {@link withoutBlockers} knows. Without them it could take one more replica. */
export const blockersOf = ({ filters, company, isAvoided, isAtLimit, short }: HostAnswer): string[] => [
  ...filters,
  ...company.map((refusal) => constraintOf[refusal]),
  ...(isAvoided ? ['avoid'] : []),
  ...(isAtLimit ? ['maxPerHost'] : []),
  ...short.map(({ resource }) => `resources.${resource}`),
];

const constraintOf = { AffinityUnmet: 'affinity', AntiAffinity: 'antiAffinity', HostPortTaken: 'ports' } as const;

/** A plan with the hosts that it is made for. */
export interface Planned {
  readonly snapshot: Snapshot;
  readonly plan: Plan;
  /** All that there are. */
  readonly hosts: readonly HostView[];
}

/** What some hosts say, in their order. O(hosts × (filters + terms) + what the plan holds). */
export function askHosts(
  { snapshot, plan, hosts }: Planned,
  distribution: Distribution,
  asked: readonly HostView[] = hosts,
): HostAnswer[] {
  const counts = countsByKey(plan);
  const company = new Company(distribution, snapshot.distributions, hosts, counts);
  const used = usage(snapshot, counts);
  const planned = counts.get(distribution.key);
  const stood = standingCounts(distribution.current);
  return asked.map((host): HostAnswer => {
    const path = pathOf(host);
    const replicas = planned?.get(path) ?? 0;
    return {
      path,
      replicas,
      stood: stood.get(path) ?? 0,
      score: weightOf(distribution, host) + company.liking(host),
      isShunned: judgeTaints(host.taints, distribution.tolerations) === 'Avoid',
      filters: filtersOf(distribution, host),
      company: company.refusals(host),
      short: shortagesOf(distribution, host, used.get(path)),
      isAtLimit: replicas >= distribution.maxPerHost,
      isAvoided: isAvoided(distribution, host),
    };
  });
}

function shortagesOf({ resources }: Distribution, host: HostView, taken: Counts | undefined): Shortage[] {
  return Object.entries(resources).flatMap(([resource, asked]) => {
    const offered = Object.hasOwn(host.allocatable, resource) ? (host.allocatable[resource] ?? 0) : 0;
    const foreign = Object.hasOwn(host.foreign, resource) ? (host.foreign[resource] ?? 0) : 0;
    const left = offered - foreign - (taken?.get(resource) ?? 0);
    return asked > 0 && left < asked ? [{ resource, left: Math.max(0, left), asked }] : [];
  });
}

/** What all distributions take of each host by a plan, by `cluster/name`, then resource. */
function usage({ distributions }: Snapshot, counts: ReadonlyMap<string, Counts>): Map<string, Map<string, number>> {
  const used = new Map<string, Map<string, number>>();
  for (const { key, resources } of distributions) {
    const amounts = Object.entries(resources);
    for (const [path, replicas] of counts.get(key) ?? []) {
      let host = used.get(path);
      if (host === undefined) used.set(path, (host = new Map()));
      for (const [name, amount] of amounts) host.set(name, (host.get(name) ?? 0) + replicas * amount);
    }
  }
  return used;
}
