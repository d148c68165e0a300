import { describe, expect, test } from 'vitest';
import { budgetsOf, readPolicy } from './policy.ts';
import { stepRollout, type Rollout, type RolloutInput } from './rollout.ts';
import type { Unit } from './unit.ts';

const unit = (host: string, rest: Partial<Unit> = {}): Unit => ({
  cluster: 'eu',
  host,
  planned: 2,
  held: 2,
  revision: 'old',
  seen: 'old',
  ready: 2,
  awaited: 0,
  readySince: 0,
  reach: 'Reachable',
  swapsInPlace: true,
  stage: 0,
  ...rest,
});
const updated: Partial<Unit> = { revision: 'new', seen: 'new' };

const input = (units: Unit[], rest: Partial<RolloutInput> = {}): RolloutInput => ({
  units,
  policy: readPolicy({ maxUnavailable: 1, progressDeadline: '60s', autoRevert: true }),
  target: 'new',
  good: 'old',
  approved: new Set(),
  before: undefined,
  now: 100_000,
  ...rest,
});

const rollout = (rest: Partial<Rollout> = {}): Rollout => ({
  revision: 'new',
  phase: 'Progressing',
  stage: 0,
  since: 100_000,
  updated: 0,
  ...rest,
});

const swapped = (one: RolloutInput): string[] =>
  [...stepRollout(one).revisions].flatMap(([path, revision]) => (revision === one.target ? [path] : []));

describe('budgets', () => {
  test.for<[string, object, number, { unavailable: number; surge: number }]>([
    ['a quarter when nothing is said', {}, 8, { unavailable: 2, surge: 0 }],
    ['at least one', {}, 3, { unavailable: 1, surge: 0 }],
    ['never none of both', { maxUnavailable: 0 }, 3, { unavailable: 1, surge: 0 }],
    ['none when there is surge', { maxUnavailable: 0, maxSurge: '30%' }, 4, { unavailable: 0, surge: 2 }],
    ['shares that come to nothing are one', { maxUnavailable: '10%', maxSurge: 1 }, 4, { unavailable: 1, surge: 1 }],
    ['text is a number too', { maxUnavailable: '3' }, 4, { unavailable: 3, surge: 0 }],
  ])('%s', ([, spec, units, want]) => {
    expect(budgetsOf(readPolicy(spec), units)).toEqual(want);
  });
});

describe('units', () => {
  test('are swapped one after the other', () => {
    expect(swapped(input([unit('a'), unit('b')]))).toEqual(['eu/a']);
    expect(swapped(input([unit('a', { revision: 'new' }), unit('b')]))).toEqual(['eu/a']);
    expect(swapped(input([unit('a', updated), unit('b')]))).toEqual(['eu/a', 'eu/b']);
  });

  test('that serve nobody are swapped at once', () => {
    expect(swapped(input([unit('a'), unit('b', { ready: 0 }), unit('c', { ready: 0 })]))).toEqual(['eu/b', 'eu/c']);
  });

  test('that cannot be reached are left alone, and waited for', () => {
    const one = input([unit('a', updated), unit('b', { reach: 'Frozen' })], { before: rollout() });
    expect(swapped(one)).toEqual(['eu/a']);
    expect(stepRollout(one).rollout.phase).toBe('Waiting');
  });

  test('that cannot be reached take their place in the budget when they may be down', () => {
    const frozen = { reach: 'Frozen' } as const;
    expect(swapped(input([unit('a', { ...frozen, revision: 'new' }), unit('b')]))).toEqual(['eu/a']);
    expect(swapped(input([unit('a', { ...frozen, ready: 0 }), unit('b')]))).toEqual([]);
    expect(swapped(input([unit('a', frozen), unit('b')]))).toEqual(['eu/b']);
    expect(swapped(input([unit('a', { ...frozen, ...updated }), unit('b')]))).toEqual(['eu/a', 'eu/b']);
  });

  test('that replace what was lost in the middle of its swap take its place in the budget', () => {
    const away = unit('a', { reach: 'Away', revision: 'new', planned: 0, ready: 0 });
    const fresh: Partial<Unit> = { held: 0, revision: undefined, seen: undefined, ready: 0 };
    expect(swapped(input([away, unit('b'), unit('c', { planned: 4 })]))).toEqual(['eu/a']);
    expect(swapped(input([away, unit('b'), unit('c', fresh)]))).not.toContain('eu/b');
    expect(swapped(input([away, unit('b'), unit('c')]))).toEqual(['eu/a', 'eu/b']);
  });

  test('that were told another number are not taken for such as serve nobody', () => {
    const told: Partial<Unit> = { ready: 0, awaited: 4 };
    expect(swapped(input([unit('a', told), unit('b')]))).toEqual([]);
    expect(swapped(input([unit('a', told), unit('b')], { good: 'other' }))).toEqual(['eu/a']);
  });

  test('must have been ready for minReady', () => {
    const policy = readPolicy({ maxUnavailable: 1, minReady: '30s' });
    const fresh = unit('a', { ...updated, readySince: 90_000 });
    expect(swapped(input([fresh, unit('b')], { policy }))).toEqual(['eu/a']);
    expect(stepRollout(input([fresh, unit('b')], { policy })).nextAt).toBe(120_000);
  });

  test('that are new get what is proven, and the new revision where its stage is done', () => {
    const fresh = { held: 0, revision: undefined, seen: undefined, ready: 0 };
    expect(swapped(input([unit('a'), unit('b', fresh)]))).toEqual(['eu/a']);
    const staged = [unit('a', updated), unit('b', fresh), unit('c', { stage: 1 })];
    expect(stepRollout(input(staged)).revisions.get('eu/b')).toBe('old');
    expect(stepRollout(input([unit('b', fresh)])).revisions.get('eu/b')).toBe('new');
  });
});

describe('stages', () => {
  const policy = readPolicy({
    maxUnavailable: 1,
    stages: [{ name: 'canary', pause: '5m' }, { name: 'rest', approval: true }, { name: 'last' }],
  });
  const units = [unit('a', updated), unit('b', { stage: 1 })];

  test('begin when they are approved', () => {
    const waiting = stepRollout(input(units, { policy, before: rollout() }));
    expect(waiting.rollout).toMatchObject({ phase: 'AwaitingApproval', stage: 0, since: 100_000 });
    const before = waiting.rollout;
    const approved = new Set(['rest']);
    expect(stepRollout(input(units, { policy, before, approved, now: 101_000 })).rollout).toMatchObject({
      phase: 'Progressing',
      stage: 1,
    });
  });

  test('begin when the pause is over', () => {
    const paused = readPolicy({ stages: [{ name: 'canary', pause: '5m' }, { name: 'rest' }] });
    const step = stepRollout(input(units, { policy: paused, before: rollout() }));
    expect(step.rollout).toMatchObject({ phase: 'Paused', since: 100_000 });
    expect(step.nextAt).toBe(400_000);
    const later = input(units, { policy: paused, before: step.rollout, now: 400_000 });
    expect(stepRollout(later).rollout).toMatchObject({ phase: 'Progressing', stage: 1 });
  });

  test('hold back nothing that is new altogether', () => {
    const fresh = { held: 0, revision: undefined, seen: undefined, ready: 0 };
    const step = stepRollout(input([unit('a', fresh), unit('b', { ...fresh, stage: 1 })], { policy }));
    expect([...step.revisions.values()]).toEqual(['new', 'new']);
    expect(step.rollout.phase).toBe('Progressing');
  });
});

describe('without progress', () => {
  const stuck = [unit('a', { revision: 'new', seen: 'new', ready: 0 }), unit('b')];
  const late = { before: rollout(), now: 160_000 };

  test('a rollout goes back, and stays there', () => {
    const step = stepRollout(input(stuck, late));
    expect(step).toMatchObject({ goal: 'old', rollout: { phase: 'Reverted', revision: 'new' } });
    expect([...step.revisions.values()]).toEqual(['old', 'old']);
    const back = stepRollout(input([unit('a'), unit('b')], { before: step.rollout, now: 170_000 }));
    expect(back).toMatchObject({ goal: 'old', isSettled: true, rollout: { phase: 'Reverted' } });
    const fixed = stepRollout(input([unit('a'), unit('b')], { before: step.rollout, target: 'newer' }));
    expect(fixed).toMatchObject({ goal: 'newer', rollout: { phase: 'Progressing' } });
  });

  test('it is only stalled when it may not go back, and goes on when that ends', () => {
    const policy = readPolicy({ maxUnavailable: 1, progressDeadline: '60s' });
    const step = stepRollout(input(stuck, { ...late, policy }));
    expect(step).toMatchObject({ goal: 'new', rollout: { phase: 'Stalled' } });
    const going = [unit('a', updated), unit('b')];
    expect(stepRollout(input(going, { policy, before: step.rollout })).rollout.phase).toBe('Progressing');
  });
});
