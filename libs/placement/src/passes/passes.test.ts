import { expect, test } from 'vitest';
import { actor, host, slots, standing, twoClusters } from '../example.ts';
import type { Host, Snapshot } from '../model/snapshot.ts';
import type { Distribution } from '../model/distribution.ts';
import { drain, placing, rebalance, repair, scaleDown } from './passes.ts';

const world = (hosts: readonly Host[], ...distributions: Distribution[]): Snapshot => ({
  clusters: twoClusters,
  hosts,
  distributions,
});
const three = [slots('eu/a', 9), slots('eu/b', 9), slots('us/c', 9)];
const key = 'default/app';
const a = { cluster: 'eu', host: 'a' };
const b = { cluster: 'eu', host: 'b' };
const c = { cluster: 'us', host: 'c' };

test('placing starts what is missing', () => {
  expect(placing(world([slots('us/c', 9)], actor({ replicas: 2 }))).moves).toEqual([
    { key, to: c, replicas: 2, reason: 'Placed', gain: 0 },
  ]);
});

test('repair moves what was lost, and starts nothing else', () => {
  const hosts = [host('eu/a', { state: 'Lost' }), slots('eu/b', 9), slots('us/c', 9)];
  const { moves, lowerBound } = repair(
    world(hosts, actor({ replicas: 9 }, { current: standing({ 'eu/a': 2, 'us/c': 3 }) })),
  );
  expect(moves).toEqual([{ key, from: a, to: b, replicas: 2, reason: 'Lost', gain: 0 }]);
  expect(lowerBound).toBe(2);
});

test('rebalance says what every move gains, and keeps to its budget and to what is worth it', () => {
  const uneven = world(three, actor({ replicas: 8 }, { current: standing({ 'us/c': 8 }) }));
  const { moves } = rebalance(uneven);
  expect(moves.map(({ replicas, reason, gain }) => [replicas, reason, gain])).toEqual([
    [2, 'Moved', 12],
    [2, 'Moved', 4],
  ]);
  const first = rebalance(uneven, { budget: 1 }).moves;
  expect(first.map(({ replicas, gain }) => [replicas, gain])).toEqual([[1, 7]]);
  expect(rebalance(uneven, { minImprovement: 60 }).moves).toEqual([]);
  expect(rebalance(uneven, { keys: ['default/other'] }).moves).toEqual([]);
});

test('scaleDown takes away and adds nothing', () => {
  const current = standing({ 'eu/a': 5, 'us/c': 1 });
  expect(scaleDown(world(three, actor({ replicas: 6 }, { current })), key, 4).moves).toEqual([
    { key, from: a, replicas: 2, reason: 'Removed', gain: 0 },
  ]);
});

test('drain empties hosts within the budget, whatever is tolerated', () => {
  const spec = { replicas: 3, tolerations: [{ operator: 'Exists' as const }] };
  const full = world(three, actor(spec, { current: standing({ 'eu/a': 3 }), moveBudget: 2 }));
  const { moves, plan } = drain(full, [a]);
  expect(moves.map(({ reason, replicas }) => [reason, replicas])).toEqual([
    ['Evicted', 1],
    ['Evicted', 1],
  ]);
  expect(plan.distributions[0]?.moves.deferred).toBe(1);
});
