import { labels } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { actor, cluster, countsOf, host, placeOne, planOf, slots, standing } from '../example.ts';
import type { Distribution } from '../model/distribution.ts';
import type { DistributionPlan } from '../model/plan.ts';
import type { Host } from '../model/snapshot.ts';
import { place } from './place.ts';

const clusters = [cluster('eu'), cluster('us')];

const placeAll = (distributions: readonly Distribution[], hosts: readonly Host[]): Record<string, DistributionPlan> => {
  const plan = place({ clusters, hosts, distributions });
  return Object.fromEntries(plan.distributions.map((one) => [one.key.replace('default/', ''), one]));
};

describe('replicas that come back', () => {
  const hosts = [slots('eu/a', 4), slots('eu/b', 4)];
  const current = [
    { cluster: 'eu', host: 'a', replicas: 0, returned: 3 },
    { cluster: 'eu', host: 'b', replicas: 3 },
  ];
  const after = (reconnect: 'BestScore' | 'KeepOriginal' | 'KeepReplacement', rest: object = {}, others = hosts) => {
    const plan = placeOne(actor({ replicas: 3, failover: { reconnect }, ...rest }, { current }), others);
    return [countsOf(plan), plan.moves.count];
  };

  test('give way, stay, or are weighed against what took their place', () => {
    expect(after('KeepReplacement')).toEqual([{ 'eu/b': 3 }, 0]);
    expect(after('KeepOriginal')).toEqual([{ 'eu/a': 3 }, 3]);
    expect(after('BestScore')[0]).toMatchObject({ 'eu/a': expect.any(Number), 'eu/b': expect.any(Number) });
  });

  test('as many as are legal there', () => {
    expect(
      after('KeepOriginal', { maxPerHost: 2 }, [slots('eu/a', 4), slots('eu/b', 4), slots('eu/c', 4)])[0],
    ).toMatchObject({ 'eu/a': 2 });
    expect(after('KeepOriginal', {}, [slots('eu/a', 1), slots('eu/b', 4)])).toEqual([{ 'eu/a': 1, 'eu/b': 2 }, 1]);
    const evicting: Host[] = [host('eu/a', { taints: [{ key: 'x', effect: 'NoExecute' }] }), slots('eu/b', 4)];
    expect(after('KeepOriginal', {}, evicting)).toEqual([{ 'eu/b': 3 }, 0]);
  });

  test('are moves that had to be, where they were asked for', () => {
    const plan = placeOne(actor({ replicas: 3, failover: { reconnect: 'KeepOriginal' } }, { current }), hosts);
    expect(plan.moves).toEqual({ count: 3, lowerBound: 3, deferred: 0 });
  });

  test('do nothing to what is suspended', () => {
    expect(after('KeepOriginal', { suspend: true })).toEqual([{ 'eu/b': 3 }, 0]);
  });

  test('of a daemon are not weighed: it has its number everywhere', () => {
    expect(after('KeepOriginal', { mode: 'Daemon', replicas: 1 })[0]).toEqual({ 'eu/a': 1, 'eu/b': 1 });
    const plan = placeOne(actor({ mode: 'Daemon', replicas: 3, failover: { reconnect: 'BestScore' } }, { current }), [
      { ...slots('eu/a', 4), unschedulable: true },
      slots('eu/b', 4),
    ]);
    expect(countsOf(plan)).toEqual({ 'eu/b': 3 });
  });

  test('on a host that failed stay away', () => {
    const avoid = [{ revision: 'r1', cluster: 'eu', host: 'a' }];
    const plan = placeOne(actor({ replicas: 3, failover: { reconnect: 'KeepOriginal' } }, { current, avoid }), hosts);
    expect(countsOf(plan)).toEqual({ 'eu/b': 3 });
  });
});

describe('converging', () => {
  const hosts = [slots('eu/a', 9), slots('eu/b', 9)];
  const rebalanced = (stability: object, facts: object = {}, replicas = 6) =>
    placeOne(
      actor(
        { replicas, stability: { policy: 'Rebalance', ...stability } },
        { current: standing({ 'eu/a': 5, 'eu/b': 1 }), ...facts },
      ),
      hosts,
    );

  test('moves what stands to where it would be placed anew', () => {
    const plan = rebalanced({});
    expect(countsOf(plan)).toEqual({ 'eu/a': 3, 'eu/b': 3 });
    expect(plan.moves).toMatchObject({ count: 2, deferred: 0 });
  });

  test('within the move budget, and says what is left', () => {
    const plan = rebalanced({}, { moveBudget: 1 });
    expect(countsOf(plan)).toEqual({ 'eu/a': 4, 'eu/b': 2 });
    expect(plan.moves).toMatchObject({ count: 1, deferred: 1 });
    expect(rebalanced({}, { moveBudget: 0 }).moves).toEqual({ count: 0, lowerBound: 0, deferred: 2 });
  });

  test('only if enough would move: two of six are 33 percent', () => {
    expect(rebalanced({ minImprovement: 33 }).moves.count).toBe(2);
    expect(rebalanced({ minImprovement: 34 }).moves.count).toBe(0);
  });

  test('what is new to be placed costs no budget', () => {
    const plan = rebalanced({}, { moveBudget: 0 }, 9);
    expect(countsOf(plan)).toEqual({ 'eu/a': 5, 'eu/b': 4 });
  });

  test('leaves what is suspended, and what stands on hosts that take nothing new', () => {
    const current = standing({ 'eu/a': 5, 'eu/b': 1 });
    const stability = { policy: 'Rebalance' as const };
    expect(countsOf(placeOne(actor({ replicas: 6, stability, suspend: true }, { current }), hosts))).toEqual({
      'eu/a': 5,
      'eu/b': 1,
    });
    const cordoned = [{ ...slots('eu/a', 9), unschedulable: true }, slots('eu/b', 9)];
    expect(countsOf(placeOne(actor({ replicas: 6, stability }, { current }), cordoned))).toEqual({
      'eu/a': 5,
      'eu/b': 1,
    });
  });
});

describe('tiers that fail back', () => {
  const named = (name: string, rest: object = {}) => ({
    name,
    required: [{ matchExpressions: [{ key: labels.cluster, operator: 'In' as const, values: [name] }] }],
    ...rest,
  });
  const hosts = [slots('eu/a', 4), slots('us/b', 9)];
  const after = (eu: object, counts: Record<string, number>, facts: object = {}, spec: object = {}) => {
    const tiers = [named('eu', { overflow: true, ...eu }), named('us')];
    const plan = placeOne(
      actor({ replicas: 6, clusters: { tiers }, ...spec }, { current: standing(counts), ...facts }),
      hosts,
      clusters,
    );
    return [countsOf(plan), plan.moves.count, plan.moves.deferred];
  };

  test('take back what they have room for, within the budget', () => {
    expect(after({ failBack: true }, { 'us/b': 6 })).toEqual([{ 'eu/a': 4, 'us/b': 2 }, 4, 0]);
    expect(after({ failBack: true }, { 'eu/a': 3, 'us/b': 3 })).toEqual([{ 'eu/a': 4, 'us/b': 2 }, 1, 0]);
    expect(after({ failBack: true }, { 'us/b': 6 }, { moveBudget: 1 })).toEqual([{ 'eu/a': 1, 'us/b': 5 }, 1, 3]);
    expect(after({ failBack: true }, { 'us/b': 6 }, { moveBudget: 0 })).toEqual([{ 'us/b': 6 }, 0, 4]);
  });

  test('that span clusters, too', () => {
    const byClass = (name: string, rest: object = {}) => ({
      name,
      required: [{ matchExpressions: [{ key: 'class', operator: 'In' as const, values: [name] }] }],
      ...rest,
    });
    const inside = ['g1', 'g2', 'i1', 'i2'].map((name) =>
      cluster(name, { labels: { class: name.startsWith('g') ? 'gold' : 'iron' } }),
    );
    const tiers = [byClass('gold', { overflow: true, failBack: true }), byClass('iron')];
    const plan = placeOne(
      actor({ replicas: 8, clusters: { tiers } }, { current: standing({ 'g1/a': 1, 'i1/a': 3, 'i2/a': 4 }) }),
      inside.map(({ name }) => slots(`${name}/a`, name.startsWith('g') ? 2 : 9)),
      inside,
    );
    expect(countsOf(plan)).toEqual({ 'g1/a': 2, 'g2/a': 2, 'i1/a': 2, 'i2/a': 2 });
    expect(plan.moves).toMatchObject({ count: 3, deferred: 0 });
  });

  test('and others do not', () => {
    expect(after({}, { 'us/b': 6 })).toEqual([{ 'us/b': 6 }, 0, 0]);
    expect(after({ failBack: true }, { 'us/b': 6 }, {}, { suspend: true })).toEqual([{ 'us/b': 6 }, 0, 0]);
  });
});

describe('preemption', () => {
  const taking = { priority: 9, preemption: 'LowerPriority' as const };
  const called = (name: string, spec: object, counts: Record<string, number> = {}): Distribution =>
    actor(spec, { name, current: standing(counts) });
  const placed = (plans: Record<string, DistributionPlan>) =>
    Object.fromEntries(Object.entries(plans).map(([name, plan]) => [name, countsOf(plan)]));

  test('takes of the lowest priority first, and no more than it needs', () => {
    const low = called('low', { replicas: 3 }, { 'eu/a': 3 });
    const middle = called('middle', { replicas: 3, priority: 5 }, { 'eu/a': 3 });
    const plans = placeAll([low, middle, called('high', { replicas: 2, ...taking })], [slots('eu/a', 6)]);
    expect(placed(plans)).toEqual({ low: { 'eu/a': 1 }, middle: { 'eu/a': 3 }, high: { 'eu/a': 2 } });
    expect([plans['low']?.moves.lowerBound, plans['low']?.unplaced.map(({ count }) => count)]).toEqual([0, [2]]);
    const more = placeAll([low, middle, called('high', { replicas: 4, ...taking })], [slots('eu/a', 6)]);
    expect(placed(more)).toEqual({ low: {}, middle: { 'eu/a': 2 }, high: { 'eu/a': 4 } });
  });

  test('takes nothing without leave, of equals, or of what is suspended or frozen', () => {
    const low = (rest: object = {}) => called('low', { replicas: 3, ...rest }, { 'eu/a': 3 });
    const high = (rest: object = {}) => called('high', { replicas: 2, ...taking, ...rest });
    const hosts = [slots('eu/a', 3)];
    expect(placed(placeAll([low(), high({ preemption: 'Never' })], hosts))).toMatchObject({ high: {} });
    expect(placed(placeAll([low({ priority: 9 }), high()], hosts))).toMatchObject({ high: {} });
    expect(placed(placeAll([low({ suspend: true }), high()], hosts))).toMatchObject({ high: {} });
    expect(placed(placeAll([low(), high({ suspend: true })], hosts))).toMatchObject({ high: {} });
    expect(placed(placeAll([low(), high()], [{ ...slots('eu/a', 3), state: 'Unknown' }]))).toMatchObject({
      low: { 'eu/a': 3 },
    });
  });

  test('counts in every resource what is freed', () => {
    const hosts = [host('eu/a', { allocatable: { instances: 10, memory: 100, cpu: 8 } })];
    const of = (name: string, spec: object, memory: number, cpu: number, counts = {}): Distribution => ({
      ...called(name, spec, counts),
      resources: { instances: 1, memory, cpu },
    });
    const small = of('small', { replicas: 4 }, 25, 1, { 'eu/a': 4 });
    expect(placed(placeAll([small, of('big', { replicas: 1, ...taking }, 40, 2)], hosts))).toEqual({
      small: { 'eu/a': 2 },
      big: { 'eu/a': 1 },
    });
    expect(placed(placeAll([small, of('big', { replicas: 1, ...taking }, 10, 6)], hosts))).toEqual({
      small: { 'eu/a': 2 },
      big: { 'eu/a': 1 },
    });
    expect(placed(placeAll([small, of('big', { replicas: 1, ...taking }, 101, 1)], hosts))).toEqual({
      small: { 'eu/a': 4 },
      big: {},
    });
  });

  test('looks for room among the lowest priorities alone before it looks further up', () => {
    const middle = called('a-middle', { replicas: 2, priority: 5 }, { 'eu/a': 2 });
    const low = called('z-low', { replicas: 2 }, { 'eu/b': 2 });
    for (let i = 0; i < 8; i++) {
      const high = called(`high-${i}`, { replicas: 1, ...taking });
      const plans = placed(placeAll([middle, low, high], [slots('eu/a', 2), slots('eu/b', 2)]));
      expect(plans[`high-${i}`]).toEqual({ 'eu/b': 1 });
    }
  });

  test('takes of equals in turn of their keys', () => {
    const one = (name: string) => called(name, { replicas: 1 }, { 'eu/a': 1 });
    const high = called('high', { replicas: 1, ...taking });
    for (const order of [
      ['a', 'b', 'c'],
      ['c', 'b', 'a'],
    ])
      expect(placed(placeAll([...order.map(one), high], [slots('eu/a', 3)]))).toEqual({
        a: { 'eu/a': 1 },
        b: { 'eu/a': 1 },
        c: {},
        high: { 'eu/a': 1 },
      });
  });

  test('what takes nothing of the scarce resource is reprieved', () => {
    const hosts = [host('eu/a', { allocatable: { instances: 10, gpu: 1 } })];
    const plain = called('plain', { replicas: 3 }, { 'eu/a': 3 });
    const old = { ...called('old', { replicas: 1 }, { 'eu/a': 1 }), resources: { instances: 1, gpu: 1 } };
    const wanting = { ...called('new', { replicas: 1, ...taking }), resources: { instances: 1, gpu: 1 } };
    expect(placed(placeAll([plain, old, wanting], hosts))).toEqual({
      plain: { 'eu/a': 3 },
      old: {},
      new: { 'eu/a': 1 },
    });
  });

  test('what was taken goes elsewhere if there is room', () => {
    const only = {
      hosts: { required: [{ matchExpressions: [{ key: labels.hostname, operator: 'In' as const, values: ['a'] }] }] },
    };
    const plans = placeAll(
      [called('low', { replicas: 3 }, { 'eu/a': 3 }), called('high', { replicas: 2, ...taking, ...only })],
      [slots('eu/a', 3), slots('us/b', 9)],
    );
    expect(placed(plans)).toEqual({ low: { 'eu/a': 1, 'us/b': 2 }, high: { 'eu/a': 2 } });
    expect(plans['low']?.moves).toEqual({ count: 2, lowerBound: 2, deferred: 0 });
  });
});

describe('groups that overlap', () => {
  const groups = [
    { name: 'any', weight: 50 },
    { name: 'ssd', requirements: { disk: 'ssd' }, weight: 50 },
  ];
  const ssd = (path: string, instances: number): Host =>
    host(path, { allocatable: { instances }, labels: { disk: 'ssd' } });

  test('make room for each other with what is new, and not with what stands', () => {
    const hosts = [ssd('eu/a', 2), slots('eu/b', 2)];
    expect(countsOf(placeOne(actor({ replicas: 4, groups }), hosts))).toEqual({ 'eu/a': 2, 'eu/b': 2 });
    const pinned = [
      { name: 'x', requirements: { x: '' }, weight: 1 },
      { name: 'y', requirements: { y: '' }, weight: 1 },
    ];
    const both = host('eu/a', { allocatable: { instances: 1 }, labels: { x: '', y: '' } });
    const onlyX = host('eu/b', { allocatable: { instances: 1 }, labels: { x: '' } });
    expect(countsOf(placeOne(actor({ replicas: 2, groups: pinned }), [both, onlyX]))).toEqual({ 'eu/a': 1, 'eu/b': 1 });
    const stuck = placeOne(actor({ replicas: 2, groups: pinned }, { current: standing({ 'eu/a': 1 }) }), [both, onlyX]);
    expect(countsOf(stuck)).toEqual({ 'eu/a': 1, 'eu/b': 1 });
  });

  test('give a host to the one that has no other, whichever of the two the first has taken', () => {
    const needs = [
      { name: 'x', requirements: { x: '' }, weight: 1 },
      { name: 'y', requirements: { y: '' }, weight: 2 },
    ];
    const one = (path: string, marks: Record<string, string>): Host =>
      host(path, { allocatable: { instances: 1 }, labels: marks });
    const hosts = [one('eu/xy', { x: '', y: '' }), one('eu/x', { x: '' }), one('eu/y', { y: '' })];
    for (let i = 0; i < 12; i++)
      expect(placeOne(actor({ replicas: 3, groups: needs }, { name: `app-${i}` }), hosts).placed).toBe(3);
  });

  test('leave what is frozen in one, and take it off the others', () => {
    const half = [
      { name: 'x', requirements: { x: '' }, weight: 1 },
      { name: 'y', requirements: { y: '' }, weight: 1 },
    ];
    const marked = (path: string, mark: string, rest: Partial<Host> = {}): Host =>
      host(path, { allocatable: { instances: 9 }, labels: { [mark]: '' }, ...rest });
    const after = (replicas: number, counts: Record<string, number>, ofX: Partial<Host> = {}) =>
      countsOf(
        placeOne(actor({ replicas, groups: half }, { current: standing(counts) }), [
          marked('eu/a', 'x', ofX),
          marked('eu/b', 'y'),
          host('eu/c', { state: 'Unknown' }),
        ]),
      );
    const unknown = { state: 'Unknown' as const };
    expect(after(6, { 'eu/a': 5, 'eu/b': 1 })).toEqual({ 'eu/a': 3, 'eu/b': 3 });
    expect(after(6, { 'eu/a': 5, 'eu/b': 1 }, unknown)).toEqual({ 'eu/a': 5, 'eu/b': 1 });
    expect(after(6, { 'eu/a': 1, 'eu/b': 3 }, unknown)).toEqual({ 'eu/a': 1, 'eu/b': 3 });
    // On eu/c, which is in no group, two stand frozen: each group has one less.
    expect(after(6, { 'eu/a': 3, 'eu/b': 3, 'eu/c': 2 })).toEqual({ 'eu/a': 2, 'eu/b': 2, 'eu/c': 2 });
  });
});

test('who needs others beside it comes after them, whatever its name', () => {
  const near = { affinity: { required: [{ topologyKey: labels.hostname, selector: { matchLabels: { app: 'z' } } }] } };
  const follower = actor({ replicas: 2, ...near }, { name: 'a', labels: { app: 'a' } });
  const chain = actor(
    {
      replicas: 1,
      affinity: { required: [{ topologyKey: labels.hostname, selector: { matchLabels: { app: 'a' } } }] },
    },
    { name: '0' },
  );
  const leader = actor({ replicas: 1 }, { name: 'z', labels: { app: 'z' } });
  const plans = placeAll([chain, follower, leader], [slots('eu/a', 9), slots('us/b', 9)]);
  const [place = ''] = Object.keys(countsOf(planOf({ distributions: Object.values(plans) }, 'default/z')));
  expect([countsOf(plans['a'] as DistributionPlan), countsOf(plans['0'] as DistributionPlan)]).toEqual([
    { [place]: 2 },
    { [place]: 1 },
  ]);
  // A leader of lower priority is placed later: who waited for it tries again.
  const late = placeAll(
    [
      { ...follower, priority: 5 },
      { ...leader, priority: 1 },
    ],
    [slots('eu/a', 9)],
  );
  expect(late['a']?.placed).toBe(2);
});
