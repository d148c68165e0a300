import type { FilterName } from '../filter/verdict.ts';
import type { Distribution } from '../model/distribution.ts';
import { compareText } from '../model/hash.ts';
import type { DistributionPlan, Plan, Unplaced } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { CompanyRefusal } from './company.ts';
import { divisionsOf, type Division } from './division.ts';
import { askHosts, blockersOf, isFull, type HostAnswer, type Shortage } from './hosts.ts';
import { provenReasons } from './proven.ts';
import { remediesOf, type Remedy } from './remedies.ts';
import { Verdicts } from './verdicts.ts';

/**
 * Why a distribution is where it is, why it is not elsewhere, and what would help: data, for people and programs to
 * print. Hosts are named as `cluster/name`; of other distributions nothing is told. Every list of names is short,
 * however many hosts there are, but `here`.
 */
export interface Explanation {
  readonly key: string;
  readonly mode: Distribution['mode'];
  readonly desired: number;
  readonly placed: number;
  /** Its spread entries, outermost first; clusters, where it has none; nothing for a daemon. */
  readonly divisions: readonly Division[];
  /** Names of its tiers, in the order in which they are used. */
  readonly tiers: readonly string[];
  /** Names of the groups over which wadm's arithmetic divides it. */
  readonly groups: readonly string[];
  /** Every host that holds some. */
  readonly here: readonly HostHolding[];
  /** Hosts that take nothing new, by what refuses them first. */
  readonly refused: readonly RefusedHosts[];
  /** Hosts that would take more if they had room. */
  readonly full: FullHosts;
  /** Hosts that have room and hold nothing: the rule of the division needs, or allows, none there. */
  readonly idle: NamedHosts;
  /**
   * Why some replicas have no place, as the plan says it; where more than that stands in the way, with all of it among the
   * blockers. Each was tried: take the blockers away, change nothing else, and at least one more has a place.
   */
  readonly unplaced: readonly Unplaced[];
  /** Single changes that would help, the most helpful first. Each was tried: none when nothing is unplaced. */
  readonly remedies: readonly Remedy[];
}

export interface HostHolding {
  readonly path: string;
  readonly replicas: number;
  /** How many of them stood there before. */
  readonly stood: number;
  /** Sum of the weights of the preferred terms that the host meets, those of affinity and anti-affinity among them. */
  readonly score: number;
  /** Why it takes no more. */
  readonly refusal?: HostRefusal;
}

/** Why a host takes nothing new, whatever its room: a filter, or what runs on it or near it. */
export type HostRefusal = FilterName | CompanyRefusal;

/** Some hosts: how many, and the best few. */
export interface NamedHosts {
  readonly count: number;
  readonly best: readonly string[];
}

export interface RefusedHosts extends NamedHosts {
  readonly refusal: HostRefusal;
  /** How many of them nothing else keeps from taking a replica; these come first among the best. */
  readonly only: number;
}

export interface FullHosts {
  readonly count: number;
  readonly best: readonly FullHost[];
}

export interface FullHost {
  readonly path: string;
  readonly replicas: number;
  /** It holds `maxPerHost`. */
  readonly isAtLimit: boolean;
  readonly short: readonly Shortage[];
}

/** One host's answer to one more replica. */
export interface HostExplanation extends HostAnswer {
  /**
   * What keeps the replica away, by the names that {@link withoutBlockers} knows: take all of them away, and the host can
   * take it. None: the division needs, or allows, none there.
   */
  readonly blockers: readonly string[];
}

export interface ExplainOptions {
  /**
   * Whether reasons are proven and remedies found by planning again, some twenty times; true unless it says otherwise. In
   * a large world that takes seconds: without it, the reasons are the plan's own, and there are no remedies.
   */
  readonly tries?: boolean;
}

/** How many hosts are named in each list. */
const NAMED = 5;

/**
 * Explains what a plan does with a distribution; undefined when there is none of this key. `plan` is what
 * {@link place} gives for the snapshot. Only when something is unplaced is anything tried; all else is
 * O(hosts × filters).
 */
export function explain(
  snapshot: Snapshot,
  plan: Plan,
  key: string,
  { tries = true }: ExplainOptions = {},
): Explanation | undefined {
  const distribution = snapshot.distributions.find((one) => one.key === key);
  const planned = plan.distributions.find((one) => one.key === key);
  if (distribution === undefined || planned === undefined) return undefined;
  const { hosts } = new Verdicts(snapshot);
  const concerned = hosts.filter(({ ghost, isPods }) => ghost || isPods === distribution.inPods);
  const answers = askHosts({ snapshot, plan, hosts }, distribution, concerned);
  const open = answers.filter((answer) => refusalOf(answer) === undefined);
  return {
    key,
    mode: distribution.mode,
    desired: planned.desired,
    placed: planned.placed,
    divisions: divisionsOf(distribution, concerned, answers),
    tiers: distribution.tiers.map(({ name }) => name),
    groups: distribution.groups.map(({ name }) => name),
    here: answers.filter(({ replicas }) => replicas > 0).map(holdingOf),
    refused: refusedOf(answers),
    full: fullOf(open.filter(isFull)),
    idle: namesOf(open.filter((answer) => answer.replicas === 0 && !isFull(answer))),
    unplaced: tries ? provenReasons(snapshot, plan, distribution, planned.unplaced, answers) : planned.unplaced,
    remedies: tries ? remediesOf(snapshot, distribution, missingOf(planned), answers) : [],
  };
}

/** Explains one host to one distribution; undefined when there is no such host or distribution. */
export function explainHost(
  snapshot: Snapshot,
  plan: Plan,
  key: string,
  { cluster, host }: { readonly cluster: string; readonly host: string },
): HostExplanation | undefined {
  const distribution = snapshot.distributions.find((one) => one.key === key);
  const { hosts } = new Verdicts(snapshot);
  const asked = hosts.filter((one) => one.cluster.name === cluster && one.name === host);
  const [answer] = distribution === undefined ? [] : askHosts({ snapshot, plan, hosts }, distribution, asked);
  return answer && { ...answer, blockers: blockersOf(answer) };
}

const missingOf = ({ unplaced }: DistributionPlan): number => unplaced.reduce((sum, { count }) => sum + count, 0);

/** What refuses a host first. Beside whom it may not run matters only where there is room for it. */
function refusalOf(answer: HostAnswer): HostRefusal | undefined {
  const { filters, company, replicas } = answer;
  return filters[0] ?? (replicas === 0 && !isFull(answer) ? company[0] : undefined);
}

function holdingOf(answer: HostAnswer): HostHolding {
  const { path, replicas, stood, score } = answer;
  const refusal = refusalOf(answer);
  return { path, replicas, stood, score, ...(refusal !== undefined && { refusal }) };
}

function refusedOf(answers: readonly HostAnswer[]): RefusedHosts[] {
  return [...Map.groupBy(answers, refusalOf)]
    .flatMap(([refusal, hosts]): RefusedHosts[] => {
      if (refusal === undefined) return [];
      const only = hosts.filter((answer) => blockersOf(answer).length === 1);
      const others = hosts.filter((answer) => blockersOf(answer).length > 1);
      const best = [...bestFirst(only), ...bestFirst(others)].slice(0, NAMED);
      return [{ refusal, count: hosts.length, only: only.length, best: best.map(({ path }) => path) }];
    })
    .toSorted((a, b) => compareText(a.refusal, b.refusal));
}

function fullOf(hosts: readonly HostAnswer[]): FullHosts {
  const best = bestFirst(hosts).slice(0, NAMED);
  return {
    count: hosts.length,
    best: best.map(({ path, replicas, isAtLimit, short }) => ({ path, replicas, isAtLimit, short })),
  };
}

const namesOf = (hosts: readonly HostAnswer[]): NamedHosts => ({
  count: hosts.length,
  best: bestFirst(hosts)
    .slice(0, NAMED)
    .map(({ path }) => path),
});

/** The most preferred first; among equals, in order of cluster and name. */
const bestFirst = (hosts: readonly HostAnswer[]): HostAnswer[] =>
  hosts.toSorted((a, b) => Number(a.isShunned) - Number(b.isShunned) || b.score - a.score);
