import { labels } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { actor, countsOf, host, perCluster, placeOne, slots } from '../example.ts';

describe('spread', () => {
  const regions = [slots('eu/a', 10, 'eu', 'eu-1'), slots('eu/b', 10, 'eu', 'eu-2'), slots('us/c', 10, 'us', 'us-1')];

  test('evenly over regions, and inside each over zones', () => {
    const plan = placeOne(
      actor({ replicas: 8, spread: [{ topologyKey: labels.region }, { topologyKey: labels.zone }] }),
      regions,
    );
    expect(countsOf(plan)).toEqual({ 'eu/a': 2, 'eu/b': 2, 'us/c': 4 });
    expect(plan.skew).toEqual([
      { topologyKey: labels.region, value: 0, max: 1 },
      { topologyKey: labels.zone, value: 0, max: 1 },
    ]);
  });

  test('weights are Webster shares', () => {
    const weights = [
      { value: 'eu', weight: 3 },
      { value: '*', weight: 1 },
    ];
    expect(
      perCluster(placeOne(actor({ replicas: 8, spread: [{ topologyKey: labels.region, weights }] }), regions)),
    ).toEqual({ eu: 6, us: 2 });
  });

  test('Prefer hands what a full domain cannot take to the others, Block does not', () => {
    const hosts = [slots('eu/a', 2, 'eu'), slots('us/c', 10, 'us')];
    const weights = [
      { value: 'eu', weight: 1 },
      { value: 'us', weight: 1 },
    ];
    const soft = placeOne(actor({ replicas: 8, spread: [{ topologyKey: labels.region, weights }] }), hosts);
    expect(perCluster(soft)).toEqual({ eu: 2, us: 6 });
    const hard = placeOne(
      actor({ replicas: 8, spread: [{ topologyKey: labels.region, weights, whenUnsatisfiable: 'Block' }] }),
      hosts,
    );
    expect(perCluster(hard)).toEqual({ eu: 2, us: 4 });
    expect(hard.unplaced).toEqual([
      { reason: 'SpreadBlocked', count: 2, blockers: ['spread'], hosts: { Eligible: 2 } },
    ]);
  });

  test('a value without a weight, and one of weight 0, get none', () => {
    const hosts = [...regions, slots('us/d', 10, 'ap')];
    const weights = [
      { value: 'eu', weight: 1 },
      { value: 'us', weight: 0 },
    ];
    expect(
      perCluster(placeOne(actor({ replicas: 4, spread: [{ topologyKey: labels.region, weights }] }), hosts)),
    ).toEqual({ eu: 4 });
  });

  test('a full domain is left out of the minimum, unless it is to hold the others back', () => {
    const hosts = [slots('eu/a', 1, 'eu'), slots('us/c', 10, 'us')];
    const entry = { topologyKey: labels.region, maxSkew: 2, whenUnsatisfiable: 'Block' } as const;
    expect(perCluster(placeOne(actor({ replicas: 6, spread: [entry] }), hosts))).toEqual({ eu: 1, us: 5 });
    const held = placeOne(actor({ replicas: 6, spread: [{ ...entry, whenDomainFull: 'Block' }] }), hosts);
    expect(perCluster(held)).toEqual({ eu: 1, us: 3 });
    expect(held.unplaced).toEqual([
      { reason: 'SpreadBlocked', count: 2, blockers: ['spread'], hosts: { Eligible: 2 } },
    ]);
  });

  test('a host without the label is ineligible for Block, and last for Prefer', () => {
    const hosts = [slots('eu/a', 2, 'eu'), host('us/c')];
    const hard = placeOne(
      actor({ replicas: 3, spread: [{ topologyKey: labels.region, whenUnsatisfiable: 'Block' }] }),
      hosts,
    );
    expect(perCluster(hard)).toEqual({ eu: 2 });
    expect(perCluster(placeOne(actor({ replicas: 3, spread: [{ topologyKey: labels.region }] }), hosts))).toEqual({
      eu: 2,
      us: 1,
    });
  });

  test('min comes first, max bounds', () => {
    const weights = [
      { value: 'eu', weight: 100 },
      { value: 'us', weight: 1 },
    ];
    const spread = [{ topologyKey: labels.region, weights, min: 2, max: 5 }];
    expect(perCluster(placeOne(actor({ replicas: 6, spread }), regions))).toEqual({ eu: 4, us: 2 });
    const plan = placeOne(actor({ replicas: 12, spread }), regions);
    expect(perCluster(plan)).toEqual({ eu: 5, us: 5 });
    expect(plan.unplaced.map(({ reason, count }) => [reason, count])).toEqual([['SpreadBlocked', 2]]);
  });

  test('maxDomains chooses, and a single domain under minDomains counts the smallest as empty', () => {
    const many = placeOne(actor({ replicas: 6, spread: [{ topologyKey: labels.zone, maxDomains: 2 }] }), regions);
    expect(Object.keys(countsOf(many))).toHaveLength(2);
    const entry = { topologyKey: labels.zone, minDomains: 4, maxSkew: 1, whenUnsatisfiable: 'Block' } as const;
    expect(placeOne(actor({ replicas: 6, spread: [entry] }), regions).placed).toBe(3);
  });

  test('a share of a share that cannot be met is dealt to the other region', () => {
    const hosts = [slots('eu/a', 9, 'eu', 'x'), slots('eu/b', 1, 'eu', 'y'), slots('us/c', 20, 'us', 'x')];
    const weights = [
      { value: 'x', weight: 1 },
      { value: 'y', weight: 1 },
    ];
    const spread = [
      { topologyKey: labels.region },
      { topologyKey: labels.zone, weights, whenUnsatisfiable: 'Block' as const },
    ];
    expect(perCluster(placeOne(actor({ replicas: 12, spread }), hosts))).toEqual({ eu: 4, us: 8 });
  });
});
