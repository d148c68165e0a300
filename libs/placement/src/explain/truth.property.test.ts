import { labels as names } from '@kasmcloud/kube-api';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  explain,
  explainHost,
  place,
  withoutBlockers,
  type Distribution,
  type Host,
  type Plan,
  type Snapshot,
} from '../index.ts';
import { always, busyWorlds, snapshotOf, worlds, type World } from '../proof/invariants/worlds.fixture.ts';
import { effort } from '../proof/effort.fixture.ts';
import { applied, countsOf, pathOf, planOf, roomOf, standing, sum, wish, worldOf } from '../proof/world.fixture.ts';

/** What is explained is true: here every statement is tried out on random worlds. */

const anyWorld: fc.Arbitrary<World> = fc.oneof(worlds, busyWorlds, portWorlds());

/** Worlds in which some distributions want the same host port. */
function portWorlds(): fc.Arbitrary<World> {
  return busyWorlds.chain((world) =>
    fc
      .tuple(...world.wishes.map(() => fc.constantFrom<readonly string[]>([], ['80'], ['80', '443'])))
      .map((ports) => ({ ...world, wishes: world.wishes.map((one, i) => ({ ...one, ports: ports[i] ?? [] })) })),
  );
}

const placedOf = (snapshot: Snapshot, key: string): number => planOf(place(snapshot), key).placed;

/** The world when a plan is carried out, in which only one distribution still looks for places. */
const lookingOn = (snapshot: Snapshot, plan: Plan, key: string): Snapshot => ({
  ...snapshot,
  distributions: applied(snapshot, plan).distributions.map((one) =>
    one.key === key ? { ...one, converge: false, preempts: false } : atRest(one),
  ),
});

test('an unplaced reason: without its blockers, more have a place', () => {
  always('explain: unplaced reasons', anyWorld, 200, (world) => {
    const snapshot = snapshotOf(world);
    const plan = place(snapshot);
    for (const { key } of plan.distributions) {
      const now = lookingOn(snapshot, plan, key);
      const before = placedOf(now, key);
      for (const { reason, blockers } of explain(snapshot, plan, key)?.unplaced ?? []) {
        expect(
          placedOf(withoutBlockers(now, key, blockers), key),
          `${key} ${reason} ${blockers.join()}`,
        ).toBeGreaterThan(before);
      }
    }
  });
});

test('an unplaced reason of the plan itself: the same, but for hosts that are refused for two reasons', () => {
  always('plan: unplaced reasons', anyWorld, 400, (world) => {
    const snapshot = snapshotOf(world);
    const plan = place(snapshot);
    for (const { key, unplaced } of plan.distributions) {
      const now = lookingOn(snapshot, plan, key);
      const before = placedOf(now, key);
      for (const { reason, blockers } of unplaced.filter(({ reason: why }) => why !== 'NoEligibleHost'))
        expect(
          placedOf(withoutBlockers(now, key, blockers), key),
          `${key} ${reason} ${blockers.join()}`,
        ).toBeGreaterThan(before);
    }
  });
});

/** The world when a plan is carried out: everything stands, nothing changes. */
const carriedOut = (snapshot: Snapshot, plan: Plan): Snapshot => ({
  ...applied(snapshot, plan),
  distributions: applied(snapshot, plan).distributions.map(atRest),
});

/** A distribution that stands. A daemon's number would follow its hosts. */
const atRest = (one: Distribution): Distribution => ({
  ...one,
  mode: 'Spread',
  replicas: sum(one.current.map(({ replicas }) => replicas)),
  suspended: true,
});

const PROBE = 'default/~';

/** The same world with one more replica of a distribution that has so many on a host. */
function probed(snapshot: Snapshot, one: Distribution, replicas: number): Snapshot {
  const probe: Distribution = {
    ...one,
    key: PROBE,
    mode: 'Spread',
    replicas: Math.max(1, one.groups.length * 10),
    maxPerHost: one.maxPerHost - replicas,
    current: [],
    // What runs on a host already has its ports there.
    ports: replicas > 0 ? [] : one.ports,
    // Whether the host is in a domain is its own affair; which domain is due is not.
    spread: one.spread.map((entry) => ({
      ...entry,
      weights: undefined,
      min: 0,
      max: Infinity,
      minDomains: 1,
      maxDomains: Infinity,
      fullDomainsBlock: false,
    })),
    preempts: false,
    suspended: false,
    converge: false,
  };
  return { ...snapshot, distributions: [...snapshot.distributions, probe] };
}

/** The same world, in which the probe may run on one host only. */
function pinned(snapshot: Snapshot, { cluster, name }: Host): Snapshot {
  const pin = [
    { key: names.cluster, operator: 'In' as const, values: [cluster] },
    { key: names.hostname, operator: 'In' as const, values: [name] },
  ];
  return {
    ...snapshot,
    distributions: snapshot.distributions.map((one) => {
      const { required } = one.hosts;
      const both = required.length === 0 ? [pin] : required.map((term) => [...term, ...pin]);
      return one.key === PROBE ? { ...one, hosts: { ...one.hosts, required: both } } : one;
    }),
  };
}

/** Hosts that only Placements name are gone when their cluster is reached: to lift that would change more than one thing. */
const withoutGhosts = (world: World): World => ({
  ...world,
  wishes: world.wishes.map((one) => ({
    ...one,
    current: (one.current ?? []).filter(({ cluster, host }) =>
      world.hosts.some((known) => known.cluster === cluster && known.name === host),
    ),
  })),
});

test('a host: it is kept away by all its blockers, and by nothing else', () => {
  always('explain: hosts', anyWorld.map(withoutGhosts), 250, (world) => {
    const snapshot = snapshotOf(world);
    const plan = place(snapshot);
    const now = carriedOut(snapshot, plan);
    for (const one of snapshot.distributions.filter(({ refused }) => refused.length === 0))
      for (const host of snapshot.hosts) {
        const answer = explainHost(snapshot, plan, one.key, { cluster: host.cluster, host: host.name });
        if (answer === undefined) continue;
        const { blockers, replicas, path } = answer;
        const asked = probed(now, one, replicas);
        const takes = (without: readonly string[]): boolean =>
          placedOf(pinned(withoutBlockers(asked, PROBE, without), host), PROBE) > 0;
        expect(takes(blockers), `${one.key} on ${path} without ${blockers.join(', ')}`).toBe(true);
        for (const blocker of blockers)
          expect(takes(blockers.filter((other) => other !== blocker)), `${one.key} on ${path} with ${blocker}`).toBe(
            false,
          );
      }
  });
});

test('hosts that are refused: nothing but the refusal keeps the best of them away', () => {
  always('explain: refused hosts', anyWorld, 200, (world) => {
    const snapshot = snapshotOf(world);
    const plan = place(snapshot);
    for (const { key } of plan.distributions) {
      const { refused = [], here = [], placed } = explain(snapshot, plan, key) ?? {};
      expect(sum(here.map(({ replicas }) => replicas))).toBe(placed);
      for (const { refusal, only, best, count } of refused) {
        expect(only).toBeLessThanOrEqual(count);
        for (const path of best.slice(0, only)) {
          const [cluster = '', host = ''] = path.split('/');
          const answer = explainHost(snapshot, plan, key, { cluster, host });
          expect([answer?.filters[0] ?? answer?.company[0], answer?.blockers.length]).toEqual([refusal, 1]);
        }
      }
    }
  });
});

test('a remedy: with it, and with nothing else changed, as many more have a place as it says', () => {
  always('explain: remedies', anyWorld, 150, (world) => {
    const snapshot = snapshotOf(world);
    const plan = place(snapshot);
    for (const { key, unplaced } of plan.distributions) {
      const { remedies = [] } = explain(snapshot, plan, key) ?? {};
      const missing = sum(unplaced.map(({ count }) => count));
      for (const { places } of remedies) expect([places > 0, places <= missing]).toEqual([true, true]);
      expect(missing === 0 ? remedies : []).toEqual([]);
    }
  });
});

const zoned = fc.record({
  zones: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 5 }),
  rooms: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 15, maxLength: 15 }),
  replicas: fc.integer({ min: 1, max: 20 }),
  block: fc.boolean(),
});

test('a tie: the other way round stands, and is as even', () => {
  let ties = 0;
  always('explain: ties', zoned, 600, ({ zones, rooms, replicas, block }) => {
    const hosts = zones.flatMap((count, zone) =>
      Array.from({ length: count }, (_, i) => roomOf(`eu/${zone}${i}`, rooms[zone * 3 + i] ?? 0, `z${zone}`)),
    );
    const entry = { topologyKey: names.zone, whenUnsatisfiable: block ? ('Block' as const) : ('Prefer' as const) };
    const snapshot = worldOf(hosts, [wish({ spec: { replicas, spread: [entry] } })]);
    const plan = place(snapshot);
    const { key, skew, placed } = planOf(plan);
    const zoneOf = (path: string): string => `z${path.slice('eu/'.length, -1)}`;
    for (const { more, fewer } of explain(snapshot, plan, key)?.divisions[0]?.ties ?? [])
      for (const from of more)
        for (const to of fewer) {
          ties += 1;
          const counts = { ...countsOf(planOf(plan)) };
          const source = Object.keys(counts).find((path) => zoneOf(path) === from) ?? '';
          const target = hosts.map(pathOf).find((path, i) => {
            const room = hosts[i]?.allocatable['instances'] ?? 0;
            return zoneOf(path) === to && (counts[path] ?? 0) < room;
          });
          counts[source] = (counts[source] ?? 0) - 1;
          counts[target ?? ''] = (counts[target ?? ''] ?? 0) + 1;
          const wanted = wish({ spec: { replicas, spread: [entry] }, current: standing(counts) });
          const other = planOf(place(worldOf(hosts, [wanted])));
          expect([other.moves.count, other.placed, other.skew]).toEqual([0, placed, skew]);
        }
  });
  expect(ties).toBeGreaterThan(100 * Math.min(1, effort));
});
