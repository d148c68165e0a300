import { labels } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { place, type Cluster, type Host } from '../../index.ts';
import {
  clusterOf,
  countsOf,
  hostOf,
  placeOne,
  planOf,
  roomOf,
  unplacedOf,
  wish,
  worldOf,
  type Spec,
  type Wish,
} from '../world.fixture.ts';
import { clusterOfHost, takesNew } from './legality.fixture.ts';
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

test('11: who has the higher priority gets what it would get alone', () => {
  always('11, priority', worlds.map(emptied), 800, (world: World) => {
    const plan = place(snapshotOf(world));
    const highest = Math.max(...world.wishes.map(({ spec }) => spec.priority ?? 0));
    const first = world.wishes.filter(({ spec }) => (spec.priority ?? 0) === highest);
    const alone = place(snapshotOf({ ...world, wishes: first }));
    for (const { key, placed } of alone.distributions) expect(planOf(plan, key).placed).toBe(placed);
  });
});

test('11: a million replicas at the highest priority take nothing that others have', () => {
  const hosts = Array.from({ length: 50 }, (_, i) => roomOf(`eu/h${i}`, 40, `z${i % 5}`));
  const tenants: Wish[] = Array.from({ length: 20 }, (_, i) => ({
    name: `tenant${i}`,
    spec: { replicas: 50, priority: 0 },
    current: [
      { cluster: 'eu', host: `h${i}`, replicas: 30 },
      { cluster: 'eu', host: `h${i + 20}`, replicas: 20 },
    ],
  }));
  const hostile: Wish = { name: 'hostile', spec: { replicas: 1_000_000, priority: 1000 } };
  const started = performance.now();
  const plan = place(worldOf(hosts, [...tenants, hostile].map(wish)));
  expect(performance.now() - started).toBeLessThan(2000);
  for (const one of tenants) expect(planOf(plan, wish(one).key)).toMatchObject({ placed: 50, moves: { count: 0 } });
  const greedy = planOf(plan, wish(hostile).key);
  expect([greedy.placed, unplacedOf(greedy)]).toEqual([1000, 999_000]);
});

test('12: hosts are counted under the filters that do refuse them', () => {
  always('12, filters refuse', simpleWorlds, 800, (world: World) => {
    const plan = planOf(place(snapshotOf(world)));
    const [one] = world.wishes;
    if (one === undefined || (one.spec.groups?.length ?? 0) > 0) return;
    const open = world.hosts.filter((host) => takesNew(one.spec, host, clusterOfHost(world, host))).length;
    for (const { hosts } of plan.unplaced) expect(hosts['Eligible'] ?? 0).toBe(open);
  });
});

/** The world without what a reason names; only facts that a reason may name. */
function freed(world: World, blockers: readonly string[]): World {
  const has = (name: string): boolean => blockers.includes(name);
  const roomier = world.hosts.map((host) => ({
    ...host,
    allocatable: {
      ...host.allocatable,
      ...(has('resources.instances') && { instances: 1e6 }),
      ...(has('resources.memory') && { memory: 1e9 }),
    },
  }));
  const relaxed = respecified(world, (spec): Spec => {
    const rest = has('spread') ? without(spec, 'spread') : spec;
    const { tiers: _, ...clusters } = rest.clusters ?? {};
    return { ...(has('maxPerHost') ? without(rest, 'maxPerHost') : rest), ...(has('tiers') && { clusters }) };
  });
  const actors = has('maxPerHost') ? relaxed.wishes.map((one) => ({ ...one, provider: false })) : relaxed.wishes;
  return { ...relaxed, hosts: roomier, wishes: actors };
}

test('12: without the blockers that a reason names, that many more have a place', () => {
  const plain = simpleWorlds.map((world) =>
    respecified(world, (spec) => loosened(without(spec, 'groups', 'mode'), 'maxDomains')),
  );
  always('12, blockers', plain, 1500, (world: World) => {
    const plan = planOf(place(snapshotOf(world)));
    for (const { reason, count, blockers } of plan.unplaced) {
      expect(blockers.length).toBeGreaterThan(0);
      if (reason === 'NoEligibleHost') continue;
      expect(planOf(place(snapshotOf(freed(world, blockers)))).placed).toBeGreaterThanOrEqual(plan.placed + count);
    }
  });
});

test('12: NoEligibleHost names filters, each of which refuses a host', () => {
  const plan = placeOne(
    [
      hostOf('eu/a', { unschedulable: true }),
      hostOf('eu/b', { taints: [{ key: 'x', effect: 'NoSchedule' }] }),
      hostOf('eu/c', { lattices: ['other'] }),
    ],
    { spec: { replicas: 2 } },
  );
  expect(plan.unplaced).toMatchObject([
    { reason: 'NoEligibleHost', count: 2, hosts: { HostCordoned: 1, Lattice: 1, TaintNoSchedule: 1 } },
  ]);
  expect(plan.unplaced[0]?.blockers).toEqual(['HostCordoned', 'Lattice', 'TaintNoSchedule']);
});

const inAmerica = { matchExpressions: [{ key: labels.cluster, operator: 'In' as const, values: ['us'] }] };
const onSsd = { matchExpressions: [{ key: 'disk', operator: 'In' as const, values: ['ssd'] }] };

/** Every filter, with a host that only this one refuses. */
const refusals: Record<string, { host?: Partial<Host>; cluster?: Partial<Cluster>; spec?: Spec }> = {
  HostLost: { host: { state: 'Lost' } },
  ClusterLost: { cluster: { reach: 'Lost' } },
  Lattice: { host: { lattices: ['other'] } },
  ClusterTerms: { spec: { clusters: { required: [inAmerica] } } },
  Tiers: { spec: { clusters: { tiers: [{ name: 'first', required: [inAmerica] }] } } },
  HostTerms: { spec: { hosts: { required: [onSsd] } } },
  Interfaces: { spec: { hosts: { interfaces: ['wasi:http/handler'] } } },
  Groups: { spec: { groups: [{ name: 'ssd', requirements: { disk: 'ssd' } }] } },
  TaintNoExecute: { host: { taints: [{ key: 'x', effect: 'NoExecute' }] } },
  TaintNoSchedule: { host: { taints: [{ key: 'x', effect: 'NoSchedule' }] } },
  ClusterCordoned: { cluster: { unschedulable: true } },
  HostCordoned: { host: { unschedulable: true } },
  SpreadLabel: { spec: { spread: [{ topologyKey: 'rack', whenUnsatisfiable: 'Block' }] } },
  ClusterUnreachable: { cluster: { reach: 'Unreachable' } },
  HostUnknown: { host: { state: 'Unknown' } },
  HostSuspect: { host: { state: 'Suspect' } },
};

test.for(Object.entries(refusals))(
  '12: a host that %s refuses is counted and named so',
  ([name, { host, cluster, spec }]) => {
    const plan = placeOne([hostOf('eu/a', host)], { spec: { replicas: 2, ...spec } }, [clusterOf('eu', cluster)]);
    expect(plan.unplaced).toMatchObject([
      { reason: 'NoEligibleHost', count: 2, blockers: [name], hosts: { [name]: 1 } },
    ]);
  },
);

const stays = new Set(['TaintNoSchedule', 'ClusterCordoned', 'HostCordoned', 'SpreadLabel']);
const frozen = new Set(['ClusterUnreachable', 'HostUnknown']);

test.for(Object.entries(refusals))('6: what stands on a host that %s refuses', ([name, { host, cluster, spec }]) => {
  const current = [{ cluster: 'eu', host: 'a', replicas: 3 }];
  const heldOf = (replicas: number): number | undefined =>
    countsOf(placeOne([hostOf('eu/a', host)], { spec: { replicas, ...spec }, current }, [clusterOf('eu', cluster)]))[
      'eu/a'
    ];
  const keeps = stays.has(name) || frozen.has(name) || name === 'HostSuspect';
  expect([heldOf(3), heldOf(1)]).toEqual([keeps ? 3 : undefined, frozen.has(name) ? 3 : keeps ? 1 : undefined]);
});

test.for([
  ['9', '10', false],
  ['10', '9', true],
  ['-1', '-2', true],
  ['9', '9', false],
  ['100000000000000000001', '100000000000000000000', true],
  ['1.5', '1', false],
  ['x9', '1', false],
  ['9x', '1', false],
  ['', '1', false],
] as const)('2: %s is more than %s: %s', ([value, limit, isMore]) => {
  const matches = (operator: 'Gt' | 'Lt', mine: string, other: string): number =>
    placeOne([hostOf('eu/a', { labels: { n: mine } })], {
      spec: { hosts: { required: [{ matchExpressions: [{ key: 'n', operator, values: [other] }] }] } },
    }).placed;
  expect([matches('Gt', value, limit), matches('Lt', limit, value)]).toEqual(isMore ? [1, 1] : [0, 0]);
});
