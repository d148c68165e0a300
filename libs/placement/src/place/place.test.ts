import { labels } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { actor, countsOf, host, placeOne, provider, slots, standing, twoClusters } from '../example.ts';
import { place } from './place.ts';

describe('room', () => {
  test('instances and every resource bound a host, with what others use', () => {
    const hosts = [
      host('eu/a', { allocatable: { instances: 10, memory: 100 }, foreign: { memory: 40 } }),
      host('eu/b', { allocatable: { instances: 2, memory: 1000 } }),
    ];
    const distribution = { ...actor({ replicas: 9 }), resources: { instances: 1, memory: 20 } };
    const plan = placeOne(distribution, hosts);
    expect(countsOf(plan)).toEqual({ 'eu/a': 3, 'eu/b': 2 });
    expect(plan.unplaced).toEqual([
      { reason: 'InsufficientRoom', count: 4, blockers: ['resources.instances'], hosts: { Eligible: 2 } },
    ]);
  });

  test('a resource that a host does not report is none', () => {
    const distribution = { ...actor({ replicas: 1 }), resources: { instances: 1, gpu: 1 } };
    expect(placeOne(distribution, [host('eu/a')]).unplaced).toEqual([
      { reason: 'InsufficientRoom', count: 1, blockers: ['resources.gpu'], hosts: { Eligible: 1 } },
    ]);
  });

  test('maxPerHost bounds an actor, and a provider has one per host', () => {
    expect(countsOf(placeOne(actor({ replicas: 5, maxPerHost: 2 }), [host('eu/a'), host('us/b')]))).toEqual({
      'eu/a': 2,
      'us/b': 2,
    });
    const plan = placeOne(provider({ replicas: 3 }), [host('eu/a'), host('us/b')]);
    expect(countsOf(plan)).toEqual({ 'eu/a': 1, 'us/b': 1 });
    expect(plan.unplaced).toEqual([
      { reason: 'MaxPerHost', count: 1, blockers: ['maxPerHost'], hosts: { Eligible: 2 } },
    ]);
  });

  test('the higher priority gets room first, whatever its name', () => {
    const plan = place({
      clusters: twoClusters,
      hosts: [slots('eu/a', 4)],
      distributions: [actor({ replicas: 3 }, { name: 'a' }), actor({ replicas: 3, priority: 9 }, { name: 'z' })],
    });
    expect(plan.distributions.map(({ key, placed }) => [key, placed])).toEqual([
      ['default/a', 1],
      ['default/z', 3],
    ]);
  });

  test('equal priorities share scarce room in proportion to what they ask', () => {
    const plan = place({
      clusters: twoClusters,
      hosts: [slots('eu/a', 6), slots('us/b', 6)],
      distributions: [
        actor({ replicas: 30 }, { name: 'a' }),
        actor({ replicas: 10 }, { name: 'b' }),
        actor({ replicas: 20 }, { name: 'c' }),
      ],
    });
    expect(plan.distributions.map(({ placed }) => placed)).toEqual([6, 2, 4]);
  });

  test('one that cannot use its share leaves it to the others', () => {
    const plan = place({
      clusters: twoClusters,
      hosts: [slots('eu/a', 10)],
      distributions: [actor({ replicas: 10, maxPerHost: 2 }, { name: 'a' }), actor({ replicas: 10 }, { name: 'b' })],
    });
    expect(plan.distributions.map(({ placed }) => placed)).toEqual([2, 8]);
  });
});

describe('balance', () => {
  test('without entries: over clusters, then hosts', () => {
    const plan = placeOne(actor({ replicas: 6 }), [host('eu/a'), host('us/b'), host('us/c'), host('us/d')]);
    expect(countsOf(plan)).toEqual({ 'eu/a': 3, 'us/b': 1, 'us/c': 1, 'us/d': 1 });
  });

  test('Pack takes as few hosts as can be', () => {
    const hosts = [slots('eu/a', 3), slots('eu/b', 5), slots('us/c', 9), slots('us/d', 6)];
    expect(countsOf(placeOne(actor({ replicas: 12, mode: 'Pack' }), hosts))).toEqual({ 'us/c': 9, 'us/d': 3 });
    expect(countsOf(placeOne(actor({ replicas: 4, mode: 'Pack' }), hosts))).toEqual({ 'eu/b': 4 });
  });

  test('Daemon puts its number on every eligible host, and says where it could not', () => {
    const plan = placeOne(actor({ replicas: 2, mode: 'Daemon' }), [
      host('eu/a'),
      slots('eu/b', 1),
      host('us/c', { unschedulable: true }),
    ]);
    expect(countsOf(plan)).toEqual({ 'eu/a': 2, 'eu/b': 1 });
    expect([plan.desired, plan.placed, plan.unplaced.length]).toEqual([4, 3, 1]);
  });
});

describe('what is not honoured is said', () => {
  test('affinity that nothing meets stops new placements and names itself; what stands stays', () => {
    const selector = { matchLabels: { app: 'db' } };
    const distribution = actor(
      { replicas: 2, affinity: { required: [{ topologyKey: labels.zone, selector }] } },
      { current: standing({ 'eu/a': 1 }) },
    );
    const plan = placeOne(distribution, [host('eu/a')]);
    expect(countsOf(plan)).toEqual({ 'eu/a': 1 });
    expect(plan.unplaced).toEqual([
      { reason: 'AffinityUnmet', count: 1, blockers: ['affinity'], hosts: { Eligible: 1 } },
    ]);
  });

  test('a wish is passed over and named', () => {
    const daemon = actor({ replicas: 1, mode: 'Daemon', spread: [{ topologyKey: labels.zone }] });
    const plan = placeOne(daemon, [host('eu/a')]);
    expect([plan.placed, plan.unsupported]).toEqual([1, ['spread']]);
  });

  test('weights that are all 0 are an error', () => {
    const spread = [{ topologyKey: labels.region, weights: [{ value: 'eu', weight: 0 }] }];
    expect(placeOne(actor({ replicas: 1, spread }), [host('eu/a')]).unplaced).toEqual([
      { reason: 'InvalidSpec', count: 1, blockers: ['spread[0].weights'], hosts: { Eligible: 1 } },
    ]);
  });

  test('no host at all', () => {
    expect(placeOne(actor({ replicas: 2 }), [host('eu/a', { lattices: ['x'] })]).unplaced).toEqual([
      { reason: 'NoEligibleHost', count: 2, blockers: ['Lattice'], hosts: { Lattice: 1 } },
    ]);
  });
});
