import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { diff, place, type ClusterPlan, type Host, type Plan } from '../../index.ts';
import { countsOf, pathOf, planOf, stoodOf, sum, unplacedOf, wish, type Counts, type Wish } from '../world.fixture.ts';
import { clusterOfHost, domainOf, limitOf, memoryOf, perDomain, takesNew } from './legality.fixture.ts';
import {
  always,
  loosened,
  respecified,
  simpleWorlds,
  snapshotOf,
  without,
  worlds,
  type World,
} from './worlds.fixture.ts';

const planFor = (plan: Plan, one: Wish): Counts => countsOf(planOf(plan, wish(one).key));
const before = (one: Wish): Counts => stoodOf({ current: one.current ?? [] });
const grownOn = (one: Wish, plan: Plan, host: Host): number =>
  (planFor(plan, one)[pathOf(host)] ?? 0) - (before(one)[pathOf(host)] ?? 0);

const asClusters = (counts: Counts): ClusterPlan[] =>
  [...Map.groupBy(Object.entries(counts), ([path]) => path.split('/')[0] ?? '')].map(([cluster, entries]) => ({
    cluster,
    hosts: entries.map(([path, replicas]) => ({ host: path.split('/')[1] ?? '', replicas })),
  }));

test('1: nothing new overcommits a host in any resource, at any prefix of the way', () => {
  always('1, no overcommit', worlds, 800, (world: World) => {
    const plan = place(snapshotOf(world));
    const used = new Map<string, { instances: number; memory: number }>();
    const charge = (path: string, { spec }: Wish, count: number): void => {
      const now = used.get(path) ?? { instances: 0, memory: 0 };
      used.set(path, { instances: now.instances + count, memory: now.memory + count * memoryOf(spec) });
    };
    for (const one of world.wishes) for (const [path, count] of Object.entries(before(one))) charge(path, one, count);
    const steps = world.wishes.flatMap((one) =>
      diff(asClusters(before(one)), planOf(plan, wish(one).key).clusters).map((step) => ({ one, step })),
    );
    const stops = steps.filter(({ step }) => step.to < step.from);
    const starts = steps.filter(({ step }) => step.to > step.from);
    for (const { one, step } of [...stops, ...starts]) {
      const path = `${step.cluster}/${step.host}`;
      charge(path, one, step.to - step.from);
      if (step.to < step.from) continue;
      const host = world.hosts.find((each) => pathOf(each) === path);
      const { instances = 0, memory = 0 } = used.get(path) ?? {};
      expect(instances).toBeLessThanOrEqual((host?.allocatable['instances'] ?? 0) - (host?.foreign['instances'] ?? 0));
      const memoryRoom = memoryOf(one.spec) === 0 ? Infinity : (host?.allocatable['memory'] ?? 0);
      expect(memory).toBeLessThanOrEqual(memoryRoom);
    }
  });
});

test('2: nothing new where a filter, a taint or maxPerHost forbids it', () => {
  always('2, filters', worlds, 800, (world: World) => {
    const plan = place(snapshotOf(world));
    for (const one of world.wishes)
      for (const host of world.hosts.filter((each) => grownOn(one, plan, each) > 0)) {
        expect(takesNew(one.spec, host, clusterOfHost(world, host))).toBe(true);
        expect(planFor(plan, one)[pathOf(host)]).toBeLessThanOrEqual(limitOf(one));
      }
  });
});

test('2: nothing new beyond the maxSkew or the max of a Block entry', () => {
  const bounded = simpleWorlds.map((world) => {
    const plain = respecified(world, (spec) => loosened(spec, 'weights', 'maxDomains', 'min'));
    // With tiers, an entry is evaluated inside each tier.
    return respecified(plain, (spec) => ({
      ...without(spec, 'groups', 'clusters'),
      spread: (spec.spread ?? []).slice(0, 1).map((one) => ({ ...one, whenUnsatisfiable: 'Block' as const })),
    }));
  });
  always('2, hard skew', bounded, 800, (world: World) => {
    const plan = place(snapshotOf(world));
    for (const one of world.wishes) {
      const [entry] = one.spec.spread ?? [];
      if (entry === undefined || one.spec.mode === 'Daemon') continue;
      const now = perDomain(world, one, planFor(plan, one), entry.topologyKey);
      const counted = [...now].filter(([domain]) => {
        if (entry.whenDomainFull === 'Block') return true;
        return hasRoom(world, one, plan, entry.topologyKey, domain) && (now.get(domain) ?? 0) < (entry.max ?? Infinity);
      });
      const tooFew = now.size < (entry.minDomains ?? 1);
      const least = tooFew ? 0 : Math.min(...counted.map(([, count]) => count));
      const grown = world.hosts.filter((host) => grownOn(one, plan, host) > 0);
      for (const domain of new Set(grown.map((host) => domainOf(host, entry.topologyKey) ?? ''))) {
        expect(now.get(domain)).toBeLessThanOrEqual(entry.max ?? Infinity);
        // Without any domain that counts, least is Infinity: nothing binds.
        expect(now.get(domain)).toBeLessThanOrEqual(least + (entry.maxSkew ?? 1));
      }
    }
  });
});

/** Whether a domain could take one replica more after the plan. */
function hasRoom(world: World, one: Wish, plan: Plan, topologyKey: string, domain: string): boolean {
  const counts = planFor(plan, one);
  return world.hosts.some((host) => {
    const path = pathOf(host);
    const free = (name: string): number => (host.allocatable[name] ?? 0) - (host.foreign[name] ?? 0);
    const count = counts[path] ?? 0;
    return (
      domainOf(host, topologyKey) === domain &&
      takesNew(one.spec, host, clusterOfHost(world, host)) &&
      count < limitOf(one) &&
      count + 1 <= free('instances') &&
      (memoryOf(one.spec) === 0 || (count + 1) * memoryOf(one.spec) <= free('memory'))
    );
  });
}

test('3: placed and unplaced are what is desired; no host is there twice, none with nothing', () => {
  always('3, conservation', worlds, 800, (world: World) => {
    const plan = place(snapshotOf(world));
    expect(plan.distributions).toHaveLength(world.wishes.length);
    for (const one of world.wishes) {
      const found = planOf(plan, wish(one).key);
      const shares = found.clusters.flatMap(({ cluster, hosts }) => hosts.map(({ host }) => `${cluster}/${host}`));
      expect(new Set(shares).size).toBe(shares.length);
      expect(Object.values(countsOf(found)).every((count) => Number.isInteger(count) && count > 0)).toBe(true);
      expect(found.placed).toBe(sum(Object.values(countsOf(found))));
      expect(found.placed + unplacedOf(found)).toBe(found.desired + found.excess);
      expect(found.unplaced.every(({ count }) => count > 0)).toBe(true);
      expect(one.spec.mode === 'Daemon' ? one.spec.replicas : found.desired).toBe(one.spec.replicas);
    }
  });
});

test('13: the steps of a plan carried out in any order of the starts give the plan', () => {
  const orders = fc.tuple(worlds, fc.nat());
  always('13, plan equals apply', orders, 500, ([world, turn]) => {
    const plan = place(snapshotOf(world));
    for (const one of world.wishes) {
      const steps = diff(asClusters(before(one)), planOf(plan, wish(one).key).clusters);
      const stops = steps.filter(({ from, to }) => to < from);
      const starts = steps.filter(({ from, to }) => to > from);
      expect(steps).toEqual([...stops, ...starts]);
      const counts: Record<string, number> = { ...before(one) };
      const turned = starts.map((_, i) => starts[(i + turn) % starts.length]);
      for (const step of [...stops, ...turned]) {
        if (step === undefined) continue;
        const path = `${step.cluster}/${step.host}`;
        expect(counts[path] ?? 0).toBe(step.from);
        if (step.to === 0) delete counts[path];
        else counts[path] = step.to;
      }
      expect(counts).toEqual(planFor(plan, one));
    }
  });
});
