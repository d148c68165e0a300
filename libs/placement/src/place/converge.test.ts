import { labels, type DistributionSpec } from '@kasmcloud/kube-api';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actor, countsOf, host, placeOne, slots, standing } from '../example.ts';
import { intentBytes } from '../model/spec.ts';

const hosts = [slots('eu/a', 9), slots('eu/b', 9), slots('us/c', 9)];
const spread = (eu: number, us: number): NonNullable<DistributionSpec['spread']> => [
  {
    topologyKey: labels.cluster,
    weights: [
      { value: 'eu', weight: eu },
      { value: 'us', weight: us },
    ],
  },
];

describe('a changed spec is carried out', () => {
  test('new weights move replicas, and no more than must move', () => {
    const current = standing({ 'eu/a': 2, 'eu/b': 2, 'us/c': 4 });
    const plan = placeOne(actor({ replicas: 8, spread: spread(3, 1) }, { current, changed: true }), hosts);
    expect(countsOf(plan)).toEqual({ 'eu/a': 3, 'eu/b': 3, 'us/c': 2 });
    expect(plan.moves).toEqual({ count: 2, lowerBound: 2, deferred: 0 });
  });

  test('as fast as the move budget lets it', () => {
    const current = standing({ 'us/c': 8 });
    const plan = placeOne(
      actor({ replicas: 8, spread: spread(3, 1) }, { current, changed: true, moveBudget: 2 }),
      hosts,
    );
    expect(countsOf(plan)['us/c']).toBe(6);
    expect(plan.moves).toEqual({ count: 2, lowerBound: 2, deferred: 4 });
  });

  test('unchanged, it stays as it is; with Rebalance it never does', () => {
    const facts = { current: standing({ 'us/c': 8 }) };
    expect(countsOf(placeOne(actor({ replicas: 8, spread: spread(3, 1) }, facts), hosts))).toEqual({ 'us/c': 8 });
    const restless = actor({ replicas: 8, stability: { policy: 'Rebalance' } }, facts);
    expect(countsOf(placeOne(restless, hosts))).toEqual({ 'eu/a': 2, 'eu/b': 2, 'us/c': 4 });
  });

  test('a cordoned host and a suspect one keep what they have', () => {
    const held = [host('eu/a', { unschedulable: true }), host('eu/b', { state: 'Suspect' }), slots('us/c', 9)];
    const current = standing({ 'eu/a': 3, 'eu/b': 3 });
    const plan = placeOne(actor({ replicas: 6, spread: spread(0, 1) }, { current, changed: true }), held);
    expect(countsOf(plan)).toEqual({ 'eu/a': 3, 'eu/b': 3 });
  });

  test('a change of scale is no change of intent', () => {
    const spec = { actor: { id: 'a', image: 'i' }, spread: spread(1, 1) };
    expect(intentBytes({ ...spec, replicas: 9 })).toEqual(intentBytes({ ...spec, replicas: 3, priority: 7 }));
    expect(intentBytes({ ...spec, spread: spread(1, 2) })).not.toEqual(intentBytes(spec));
  });
});

test('converging ends where placing anew would, and there it stays', () => {
  const counts = fc.record({ 'eu/a': fc.nat(3), 'eu/b': fc.nat(3), 'us/c': fc.nat(3), 'us/d': fc.nat(3) });
  const weights = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }));
  fc.assert(
    fc.property(counts, weights, (held, [eu, us]) => {
      const four = [slots('eu/a', 4), slots('eu/b', 4), slots('us/c', 4), slots('us/d', 4)];
      const replicas = Object.values(held).reduce((a, b) => a + b, 0);
      const plan = (current: Record<string, number>): ReturnType<typeof placeOne> =>
        placeOne(actor({ replicas, spread: spread(eu, us) }, { current: standing(current), changed: true }), four);
      const perCluster = (one: ReturnType<typeof placeOne>): number[] =>
        ['eu', 'us'].map((name) =>
          one.clusters
            .filter(({ cluster }) => cluster === name)
            .reduce((sum, { hosts: shares }) => sum + shares.reduce((inner, share) => inner + share.replicas, 0), 0),
        );
      const first = plan(held);
      const again = plan(countsOf(first));
      expect(countsOf(again)).toEqual(countsOf(first));
      expect(again.moves.count).toBe(0);
      const fresh = perCluster(plan({}));
      // A seat that two clusters have an equal right to stays where it is.
      expect(perCluster(first).every((count, i) => Math.abs(count - (fresh[i] ?? 0)) <= 1)).toBe(true);
    }),
  );
});

test('groups that share their hosts come to rest together', () => {
  const groups = [
    { name: 'zone', requirements: { [labels.zone]: 'z1' }, weight: 60 },
    { name: 'any', weight: 40 },
  ];
  const shared = [slots('eu/a', 3, 'eu', 'z1'), slots('us/b', 1, 'us', 'z1')];
  const spec: Partial<DistributionSpec> = {
    replicas: 3,
    spread: spread(2, 1),
    groups,
    stability: { policy: 'Rebalance' },
  };
  const plan = placeOne(actor(spec, { current: standing({ 'eu/a': 3 }) }), shared);
  const again = placeOne(actor(spec, { current: standing(countsOf(plan)) }), shared);
  expect([countsOf(plan), again.moves.count]).toEqual([{ 'eu/a': 2, 'us/b': 1 }, 0]);
});

test('room that opens elsewhere draws nobody out of a domain that suffices', () => {
  const only: NonNullable<DistributionSpec['spread']> = [{ topologyKey: labels.zone, maxDomains: 1 }];
  const spec: Partial<DistributionSpec> = { replicas: 2, spread: only, stability: { policy: 'Rebalance' } };
  const zones = [slots('eu/a', 3, 'eu', 'z1'), slots('eu/b', 9, 'eu', 'z2')];
  const stays = placeOne(actor(spec, { current: standing({ 'eu/a': 2 }) }), zones);
  expect(countsOf(stays)).toEqual({ 'eu/a': 2 });
  const grows = placeOne(actor({ ...spec, replicas: 4 }, { current: standing({ 'eu/a': 2 }) }), zones);
  expect(countsOf(grows), 'and what does not suffice is left').toEqual({ 'eu/b': 4 });
});
