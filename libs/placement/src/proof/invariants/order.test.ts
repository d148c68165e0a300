import { labels } from '@kasmcloud/kube-api';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalBytes, place, type Plan } from '../../index.ts';
import { effort, seed } from '../effort.fixture.ts';
import { countsOf, hostOf, planOf, unplacedOf, type Spec } from '../world.fixture.ts';
import {
  always,
  emptied,
  loosened,
  respecified,
  simpleWorlds,
  snapshotOf,
  without,
  worlds,
  type World,
} from './worlds.fixture.ts';

const shuffled = <T>(list: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...list], { minLength: list.length });

const bytesOf = (plan: Plan): string => Buffer.from(canonicalBytes(plan)).toString();

test('7: the order of clusters, hosts, distributions and what stands is without meaning', () => {
  const orders = worlds.chain((world) =>
    fc.tuple(
      fc.constant(world),
      fc.record({ clusters: shuffled(world.clusters), hosts: shuffled(world.hosts), wishes: shuffled(world.wishes) }),
      fc.boolean(),
    ),
  );
  always('7, permutation', orders, 800, ([world, other, turned]) => {
    const wishes = other.wishes.map((one) => (turned ? { ...one, current: (one.current ?? []).toReversed() } : one));
    expect(bytesOf(place(snapshotOf({ ...other, wishes })))).toBe(bytesOf(place(snapshotOf(world))));
  });
});

test('7: one world in 1,000 orders has one plan', () => {
  const [world] = fc.sample(worlds, { numRuns: 1, seed });
  if (world === undefined) throw new Error('no world');
  const plans = new Set<string>();
  const orders = fc.record({
    clusters: shuffled(world.clusters),
    hosts: shuffled(world.hosts),
    wishes: shuffled(world.wishes),
  });
  for (const order of fc.sample(orders, { numRuns: Math.round(1000 * effort), seed }))
    plans.add(bytesOf(place(snapshotOf(order))));
  expect(plans.size).toBe(1);
});

// Not for packing, whose choice of hosts depends on the number, nor for Block shares, which are shares of what is asked.
test('8: one replica more takes none away', () => {
  const fresh = simpleWorlds.map((world) =>
    respecified(emptied(world), (spec) =>
      loosened(
        { ...without(spec, 'groups', 'mode'), ...(spec.mode === 'Daemon' && { mode: 'Daemon' }) },
        'min',
        'weights',
      ),
    ),
  );
  always('8, house monotonicity', fresh, 800, (world: World) => {
    const more = respecified(world, (spec) => ({ ...spec, replicas: (spec.replicas ?? 0) + 1 }));
    const few = countsOf(planOf(place(snapshotOf(world))));
    const many = countsOf(planOf(place(snapshotOf(more))));
    for (const [path, count] of Object.entries(few)) expect(many[path] ?? 0).toBeGreaterThanOrEqual(count);
  });
});

test('8: a host that is filtered out changes nothing', () => {
  const useless = fc.constantFrom(
    hostOf('eu/zz', { lattices: ['elsewhere'], labels: { [labels.zone]: 'z9' } }),
    hostOf('ap/00', { lattices: [], labels: { [labels.zone]: 'z1', disk: 'ssd' } }),
    hostOf('us/aa', { state: 'Lost', labels: { [labels.zone]: 'z2' } }),
  );
  always('8, irrelevant hosts', fc.tuple(worlds, useless), 800, ([world, host]) => {
    const plan = place(snapshotOf({ ...world, hosts: [...world.hosts, host] }));
    expect(plan.distributions.map(countsOf)).toEqual(place(snapshotOf(world)).distributions.map(countsOf));
  });
});

/** Constraints that nest: which domains maxDomains chooses depends on room, and shares under Block on what is asked. */
const laminar = simpleWorlds.map((world) =>
  respecified(world, (spec) => loosened(without(spec, 'groups', 'mode'), 'maxDomains', 'weights')),
);
const missingIn = (world: World): number => unplacedOf(planOf(place(snapshotOf(world))));

test('9: more room never leaves more without a place', () => {
  always('9, more room', fc.tuple(laminar, fc.nat()), 800, ([world, chosen]) => {
    const hosts = world.hosts.map((host, i) =>
      i === chosen % world.hosts.length ? { ...host, allocatable: { memory: 1e9 } } : host,
    );
    expect(missingIn({ ...world, hosts })).toBeLessThanOrEqual(missingIn(world));
  });
});

test('9: a constraint less never leaves more without a place', () => {
  const relaxations: ((spec: Spec) => Spec)[] = [
    (spec) => without(spec, 'maxPerHost'),
    (spec) => without(spec, 'spread'),
    (spec) => without(spec, 'resources'),
    // Whoever may be on more hosts has more domains, and one without room holds the others back under Block.
    (spec) => without(loosened(spec, 'whenDomainFull'), 'hosts'),
    (spec) => loosened(spec, 'max'),
    (spec) => loosened(spec, 'whenDomainFull'),
    (spec) => loosened(spec, 'whenUnsatisfiable'),
    (spec) => ({ ...loosened(spec, 'whenDomainFull'), tolerations: [{ operator: 'Exists' }] }),
  ];
  const cases = fc.tuple(laminar, fc.constantFrom(...relaxations));
  always('9, relaxation', cases, 800, ([world, relax]) => {
    expect(missingIn(respecified(world, relax))).toBeLessThanOrEqual(missingIn(world));
  });
});
