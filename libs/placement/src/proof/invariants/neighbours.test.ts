import { labels } from '@kasmcloud/kube-api';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine, place, type Host, type Plan, type Snapshot } from '../../index.ts';
import {
  applied,
  countsOf,
  pathOf,
  planOf,
  roomOf,
  standing,
  stoodOf,
  sum,
  unplacedOf,
  wish,
  worldOf,
  type Counts,
  type Wish,
} from '../world.fixture.ts';
import { domainOf } from './legality.fixture.ts';
import { always, busyWorlds, snapshotOf, worlds } from './worlds.fixture.ts';

/** Distributions that look at each other: affinity, preemption, quotas. */

const paths = ['eu/a', 'eu/b', 'us/a', 'us/b'];
const hosts: fc.Arbitrary<Host[]> = fc.tuple(
  ...paths.map((path) =>
    fc.tuple(fc.nat(4), fc.constantFrom('z1', 'z2')).map(([room, zone]) => roomOf(path, room, zone)),
  ),
);
const apps = ['p', 'q', 'r'];
const current = fc
  .subarray(paths, { maxLength: 2 })
  .chain((chosen) => fc.tuple(...chosen.map((path) => fc.tuple(fc.constant(path), fc.integer({ min: 1, max: 2 })))))
  .map((counts) => standing(Object.fromEntries(counts)));
const term = fc.record({
  topologyKey: fc.constantFrom(labels.zone, labels.hostname, labels.cluster),
  selector: fc.constantFrom(...apps).map((app) => ({ matchLabels: { app } })),
});
const terms = fc.record({ required: fc.array(term, { maxLength: 2 }) });

const neighbour = (name: string): fc.Arbitrary<Wish> =>
  fc
    .record({
      spec: fc.record(
        { replicas: fc.nat(5), priority: fc.nat(1), affinity: terms, antiAffinity: terms },
        { requiredKeys: ['replicas'] },
      ),
      current: fc.oneof(fc.constant([]), current),
    })
    .map((one) => ({ ...one, name, labels: { app: name } }));

const crowds = fc.record({ hosts, wishes: fc.tuple(...apps.map(neighbour)) });

const countsFor = (plan: Plan, one: Wish): Counts => countsOf(planOf(plan, wish(one).key));

test('2: nothing new where a required affinity or anti-affinity forbids it, on either side', () => {
  always('2, affinity', crowds, 1500, (crowd) => {
    const plan = place(worldOf(crowd.hosts, crowd.wishes.map(wish)));
    /** Replicas of an app in the domain that a host is in. */
    const inDomain = (app: string, topologyKey: string, path: string): number => {
      const here = crowd.hosts.find((host) => pathOf(host) === path);
      const domain = here && domainOf(here, topologyKey);
      const one = crowd.wishes.find(({ name }) => name === app);
      if (one === undefined || domain === undefined) return 0;
      const inside = crowd.hosts.filter((host) => domainOf(host, topologyKey) === domain);
      return sum(inside.map((host) => countsFor(plan, one)[pathOf(host)] ?? 0));
    };
    for (const one of crowd.wishes) {
      const was = stoodOf({ current: one.current ?? [] });
      const grown = Object.entries(countsFor(plan, one)).filter(([path, count]) => count > (was[path] ?? 0));
      for (const [path] of grown) {
        for (const { topologyKey, selector } of one.spec.affinity?.required ?? [])
          expect(inDomain(selector.matchLabels?.['app'] ?? '', topologyKey, path)).toBeGreaterThan(0);
        for (const { topologyKey, selector } of one.spec.antiAffinity?.required ?? []) {
          const app = selector.matchLabels?.['app'] ?? '';
          expect(inDomain(app, topologyKey, path)).toBeLessThanOrEqual(app === one.name ? 1 : 0);
        }
        for (const other of crowd.wishes.filter(({ name }) => name !== one.name))
          for (const { topologyKey, selector } of other.spec.antiAffinity?.required ?? []) {
            const shuns = selector.matchLabels?.['app'] === one.name;
            expect(shuns ? inDomain(other.name ?? '', topologyKey, path) : 0).toBe(0);
          }
      }
    }
  });
});

test('3, 4, 7: neighbours lose nobody, come to rest, and may stand in any order', () => {
  always('3, 4 and 7, affinity', crowds, 800, (crowd) => {
    const snapshot = worldOf(crowd.hosts, crowd.wishes.map(wish));
    const plan = place(snapshot);
    for (const one of plan.distributions) expect(one.placed + unplacedOf(one)).toBe(one.desired + one.excess);
    const turned = {
      ...snapshot,
      hosts: snapshot.hosts.toReversed(),
      distributions: snapshot.distributions.toReversed(),
    };
    expect(place(turned)).toEqual(plan);
    const moves = place(applied(snapshot, plan)).distributions.map((one) => one.moves.count);
    expect(moves).toEqual(moves.map(() => 0));
  });
});

const classes = fc.record({
  hosts,
  wishes: fc.tuple(
    ...apps.map((name, priority) =>
      fc.record({ replicas: fc.nat(6), current, preempts: fc.boolean() }).map((one): Wish => ({
        name,
        current: one.current,
        spec: { replicas: one.replicas, priority, ...(one.preempts && { preemption: 'LowerPriority' }) },
      })),
    ),
  ),
});

test('11: nobody waits for room that a lower priority holds and that it may take', () => {
  always('11, preemption', classes, 1500, (crowd) => {
    const plan = place(worldOf(crowd.hosts, crowd.wishes.map(wish)));
    for (const [rank, one] of crowd.wishes.entries()) {
      if (one.spec.preemption === undefined || unplacedOf(planOf(plan, wish(one).key)) === 0) continue;
      for (const host of crowd.hosts) {
        const on = (all: readonly Wish[]): number => sum(all.map((each) => countsFor(plan, each)[pathOf(host)] ?? 0));
        const others = on(crowd.wishes.slice(rank));
        // A host that offers less than the others hold gives nothing, whoever leaves it.
        const gain = (host.allocatable['instances'] ?? 0) - others;
        expect(gain > 0 ? on(crowd.wishes.slice(0, rank)) : 0).toBe(0);
      }
    }
  });
});

test('11: who is of no lower priority than anyone who preempts loses nothing', () => {
  always('11, no victim without cause', classes, 800, (crowd) => {
    const plan = place(worldOf(crowd.hosts, crowd.wishes.map(wish)));
    for (const [rank, one] of crowd.wishes.entries()) {
      const isSafe = crowd.wishes.slice(rank + 1).every(({ spec }) => spec.preemption === undefined);
      const held = sum(Object.values(stoodOf({ current: one.current ?? [] })));
      expect(isSafe ? planOf(plan, wish(one).key).placed : held).toBeGreaterThanOrEqual(
        isSafe ? Math.min(held, one.spec.replicas ?? 1) : held,
      );
    }
  });
});

test('11: a namespace grows to its quota and not beyond', () => {
  const bounded = fc.tuple(classes, fc.nat(8));
  always('11, quota', bounded, 800, ([crowd, instances]) => {
    const wishes = crowd.wishes.map(({ spec, ...rest }) => ({
      ...rest,
      spec: { ...spec, preemption: 'Never' as const },
    }));
    const snapshot = worldOf(crowd.hosts, wishes.map(wish));
    const plan = place({ ...snapshot, namespaces: [{ name: 'default', quota: { instances } }] });
    const free = place(snapshot);
    const placed = sum(plan.distributions.map((one) => one.placed));
    const stays = sum(
      wishes.map(({ spec, current: held }) =>
        Math.min(spec.replicas ?? 1, sum(Object.values(stoodOf({ current: held ?? [] })))),
      ),
    );
    expect(placed).toBeLessThanOrEqual(Math.max(instances, stays));
    expect(placed).toBeGreaterThanOrEqual(Math.min(instances, sum(free.distributions.map((one) => one.placed))));
  });
});

test('an engine that remembers gives, change by change, the plan that a new one gives', () => {
  const stories = fc.tuple(worlds, worlds, fc.nat(8));
  always('7, incremental equals cold', stories, 500, ([first, second, choice]) => {
    const start = snapshotOf(first);
    const engine = new Engine(start);
    const before = engine.plan();
    expect(before).toEqual(place(start));
    const host = second.hosts[choice % second.hosts.length];
    const [wanted] = second.wishes;
    if (host === undefined || wanted === undefined) return;
    engine.apply({ hosts: [host], distributions: [wish(wanted)] });
    const rest = applied(start, before).distributions.filter(({ key }) => key !== wish(wanted).key);
    const now: Snapshot = {
      ...start,
      hosts: [...start.hosts.filter((one) => pathOf(one) !== pathOf(host)), host],
      distributions: [...rest, wish(wanted)],
    };
    expect(engine.plan().distributions.map(countsOf)).toEqual(place(now).distributions.map(countsOf));
  });
});

test('1, 3 and 7: whatever distributions do to each other, no host is overcommitted and nobody is forgotten', () => {
  always('1, 3 and 7, all at once', busyWorlds, 1000, (world) => {
    const snapshot = snapshotOf(world);
    const plan = place(snapshot);
    for (const one of plan.distributions) {
      expect(one.excess).toBeGreaterThanOrEqual(0);
      expect(one.placed + unplacedOf(one)).toBe(one.desired + one.excess);
    }
    for (const host of world.hosts) {
      const path = pathOf(host);
      const now = sum(plan.distributions.map((one) => countsOf(one)[path] ?? 0));
      const was = sum(snapshot.distributions.map((one) => stoodOf(one)[path] ?? 0));
      const room = (host.allocatable['instances'] ?? 0) - (host.foreign['instances'] ?? 0);
      expect(now).toBeLessThanOrEqual(Math.max(room, was));
    }
    const turned = {
      clusters: snapshot.clusters.toReversed(),
      hosts: snapshot.hosts.toReversed(),
      distributions: snapshot.distributions.toReversed(),
    };
    expect(place(turned)).toEqual(plan);
  });
});

test('4: whatever distributions do to each other, in the end nothing moves', () => {
  always('4, all at once come to rest', busyWorlds, 1000, (world) => {
    let snapshot = snapshotOf(world);
    let plan = place(snapshot);
    // What is evicted or converges makes room that others may take in the next cycle.
    for (let cycle = 0; cycle < 6; cycle++) {
      snapshot = applied(snapshot, plan);
      plan = place(snapshot);
    }
    expect(applied(snapshot, plan)).toEqual(snapshot);
  });
});
