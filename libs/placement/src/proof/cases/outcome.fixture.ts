import { labels as names } from '@kasmcloud/kube-api';
import { place, type DistributionPlan, type Snapshot } from '../../index.ts';
import { countsOf, pathOf, planOf, sum } from '../world.fixture.ts';
import type { Case, Counts, Want } from './case.ts';
import { snapshotOf } from './world.fixture.ts';

const label: Readonly<Record<string, string>> = { zone: names.zone, region: names.region, rack: 'rack' };

/** Replicas by domain; every domain that a host is in is there. */
function tallyBy(key: string, { hosts }: Snapshot, counts: Counts): Record<string, number> {
  const domainOf = (path: string): string | undefined => {
    if (key === 'host') return path;
    if (key === 'cluster') return path.split('/')[0];
    return hosts.find((host) => pathOf(host) === path)?.labels[label[key] ?? key];
  };
  const tally: Record<string, number> = {};
  for (const path of new Set([...hosts.map(pathOf), ...Object.keys(counts)])) {
    const domain = domainOf(path);
    if (domain !== undefined) tally[domain] = (tally[domain] ?? 0) + (counts[path] ?? 0);
  }
  return tally;
}

const present = (tally: Counts): Counts => Object.fromEntries(Object.entries(tally).filter(([, count]) => count > 0));

/** What came out, in the words of what was wanted. */
function outcome(plan: DistributionPlan, want: Want, snapshot: Snapshot): Want {
  const { placed: _, unplaced: __, moves: ___, deferred: ____, excess: _____, ...tallies } = want;
  const seen = Object.entries(tallies).map(([key, expected]) => {
    const tally = tallyBy(key, snapshot, countsOf(plan));
    const inOrder = Object.values(tally).toSorted((a, b) => b - a);
    return [key, Array.isArray(expected) ? inOrder.slice(0, Math.max(expected.length, 1)) : present(tally)];
  });
  const reasons: Record<string, number> = {};
  for (const { reason, count } of plan.unplaced) reasons[reason] = (reasons[reason] ?? 0) + count;
  return {
    ...Object.fromEntries(seen),
    ...(want.placed !== undefined && { placed: plan.placed }),
    unplaced: typeof want.unplaced === 'number' ? sum(Object.values(reasons)) : reasons,
    ...(want.moves !== undefined && { moves: plan.moves.count }),
    ...(want.deferred !== undefined && { deferred: plan.moves.deferred }),
    ...(want.excess !== undefined && { excess: plan.excess }),
  };
}

/** What came out for every distribution of a case, and whether none of its replicas is forgotten. */
export function planned(one: Case): Readonly<Record<string, Want>> {
  const snapshot = snapshotOf(one);
  const plan = place(snapshot);
  return Object.fromEntries(
    snapshot.distributions.map(({ key }) => {
      const found = planOf(plan, key);
      const name = key.split('/')[1] ?? '';
      const rest = sum(found.unplaced.map(({ count }) => count));
      const isWhole = found.placed + rest === found.desired + found.excess && found.excess >= 0;
      return [name, { ...outcome(found, wantsOf(one)[name] ?? {}, snapshot), isWhole }];
    }),
  );
}

export const wanted = (one: Case): Readonly<Record<string, Want>> =>
  Object.fromEntries(
    Object.entries(wantsOf(one)).map(([name, want]) => [
      name,
      { ...want, unplaced: want.unplaced ?? {}, isWhole: true },
    ]),
  );

const wantsOf = (one: Case): Readonly<Record<string, Want>> => ('want' in one ? { app: one.want } : one.wants);
