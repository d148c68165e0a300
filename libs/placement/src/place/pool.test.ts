import { labels } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { actor, cluster, countsOf, host, perCluster, placeOne, slots, standing } from '../example.ts';

/** A tier that is the cluster of its name. */
const named = (name: string, rest: object = {}) => ({
  name,
  required: [{ matchExpressions: [{ key: labels.cluster, operator: 'In' as const, values: [name] }] }],
  ...rest,
});

describe('tiers', () => {
  const hosts = [slots('eu/a', 2), slots('us/b', 9)];

  test('the next one is for overflow', () => {
    expect(
      perCluster(
        placeOne(actor({ replicas: 5, clusters: { tiers: [named('eu', { overflow: true }), named('us')] } }), hosts),
      ),
    ).toEqual({ eu: 2, us: 3 });
  });

  test('or for when no host of the one before is eligible', () => {
    const tiers = { clusters: { tiers: [named('eu'), named('us')] } };
    const full = placeOne(actor({ replicas: 5, ...tiers }), hosts);
    expect(perCluster(full)).toEqual({ eu: 2 });
    expect(full.unplaced).toEqual([{ reason: 'TierFull', count: 3, blockers: ['tiers'], hosts: { Eligible: 2 } }]);
    expect(
      perCluster(
        placeOne(actor({ replicas: 5, ...tiers }), hosts, [cluster('eu', { unschedulable: true }), cluster('us')]),
      ),
    ).toEqual({ us: 5 });
  });
});

describe('groups', () => {
  const zones = [
    host('eu/a', { labels: { zone: 'east' } }),
    host('eu/b', { labels: { zone: 'east' } }),
    host('us/c', { labels: { zone: 'west' } }),
    host('us/d'),
  ];
  const groups = [
    { name: 'east', requirements: { zone: 'east' }, weight: 80 },
    { name: 'west', requirements: { zone: 'west' }, weight: 20 },
  ];

  test("wadm's counts, spread inside each group, and hosts of no group get none", () => {
    expect(countsOf(placeOne(actor({ replicas: 5, groups }), zones))).toEqual({ 'eu/a': 2, 'eu/b': 2, 'us/c': 1 });
  });

  test('one that cannot be met does not block the others, and is named', () => {
    const plan = placeOne(
      actor({
        replicas: 5,
        groups: [
          { name: 'east', requirements: { zone: 'east' }, weight: 80 },
          { name: 'north', requirements: { zone: 'north' }, weight: 20 },
        ],
      }),
      zones,
    );
    expect(plan.placed).toBe(4);
    expect(plan.unplaced).toEqual([
      { reason: 'NoEligibleHost', count: 1, blockers: ['Groups'], group: 'north', hosts: { Groups: 4 } },
    ]);
  });

  test('overlapping groups keep what serves either, and need no note of which replica is whose', () => {
    const overlapping = [
      { name: 'any', weight: 50 },
      { name: 'west', requirements: { zone: 'west' }, weight: 50 },
    ];
    const plan = placeOne(
      actor({ replicas: 4, groups: overlapping }, { current: standing({ 'us/c': 2, 'us/d': 2 }) }),
      zones,
    );
    expect(countsOf(plan)).toEqual({ 'us/c': 2, 'us/d': 2 });
    const lost = placeOne(actor({ replicas: 4, groups: overlapping }, { current: standing({ 'us/c': 4 }) }), zones);
    expect(countsOf(lost)).toEqual({ 'us/c': 4 });
  });

  test('a daemon runs once for each group that its host matches', () => {
    const plan = placeOne(actor({ replicas: 2, mode: 'Daemon', groups: [...groups, { name: 'all' }] }), zones);
    expect(countsOf(plan)).toEqual({ 'eu/a': 4, 'eu/b': 4, 'us/c': 4, 'us/d': 2 });
  });
});
test('a suspended daemon keeps what stands', () => {
  const plan = placeOne(actor({ mode: 'Daemon', replicas: 1, suspend: true }, { current: standing({ 'eu/a': 3 }) }), [
    slots('eu/a', 9),
  ]);
  expect(countsOf(plan)).toEqual({ 'eu/a': 3 });
});
