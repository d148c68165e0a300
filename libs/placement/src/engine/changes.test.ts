import { describe, expect, test } from 'vitest';
import { actor, cluster, host, standing } from '../example.ts';
import type { Cluster, Host } from '../model/snapshot.ts';
import { isArrangedAs, isClusterArrangedAs, isSameWish, stands } from './changes.ts';

describe('a host is arranged anew', () => {
  const before = host('eu/a', { labels: { zone: 'z1' }, taints: [{ key: 'x', effect: 'NoSchedule' }], ports: ['80'] });
  const same: [name: string, rest: Partial<Host>][] = [
    ['nothing', {}],
    ['equal labels', { labels: { zone: 'z1' } }],
    ['its state', { state: 'Lost' }],
    ['a cordon', { unschedulable: true }],
    ['what it offers', { allocatable: { instances: 3 }, foreign: { instances: 1 } }],
  ];
  test.for(same)('not by %s', ([, rest]) => {
    expect(isArrangedAs(before, { ...before, ...rest })).toBe(true);
  });
  const other: [name: string, rest: Partial<Host>][] = [
    ['a label of another value', { labels: { zone: 'z2' } }],
    ['a label of another name', { labels: { rack: 'z1' } }],
    ['one label more', { labels: { zone: 'z1', rack: 'r' } }],
    ['one label less', { labels: {} }],
    ['a taint', { taints: [] }],
    ['the effect of a taint', { taints: [{ key: 'x', effect: 'NoExecute' }] }],
    ['its lattices', { lattices: ['shop'] }],
    ['its interfaces', { interfaces: ['wasi:http'] }],
    ['a port', { ports: ['81'] }],
    ['its ports', { ports: undefined }],
  ];
  test.for(other)('by %s', ([, rest]) => {
    expect(isArrangedAs(before, { ...before, ...rest })).toBe(false);
  });

  test('not where no ports are none', () => {
    expect(isArrangedAs(host('eu/a'), host('eu/a', { ports: [] }))).toBe(true);
    expect(isArrangedAs(host('eu/a', { ports: [] }), host('eu/a'))).toBe(true);
  });
});

describe('a cluster is arranged anew', () => {
  const now = (rest: Partial<Cluster>): Cluster => cluster('eu', { labels: { tier: 'gold' }, ...rest });
  const cases: [name: string, before: Cluster, now: Cluster, isSame: boolean][] = [
    ['not by a cordon', now({}), now({ unschedulable: true }), true],
    ['not when it is lost', now({}), now({ reach: 'Lost' }), true],
    ['not while it is unreachable', now({ reach: 'Unreachable' }), now({ reach: 'Unreachable' }), true],
    ['when it becomes unreachable', now({}), now({ reach: 'Unreachable' }), false],
    ['when it can be reached again', now({ reach: 'Unreachable' }), now({}), false],
    ['by a label', now({}), now({ labels: {} }), false],
    ['by a taint', now({}), now({ taints: [{ key: 'x', effect: 'NoSchedule' }] }), false],
  ];
  test.for(cases)('%s', ([, before, after, isSame]) => {
    expect(isClusterArrangedAs(before, after)).toBe(isSame);
  });
});

test('a wish is the same whatever stands of it', () => {
  const weights = (eu: number) => [{ topologyKey: 'region', weights: [{ value: 'eu', weight: eu }] }];
  const before = actor({ replicas: 3, spread: weights(1) });
  expect(isSameWish(before, actor({ replicas: 3, spread: weights(1) }, { current: standing({ 'eu/a': 3 }) }))).toBe(
    true,
  );
  expect(isSameWish(before, actor({ replicas: 4, spread: weights(1) }))).toBe(false);
  expect(isSameWish(before, actor({ replicas: 3, spread: weights(2) }))).toBe(false);
  expect(isSameWish(before, actor({ replicas: 3 }))).toBe(false);
  expect(isSameWish(before, actor({ replicas: 3, spread: weights(1) }, { revision: 'r2' }))).toBe(false);
});

describe('what stands is what was planned', () => {
  const plans = [
    { cluster: 'eu', hosts: [{ host: 'a', replicas: 2 }] },
    {
      cluster: 'us',
      hosts: [
        { host: 'b', replicas: 1 },
        { host: 'c', replicas: 1 },
      ],
    },
  ];
  const planned = standing({ 'eu/a': 2, 'us/b': 1, 'us/c': 1 });
  test('in whatever order', () => {
    expect(stands(planned, plans)).toBe(true);
    expect(stands(planned.toReversed(), plans)).toBe(true);
    expect(stands([], [])).toBe(true);
  });
  test('but not with another number, another host, fewer, more, or a failure', () => {
    expect(stands(standing({ 'eu/a': 1, 'us/b': 1, 'us/c': 1 }), plans)).toBe(false);
    expect(stands(standing({ 'eu/a': 2, 'us/b': 1, 'us/d': 1 }), plans)).toBe(false);
    expect(stands(standing({ 'eu/a': 2, 'us/b': 1, 'ap/c': 1 }), plans)).toBe(false);
    expect(stands(planned.slice(1), plans)).toBe(false);
    expect(stands([...planned, ...standing({ 'us/d': 1 })], plans)).toBe(false);
    expect(
      stands(
        planned.map((one) => ({ ...one, failed: 1 })),
        plans,
      ),
    ).toBe(false);
    expect(
      stands(
        planned.map((one) => ({ ...one, failed: 0 })),
        plans,
      ),
    ).toBe(true);
  });
});
