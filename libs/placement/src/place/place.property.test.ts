import { labels, type DistributionSpec } from '@kasmcloud/kube-api';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { diff } from '../diff/diff.ts';
import { actor, cluster, countsOf, host, planOf, provider, standing } from '../example.ts';
import { canonicalBytes } from '../model/canonical.ts';
import type { Current, Distribution } from '../model/distribution.ts';
import type { ClusterPlan, DistributionPlan, Plan } from '../model/plan.ts';
import type { Host, Snapshot } from '../model/snapshot.ts';
import { judge } from '../filter/verdict.ts';
import { takeInventory } from './inventory.ts';
import { place } from './place.ts';
import { effort, seed } from '../proof/effort.fixture.ts';

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);

const clusterNames = ['eu', 'us', 'ap'];
const hostNames = ['a', 'b', 'c', 'd'];
const paths = clusterNames.flatMap((name) => hostNames.map((one) => `${name}/${one}`));

const clusters = fc.tuple(
  ...clusterNames.map((name) =>
    fc
      .record({
        unschedulable: often(false, true),
        reach: often<'Reachable' | 'Unreachable' | 'Lost'>('Reachable', 'Unreachable', 'Lost'),
      })
      .map((rest) => cluster(name, rest)),
  ),
);

const hosts = fc.subarray(paths, { minLength: 1 }).chain((chosen) => fc.tuple(...chosen.map(hostAt)));

function hostAt(path: string): fc.Arbitrary<Host> {
  return fc
    .record({
      instances: fc.nat(6),
      foreign: often(0, 1),
      zone: fc.constantFrom('z1', 'z2', 'z3', ''),
      state: often<Host['state']>('Ready', 'Suspect', 'Lost', 'Unknown'),
      unschedulable: often(false, true),
      effect: often<'' | 'NoSchedule' | 'NoExecute'>('', 'NoSchedule', 'NoExecute'),
    })
    .map(({ instances, foreign, zone, state, unschedulable, effect }) =>
      host(path, {
        allocatable: { instances },
        foreign: { instances: foreign },
        labels: zone === '' ? {} : { [labels.zone]: zone },
        taints: effect === '' ? [] : [{ key: 'x', effect }],
        state,
        unschedulable,
      }),
    );
}

/** The first value most of the time. */
function often<T>(usual: T, ...rest: T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(usual) },
    ...rest.map((value) => ({ weight: 1, arbitrary: fc.constant(value) })),
  );
}

const spreadEntry: fc.Arbitrary<NonNullable<DistributionSpec['spread']>[number]> = fc
  .record(
    {
      topologyKey: fc.constantFrom(labels.cluster, labels.zone, labels.hostname),
      maxSkew: fc.integer({ min: 1, max: 3 }),
      weights: fc.constant<{ value: string; weight: number }[]>([
        { value: 'eu', weight: 2 },
        { value: 'z1', weight: 3 },
        { value: '*', weight: 1 },
      ]),
      min: fc.nat(1),
      max: fc.integer({ min: 1, max: 6 }),
      minDomains: fc.integer({ min: 1, max: 3 }),
      maxDomains: fc.integer({ min: 1, max: 3 }),
      whenUnsatisfiable: fc.constantFrom('Block' as const, 'Prefer' as const),
      whenDomainFull: fc.constantFrom('Block' as const, 'Ignore' as const),
    },
    { requiredKeys: ['topologyKey'] },
  )
  .map(({ weights, maxSkew, ...rest }) => ({
    ...rest,
    ...(weights === undefined ? maxSkew !== undefined && { maxSkew } : { weights }),
  }));

const spec: fc.Arbitrary<Omit<DistributionSpec, 'actor' | 'provider'>> = fc.record(
  {
    replicas: fc.nat(14),
    mode: often<'Spread' | 'Pack' | 'Daemon'>('Spread', 'Pack', 'Daemon'),
    priority: fc.nat(1),
    spread: fc.array(spreadEntry, { maxLength: 2 }),
    maxPerHost: fc.integer({ min: 1, max: 4 }),
    groups: fc.constant([
      { name: 'one', requirements: { [labels.zone]: 'z1' }, weight: 60 },
      { name: 'any', weight: 40 },
    ]),
    tolerations: fc.constant([{ key: 'x', operator: 'Exists' as const, effect: 'NoSchedule' as const }]),
  },
  { requiredKeys: ['replicas'] },
);

const current: fc.Arbitrary<Current[]> = fc
  .subarray([...paths, 'eu/gone'], { maxLength: 5 })
  .chain((chosen) =>
    fc.tuple(...chosen.map((path) => fc.integer({ min: 1, max: 3 }).map((count) => [path, count] as const))),
  )
  .map((counts) => standing(Object.fromEntries(counts)));

const distribution = (name: string): fc.Arbitrary<Distribution> =>
  fc
    .record({ spec, current: fc.oneof(fc.constant([]), current), provided: often(false, true) })
    .map((one) => (one.provided ? provider : actor)(one.spec, { name, current: one.current }));

const snapshots: fc.Arbitrary<Snapshot> = fc.record({
  clusters,
  hosts,
  distributions: fc
    .integer({ min: 1, max: 3 })
    .chain((count) => fc.tuple(...['p', 'q', 'r'].slice(0, count).map(distribution))),
});
const single: fc.Arbitrary<Snapshot> = fc.record({ clusters, hosts, distributions: fc.tuple(distribution('p')) });

const runs = { numRuns: Math.max(20, Math.round(400 * effort)), seed };

/** The same world with the plan carried out. */
const applied = (snapshot: Snapshot, plan: Plan): Snapshot => ({
  ...snapshot,
  distributions: snapshot.distributions.map((one) => ({
    ...one,
    current: planOf(plan, one.key).clusters.flatMap((inside) =>
      inside.hosts.map((share) => ({ cluster: inside.cluster, ...share })),
    ),
  })),
});

const before = (one: Distribution): Record<string, number> =>
  Object.fromEntries(one.current.map(({ cluster: inside, host: name, replicas }) => [`${inside}/${name}`, replicas]));

const asPlan = (entries: readonly Current[]): ClusterPlan[] =>
  [...Map.groupBy(entries, (entry) => entry.cluster)].map(([name, inside]) => ({ cluster: name, hosts: inside }));

/** Hosts where a distribution has more than before. */
const grown = (one: Distribution, plan: DistributionPlan): string[] =>
  Object.entries(countsOf(plan)).flatMap(([path, count]) => (count > (before(one)[path] ?? 0) ? [path] : []));

test('1: no host is overcommitted by anything new, at no point of the way', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      const plan = place(snapshot);
      const used = new Map<string, number>();
      const add = (path: string, count: number): void => void used.set(path, (used.get(path) ?? 0) + count);
      for (const one of snapshot.distributions)
        for (const [path, count] of Object.entries(before(one))) add(path, count);
      const changes = snapshot.distributions.flatMap((one) =>
        diff(asPlan(one.current), planOf(plan, one.key).clusters),
      );
      const free = new Map(
        snapshot.hosts.map((one) => [
          `${one.cluster}/${one.name}`,
          (one.allocatable['instances'] ?? 0) - (one.foreign['instances'] ?? 0),
        ]),
      );
      for (const { cluster: inside, host: name, from, to } of changes.toSorted(
        (a, b) => a.to - a.from - b.to + b.from,
      )) {
        add(`${inside}/${name}`, to - from);
        const fits = to < from || (used.get(`${inside}/${name}`) ?? 0) <= (free.get(`${inside}/${name}`) ?? 0);
        expect(fits).toBe(true);
      }
    }),
    runs,
  );
});

test('2: nothing new on a host that may not take it, and never more than maxPerHost', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      const plan = place(snapshot);
      const inventory = takeInventory(snapshot);
      for (const one of snapshot.distributions)
        for (const path of grown(one, planOf(plan, one.key))) {
          const [inside = '', name = ''] = path.split('/');
          const view = inventory.find(inside, name);
          expect(view && judge(one, view).use).toBe('Open');
          expect(countsOf(planOf(plan, one.key))[path]).toBeLessThanOrEqual(one.maxPerHost);
        }
    }),
    runs,
  );
});

test('3: placed and unplaced are what is desired, and what is frozen above it', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      for (const { desired, placed, excess, unplaced, clusters: plans } of place(snapshot).distributions) {
        expect(placed + sum(unplaced.map(({ count }) => count))).toBe(desired + excess);
        expect(excess).toBeGreaterThanOrEqual(0);
        expect(plans.flatMap((one) => one.hosts).every(({ replicas }) => replicas > 0)).toBe(true);
      }
    }),
    runs,
  );
});

test('4: planning again what was planned changes nothing', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      const once = place(snapshot);
      const twice = place(applied(snapshot, once));
      expect(twice.distributions.map(countsOf)).toEqual(once.distributions.map(countsOf));
      expect(twice.distributions.every(({ moves }) => moves.count === 0)).toBe(true);
    }),
    runs,
  );
});

test('4: what has converged stays, and converging breaks no bound', () => {
  fc.assert(
    fc.property(single, (snapshot) => {
      // Groups that overlap keep no note of whose a replica is: what serves one may be dealt to another the next time.
      const distributions = snapshot.distributions.map((one) => ({ ...one, groups: [], converge: true }));
      const once = place({ ...snapshot, distributions });
      const twice = place(applied({ ...snapshot, distributions }, once));
      expect(twice.distributions.map(countsOf)).toEqual(once.distributions.map(countsOf));
      expect(once.distributions.every(({ moves }) => moves.count === moves.lowerBound)).toBe(true);
    }),
    runs,
  );
});

test('5 and 6: only what must move moves', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      for (const { moves } of place(snapshot).distributions) expect(moves.count).toBe(moves.lowerBound);
    }),
    runs,
  );
});

test('5: a change of scale only adds, or only takes away', () => {
  fc.assert(
    fc.property(single, fc.nat(14), (snapshot, replicas) => {
      const settled = applied(snapshot, place(snapshot));
      const scaled = {
        ...settled,
        distributions: settled.distributions.map((one) => ({ ...one, replicas, groups: [] })),
      };
      const [was] = scaled.distributions;
      if (was === undefined) return;
      const now = countsOf(planOf(place(scaled)));
      const steps = new Set(
        [...Object.keys(before(was)), ...Object.keys(now)].map((path) =>
          Math.sign((now[path] ?? 0) - (before(was)[path] ?? 0)),
        ),
      );
      expect(steps.has(1) && steps.has(-1)).toBe(false);
    }),
    runs,
  );
});

test('7: the order of the input is without meaning', () => {
  const shuffled = snapshots.chain((snapshot) =>
    fc.tuple(
      fc.constant(snapshot),
      fc.record({
        clusters: shuffle(snapshot.clusters),
        hosts: shuffle(snapshot.hosts),
        distributions: shuffle(snapshot.distributions),
      }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([snapshot, other]) => {
      expect(canonicalBytes(place(other))).toEqual(canonicalBytes(place(snapshot)));
    }),
    runs,
  );
});

const shuffle = <T>(list: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...list], { minLength: list.length });

// Not for packing, whose choice of hosts depends on the total, nor for hard shares of a share: they are shares of what is asked.
test('8: one replica more takes none away from where one less would have put it', () => {
  fc.assert(
    fc.property(single, (snapshot) => {
      const fresh = (more: number): Record<string, number> => {
        const distributions = snapshot.distributions.map((one) => ({
          ...one,
          mode: one.mode === 'Pack' ? ('Spread' as const) : one.mode,
          current: [],
          groups: [],
          spread: one.spread.map((entry) => ({ ...entry, min: 0, block: entry.block && entry.weights === undefined })),
          replicas: one.replicas + more,
        }));
        return countsOf(planOf(place({ ...snapshot, distributions })));
      };
      const few = fresh(0);
      const many = fresh(1);
      for (const [path, count] of Object.entries(few)) expect(many[path] ?? 0).toBeGreaterThanOrEqual(count);
    }),
    runs,
  );
});

test('8: a host that is filtered out changes nothing', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      const irrelevant = host('eu/other', { lattices: ['elsewhere'], labels: { [labels.zone]: 'z9' } });
      const plan = place({ ...snapshot, hosts: [...snapshot.hosts, irrelevant] });
      expect(plan.distributions.map(countsOf)).toEqual(place(snapshot).distributions.map(countsOf));
    }),
    runs,
  );
});

// Groups that overlap compete for what is freed, and room decides which domains maxDomains chooses: not said of those.
test('12: without the named blockers, what is unplaced has a place', () => {
  fc.assert(
    fc.property(single, (snapshot) => {
      const distributions = snapshot.distributions.map((one) => ({
        ...one,
        groups: [],
        spread: one.spread.map((entry) => ({ ...entry, maxDomains: Infinity })),
      }));
      const plan = planOf(place({ ...snapshot, distributions }));
      const claims = plan.unplaced.filter(({ reason }) => reason !== 'NoEligibleHost');
      for (const { count, blockers } of claims) {
        const endless = snapshot.hosts.map((one) => ({ ...one, allocatable: {} }));
        const freed: Snapshot = {
          ...snapshot,
          hosts: blockers.includes('resources.instances') ? endless : snapshot.hosts,
          distributions: distributions.map((one) => ({
            ...one,
            ...(blockers.includes('spread') && { spread: [] }),
            ...(blockers.includes('maxPerHost') && { maxPerHost: Infinity }),
          })),
        };
        expect(planOf(place(freed)).placed).toBeGreaterThanOrEqual(plan.placed + count);
      }
    }),
    runs,
  );
});

test('9: more room leaves no more without a place', () => {
  fc.assert(
    fc.property(single, fc.nat(20), (snapshot, seed) => {
      const chosen = seed % snapshot.hosts.length;
      const roomier = snapshot.hosts.map((one, i) => (i === chosen ? { ...one, allocatable: {} } : one));
      const distributions = snapshot.distributions.map((one) => ({
        ...one,
        groups: [],
        spread: one.spread.map((entry) => ({ ...entry, maxDomains: Infinity, block: entry.block && !entry.weights })),
      }));
      const placed = (hosts: readonly Host[]): number => planOf(place({ ...snapshot, hosts, distributions })).placed;
      expect(placed(roomier)).toBeGreaterThanOrEqual(placed(snapshot.hosts));
    }),
    runs,
  );
});
