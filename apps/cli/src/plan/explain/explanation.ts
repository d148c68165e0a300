import { labels as names } from '@kasmcloud/kube-api';
import type { Distribution, Plan, Snapshot } from '@kasmcloud/placement';
import { UserError } from '../../user-error.ts';
import { countsOf } from '../report/build.ts';
import { causesOf } from '../report/causes.ts';
import { named } from '../report/differences.ts';
import type { UnplacedCause } from '../report/report.ts';
import type { World } from '../world/world.ts';
import { askHosts, isFull, type HostAnswer, type Shortage } from './hosts.ts';
import { namesOf, remedies, type Remedy } from './remedies.ts';

/** Why a distribution is where it is, why it is not elsewhere, and what would help. Paths are `cluster/name`. */
export interface Explanation {
  readonly namespace: string;
  readonly distribution: string;
  readonly mode: Distribution['mode'];
  readonly desired: number;
  readonly placed: number;
  /** Topology keys over which it is spread, outermost first, with what each domain holds. */
  readonly spread: readonly { topologyKey: string; domains: readonly { value: string; replicas: number }[] }[];
  /** Names of the groups over which wadm's arithmetic divides it. */
  readonly groups: readonly string[];
  /** Hosts that hold some, with how many stood there before; `filter` when they take no more. */
  readonly here: readonly { path: string; replicas: number; stood: number; filter?: string }[];
  /** Hosts that take nothing new, by the first filter that refuses them. */
  readonly refused: readonly { filter: string; hosts: readonly string[] }[];
  /** Hosts that would take more if they had room. */
  readonly full: readonly { path: string; replicas: number; isAtLimit: boolean; short: readonly Shortage[] }[];
  /** Hosts that have room and nothing of it: the rule of its division needs, or allows, none there. */
  readonly idle: readonly string[];
  readonly reasons: readonly UnplacedCause[];
  /** Each was tried out. */
  readonly remedies: readonly Remedy[];
}

/** @throws {UserError} when there is no distribution of this key, `namespace/name`. */
export function explain({ snapshot }: World, plan: Plan, key: string): Explanation {
  const distribution = snapshot.distributions.find((one) => one.key === key);
  const planned = plan.distributions.find((one) => one.key === key);
  if (distribution === undefined || planned === undefined) {
    const known = snapshot.distributions.map((one) => one.key).toSorted();
    throw new UserError(`--explain ${key}: there is no such distribution in the input; there is ${namesOf(known, 10)}`);
  }
  const answers = askHosts(snapshot, plan, distribution, planned);
  const open = answers.filter(({ filter }) => filter === undefined);
  return {
    ...named(key),
    mode: distribution.mode,
    desired: planned.desired,
    placed: planned.placed,
    spread: distribution.spread.map(({ topologyKey }) => ({
      topologyKey,
      domains: domainsOf(snapshot, topologyKey, answers),
    })),
    groups: distribution.groups.map(({ name }) => name),
    here: hereOf(distribution, answers),
    refused: refusedOf(answers),
    full: open.filter(isFull).map(({ path, replicas, isAtLimit, short }) => ({ path, replicas, isAtLimit, short })),
    idle: open.filter((answer) => answer.replicas === 0 && !isFull(answer)).map(({ path }) => path),
    reasons: planned.unplaced.map(causesOf),
    remedies: remedies(snapshot, distribution, answers),
  };
}

/** The domains in which a host takes replicas, or holds some, in order of their values. */
function domainsOf(
  { hosts }: Snapshot,
  topologyKey: string,
  answers: readonly HostAnswer[],
): Explanation['spread'][number]['domains'] {
  const labels = new Map(hosts.map((host) => [`${host.cluster}/${host.name}`, host.labels]));
  const counts = new Map<string, number>();
  for (const { path, replicas, filter } of answers) {
    const value = topologyKey === names.hostname ? path : labels.get(path)?.[topologyKey];
    if (value !== undefined && (filter === undefined || replicas > 0))
      counts.set(value, (counts.get(value) ?? 0) + replicas);
  }
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([value, replicas]) => ({ value, replicas }));
}

function hereOf({ current }: Distribution, answers: readonly HostAnswer[]): Explanation['here'] {
  const before = countsOf(current);
  return answers
    .filter(({ replicas }) => replicas > 0)
    .map(({ path, replicas, filter }) => ({
      path,
      replicas,
      stood: before.get(path) ?? 0,
      ...(filter !== undefined && { filter }),
    }));
}

const refusedOf = (answers: readonly HostAnswer[]): Explanation['refused'] =>
  [...Map.groupBy(answers, ({ filter }) => filter)]
    .flatMap(([filter, all]) => (filter === undefined ? [] : [{ filter, hosts: all.map(({ path }) => path) }]))
    .toSorted((a, b) => (a.filter < b.filter ? -1 : 1));
