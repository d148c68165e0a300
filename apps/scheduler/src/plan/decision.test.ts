import { expect, test } from 'vitest';
import type { Unit } from '../rollout/unit.ts';
import { decide } from './decision.ts';

const unit = (own: Partial<Unit>): Unit => ({
  cluster: 'eu',
  host: 'a',
  planned: 0,
  held: 2,
  revision: 'old',
  seen: 'old',
  ready: 0,
  awaited: 0,
  readySince: undefined,
  reach: 'Lost',
  swapsInPlace: true,
  stage: 0,
  ...own,
});

const hostsOf = (own: Partial<Unit>, mayReturn = true): unknown => {
  const units = [unit(own), unit({ host: 'b', planned: 2, held: 0, reach: 'Reachable' })];
  const about = { namespace: 'shop', name: 'web', goal: 'new', intent: 'i' };
  const [draft] = decide({ ...about, units, revisions: new Map(), leaving: new Map(), mayReturn }, []);
  return draft?.spec.hosts.filter(({ host }) => host === 'a');
};

const noted = [{ host: 'a', replicas: 0, lost: 2, revision: 'old' }];

test.each([
  { what: 'is noted, with what it ran', own: {}, want: noted },
  { what: 'is noted while its cluster is away', own: { reach: 'Away' }, want: noted },
  { what: 'stays noted while nobody can tell', own: { reach: 'Frozen', held: 0, lost: 2 }, want: noted },
  { what: 'is not noted by looking at it', own: { reach: 'Frozen', held: 2 }, want: [] },
  { what: 'is forgotten once it is back', own: { reach: 'Reachable', held: 0, lost: 2 }, want: [] },
  { what: 'is forgotten when there is no such host any more', own: { isGone: true, lost: 2 }, want: [] },
] as const)('what was lost with its host $what', ({ own, want }) => {
  expect(hostsOf(own)).toEqual(want);
});

test('nothing is noted for who keeps the replacement', () => {
  expect(hostsOf({}, false)).toEqual([]);
});
