import { compareText } from '../model/hash.ts';
import type { Distribution } from '../model/distribution.ts';
import type { Plan, Unplaced } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { place } from '../place/place.ts';
import { asCurrent, countsByKey } from './counts.ts';
import type { HostAnswer } from './hosts.ts';
import { withoutBlockers } from './without.ts';

/**
 * Why replicas have no place, each reason proven by planning again without its blockers. A host that is refused may be
 * refused for a second reason, or be too small as well: what stands behind the first reason is then named, too, and
 * only as far as it must go.
 */
export function provenReasons(
  snapshot: Snapshot,
  plan: Plan,
  distribution: Distribution,
  unplaced: readonly Unplaced[],
  answers: readonly HostAnswer[],
): Unplaced[] {
  if (unplaced.length === 0) return [];
  const now = settled(snapshot, plan, distribution.key);
  const before = placedOf(now, distribution.key);
  const helps = (blockers: readonly string[]): boolean =>
    placedOf(withoutBlockers(now, distribution.key, blockers), distribution.key) > before;
  return unplaced.map((one) => {
    if (helps(one.blockers)) return one;
    const behind = obstaclesOf(distribution, answers).filter((name) => !one.blockers.includes(name));
    if (!helps([...one.blockers, ...behind])) return one;
    let needed = behind;
    for (const name of behind) {
      const rest = needed.filter((other) => other !== name);
      if (helps([...one.blockers, ...rest])) needed = rest;
    }
    return { ...one, blockers: [...one.blockers, ...needed] };
  });
}

/** The world with the plan carried out, in which only one distribution still looks for places. */
function settled(snapshot: Snapshot, plan: Plan, key: string): Snapshot {
  const counts = countsByKey(plan);
  return {
    ...snapshot,
    distributions: snapshot.distributions.map((one) => {
      const current = asCurrent(counts.get(one.key) ?? new Map());
      return one.key === key
        ? { ...one, current, converge: false, preempts: false }
        : { ...one, ...atRest, current, replicas: current.reduce((sum, { replicas }) => sum + replicas, 0) };
    }),
  };
}

/** A distribution that stands as it is. A daemon's number would follow its hosts. */
const atRest: Pick<Distribution, 'mode' | 'suspended'> = { mode: 'Spread', suspended: true };

const placedOf = (snapshot: Snapshot, key: string): number =>
  place(snapshot).distributions.find((one) => one.key === key)?.placed ?? 0;

/** Everything that might stand behind a reason: what refuses any host, and every constraint that the distribution has. */
function obstaclesOf(one: Distribution, answers: readonly HostAnswer[]): string[] {
  const filters = new Set(answers.flatMap(({ filters: all }) => all));
  // Each group is on its own: a host of another is none of its.
  if (one.groups.length > 0) filters.add('Groups');
  return [
    ...[...filters].toSorted(compareText),
    ...(one.maxPerHost === Infinity ? [] : ['maxPerHost']),
    ...Object.keys(one.resources)
      .toSorted(compareText)
      .map((name) => `resources.${name}`),
    ...(one.spread.length > 0 ? ['spread'] : []),
    ...(one.tiers.length > 0 ? ['tiers'] : []),
    ...(one.avoid.length > 0 ? ['avoid'] : []),
    ...(one.affinity.required.length > 0 ? ['affinity'] : []),
    ...(one.ports.length > 0 ? ['ports'] : []),
    'antiAffinity',
    'quota',
  ];
}
