import { labels, type DistributionSpec } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { actor, cluster, countsOf, host, perCluster, placeOne, slots, standing } from '../example.ts';
import type { Host } from '../model/snapshot.ts';

type Spec = Omit<DistributionSpec, 'actor' | 'provider'>;

const names = Array.from({ length: 8 }, (_, i) => `app-${i}`);
const clusters = ['eu', 'us', 'ap'].map((name) => cluster(name));

const counts = (spec: Spec, hosts: readonly Host[], stands: Record<string, number> = {}, name = 'app') =>
  countsOf(placeOne(actor(spec, { name, current: standing(stands) }), hosts, clusters));

const byRegion = { topologyKey: labels.region };
const byZone = { topologyKey: labels.zone };

describe('among equals, what stays level inside comes first', () => {
  const hosts = [
    slots('eu/a', 1, 'eu', 'eu-1'),
    slots('eu/b', 9, 'eu', 'eu-2'),
    slots('us/c', 5, 'us', 'us-1'),
    slots('us/d', 5, 'us', 'us-2'),
  ];

  test('over the zones of a region', () => {
    for (const name of names)
      expect(counts({ replicas: 7, spread: [byRegion, byZone] }, hosts, {}, name)).toEqual({
        'eu/a': 1,
        'eu/b': 2,
        'us/c': 2,
        'us/d': 2,
      });
  });

  test('as far as the maxSkew of its zones goes', () => {
    const favoured = (maxSkew: number): Set<number | undefined> =>
      new Set(
        names.map((name) => {
          const of = counts({ replicas: 7, spread: [byRegion, { ...byZone, maxSkew }] }, hosts, {}, name);
          return (of['us/c'] ?? 0) + (of['us/d'] ?? 0);
        }),
      );
    expect(favoured(1)).toEqual(new Set([4]));
    expect(favoured(2)).toEqual(new Set([3, 4]));
  });

  test('over the clusters of a region', () => {
    const spanning = [slots('eu/a', 1, 'r1'), slots('us/b', 9, 'r1'), slots('ap/c', 9, 'r2')];
    for (const name of names)
      expect(counts({ replicas: 7, spread: [byRegion] }, spanning, {}, name)).toEqual({
        'eu/a': 1,
        'us/b': 2,
        'ap/c': 4,
      });
  });
});

describe('packed', () => {
  const hosts = [slots('eu/a', 4), slots('eu/b', 4), slots('us/c', 5), slots('us/d', 5), slots('ap/e', 3)];

  test('into as few clusters as can be, then hosts', () => {
    expect(counts({ replicas: 3, mode: 'Pack' }, hosts)).toEqual({ 'ap/e': 3 });
    expect(counts({ replicas: 8, mode: 'Pack' }, hosts)).toEqual({ 'eu/a': 4, 'eu/b': 4 });
    expect(counts({ replicas: 12, mode: 'Pack' }, hosts)).toEqual({ 'us/c': 5, 'us/d': 5, 'ap/e': 2 });
    expect(counts({ replicas: 6, mode: 'Pack' }, hosts, { 'eu/b': 2 })).toEqual({ 'eu/a': 2, 'eu/b': 4 });
  });

  test('and away from the emptiest cluster first', () => {
    const stands = { 'eu/a': 3, 'eu/b': 1, 'us/c': 2, 'ap/e': 1 };
    expect(counts({ replicas: 6, mode: 'Pack' }, hosts, stands)).toEqual({ 'eu/a': 3, 'eu/b': 1, 'us/c': 2 });
    expect(counts({ replicas: 5, mode: 'Pack' }, hosts, stands)).toEqual({ 'eu/a': 3, 'eu/b': 1, 'us/c': 1 });
    expect(counts({ replicas: 3, mode: 'Pack' }, hosts, stands)).toEqual({ 'eu/a': 3 });
    const frozen = hosts.map((one) => (one.name === 'e' ? { ...one, state: 'Unknown' as const } : one));
    expect(counts({ replicas: 3, mode: 'Pack' }, frozen, stands)).toEqual({ 'eu/a': 2, 'ap/e': 1 });
  });
});

describe('minima', () => {
  const hosts = [slots('eu/a', 9, 'eu'), slots('us/b', 9, 'us'), slots('ap/c', 1, 'ap')];
  const weights = (eu: number, us: number, ap: number) => [
    { value: 'eu', weight: eu },
    { value: 'us', weight: us },
    { value: 'ap', weight: ap },
  ];
  const shares = (replicas: number, entry: object, stands = {}) => {
    const spec = { replicas, spread: [{ ...byRegion, ...entry }] };
    return perCluster(placeOne(actor(spec, { current: standing(stands) }), hosts, clusters));
  };

  test('come before shares', () => {
    expect(shares(10, { weights: weights(8, 1, 1) })).toEqual({ eu: 8, us: 1, ap: 1 });
    expect(shares(10, { weights: weights(8, 1, 1), min: 3 })).toEqual({ eu: 6, us: 3, ap: 1 });
    expect(shares(5, { weights: weights(8, 1, 1), min: 2 })).toEqual({ eu: 2, us: 2, ap: 1 });
  });

  test('are shared when they do not all fit', () => {
    expect(shares(3, { weights: weights(8, 1, 1), min: 2 })).toEqual({ eu: 2, us: 1 });
  });

  test('hold when there is less', () => {
    expect(shares(4, { weights: weights(1, 8, 1), min: 2 }, { 'eu/a': 4, 'us/b': 4 })).toEqual({ eu: 2, us: 2 });
  });
});

test('what is frozen stays below a bound, too', () => {
  const zoned = (path: string, zone: string, rest: Partial<Host> = {}): Host => ({
    ...slots(path, 9, 'r', zone),
    ...rest,
  });
  const hosts = [
    zoned('eu/a', 'z1', { state: 'Unknown' }),
    zoned('eu/b', 'z1'),
    zoned('us/c', 'z2'),
    zoned('us/d', 'z2'),
  ];
  const spread = [
    { topologyKey: labels.cluster, max: 8 },
    { ...byZone, max: 8 },
  ];
  const stands = { 'eu/a': 4, 'eu/b': 2, 'us/c': 2, 'us/d': 1 };
  expect(counts({ replicas: 6, spread }, hosts, stands)).toEqual({ 'eu/a': 4, 'us/c': 1, 'us/d': 1 });
  expect(counts({ replicas: 4, spread }, hosts, stands)).toEqual({ 'eu/a': 4 });
});

test('a domain without eligible hosts is no measure of what is level', () => {
  const zoned = (path: string, region: string, zone: string, room = 9): Host => slots(path, room, region, zone);
  const hosts = [
    zoned('eu/a', 'r1', 'x1'),
    zoned('eu/b', 'r1', 'x2'),
    { ...zoned('eu/c', 'r1', 'x3'), unschedulable: true },
    zoned('us/d', 'r2', 'y1', 1),
    zoned('us/e', 'r2', 'y2'),
  ];
  for (const name of names) {
    const of = counts({ replicas: 9, spread: [byRegion, byZone] }, hosts, {}, name);
    expect((of['eu/a'] ?? 0) + (of['eu/b'] ?? 0)).toBe(5);
  }
});

test('tiers share what is left after those before them', () => {
  const hosts = [slots('eu/a', 2, 'r1'), slots('eu/b', 2, 'r2'), slots('us/c', 9, 'r1'), slots('us/d', 9, 'r2')];
  const named = (name: string) => ({
    name,
    required: [{ matchExpressions: [{ key: labels.cluster, operator: 'In' as const, values: [name] }] }],
    overflow: true,
  });
  const weights = [
    { value: 'r1', weight: 3 },
    { value: 'r2', weight: 1 },
  ];
  const spread = [{ ...byRegion, weights, whenUnsatisfiable: 'Block' as const }];
  // Of twelve, three quarters may be in r1: the first tier takes what fits of its shares, the second shares the rest.
  expect(counts({ replicas: 12, clusters: { tiers: [named('eu'), named('us')] }, spread }, hosts)).toEqual({
    'eu/a': 2,
    'eu/b': 2,
    'us/c': 6,
    'us/d': 2,
  });
});

test('hosts are told in order, few and many, however the zones lie', () => {
  for (const size of [7, 40]) {
    const hosts = Array.from({ length: size }, (_, i) =>
      host(`eu/h${String(i).padStart(2, '0')}`, { labels: { [labels.zone]: `z${i % 3}` } }),
    );
    const paths = hosts.map(({ name }) => `eu/${name}`);
    expect(Object.keys(counts({ replicas: size, spread: [byZone], maxPerHost: 1 }, hosts))).toEqual(paths);
    const stands = Object.fromEntries(paths.filter((_, i) => i % 2 === 0).map((path) => [path, 1]));
    const spec = { replicas: size, spread: [byZone], maxPerHost: 1 };
    expect(Object.entries(counts(spec, hosts, stands))).toEqual(paths.map((path) => [path, 1]));
  }
});
