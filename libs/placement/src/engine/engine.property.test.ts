import { labels, type DistributionSpec } from '@kasmcloud/kube-api';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { actor, cluster, countsOf, host, planOf } from '../example.ts';
import type { Distribution } from '../model/distribution.ts';
import type { Plan } from '../model/plan.ts';
import type { Cluster, Host, Snapshot } from '../model/snapshot.ts';
import { place } from '../place/place.ts';
import { effort, seed } from '../proof/effort.fixture.ts';
import type { Changes } from './changes.ts';
import { Engine } from './engine.ts';

const clusterNames = ['eu', 'us'];
const paths = clusterNames.flatMap((name) => ['a', 'b', 'c'].map((one) => `${name}/${one}`));

const oneCluster = (name: string): fc.Arbitrary<Cluster> =>
  fc
    .record({
      unschedulable: fc.constantFrom(false, false, false, true),
      reach: fc.constantFrom<Cluster['reach']>('Reachable', 'Reachable', 'Reachable', 'Unreachable', 'Lost'),
    })
    .map((rest) => cluster(name, rest));

const oneHost = (path: string): fc.Arbitrary<Host> =>
  fc
    .record({
      instances: fc.nat(6),
      zone: fc.constantFrom('z1', 'z2', ''),
      state: fc.constantFrom<Host['state']>('Ready', 'Ready', 'Ready', 'Suspect', 'Lost', 'Unknown'),
      unschedulable: fc.constantFrom(false, false, true),
      evicting: fc.constantFrom(false, false, false, true),
    })
    .map(({ instances, zone, state, unschedulable, evicting }) =>
      host(path, {
        allocatable: { instances },
        labels: zone === '' ? {} : { [labels.zone]: zone },
        taints: evicting ? [{ key: 'x', effect: 'NoExecute' }] : [],
        state,
        unschedulable,
      }),
    );

const spec: fc.Arbitrary<Omit<DistributionSpec, 'actor' | 'provider'>> = fc.record(
  {
    replicas: fc.nat(9),
    mode: fc.constantFrom('Spread' as const, 'Spread' as const, 'Pack' as const, 'Daemon' as const),
    priority: fc.nat(1),
    spread: fc.array(
      fc.record(
        {
          topologyKey: fc.constantFrom(labels.cluster, labels.zone, labels.hostname),
          whenUnsatisfiable: fc.constantFrom('Block' as const, 'Prefer' as const),
        },
        { requiredKeys: ['topologyKey'] },
      ),
      { maxLength: 2 },
    ),
    maxPerHost: fc.integer({ min: 1, max: 4 }),
    groups: fc.constant([
      { name: 'one', requirements: { [labels.zone]: 'z1' }, weight: 60 },
      { name: 'any', weight: 40 },
    ]),
    stability: fc.constantFrom({ policy: 'Sticky' as const }, { policy: 'Rebalance' as const }),
  },
  { requiredKeys: ['replicas'] },
);

const oneDistribution = (name: string): fc.Arbitrary<Distribution> => spec.map((one) => actor(one, { name }));

const snapshots: fc.Arbitrary<Snapshot> = fc.record({
  clusters: fc.tuple(...clusterNames.map(oneCluster)),
  hosts: fc.subarray(paths, { minLength: 2 }).chain((chosen) => fc.tuple(...chosen.map(oneHost))),
  distributions: fc.tuple(...['p', 'q', 'r'].map(oneDistribution)),
});

const changes: fc.Arbitrary<Changes> = fc.record(
  {
    clusters: fc.constantFrom(...clusterNames).chain((name) => oneCluster(name).map((one) => [one])),
    hosts: fc.subarray(paths, { maxLength: 2 }).chain((chosen) => fc.tuple(...chosen.map(oneHost))),
    distributions: fc.constantFrom('p', 'q', 's').chain((name) => oneDistribution(name).map((one) => [one])),
    removed: fc.record(
      {
        hosts: fc.constantFrom([{ cluster: 'eu', name: 'a' }], [{ cluster: 'us', name: 'c' }]),
        distributions: fc.constantFrom(['p'], ['r'], ['none']),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const currentIn = (plan: Plan, key: string): Distribution['current'] =>
  (plan.distributions.find((one) => one.key === key)?.clusters ?? []).flatMap((inside) =>
    inside.hosts.map((share) => ({ cluster: inside.cluster, ...share })),
  );

/** The world after a change, with what was planned before standing in it. */
function changed(
  snapshot: Snapshot,
  plan: Plan,
  { clusters = [], hosts = [], distributions = [], removed }: Changes,
): Snapshot {
  const isGone = (one: Host): boolean =>
    removed?.hosts?.some(({ cluster: inside, name }) => inside === one.cluster && name === one.name) === true;
  const named = <T>(before: readonly T[], now: readonly T[], nameOf: (one: T) => string): T[] => [
    ...new Map([...before, ...now].map((one) => [nameOf(one), one])).values(),
  ];
  const stay = snapshot.distributions.filter(({ key }) => removed?.distributions?.includes(key) !== true);
  return {
    clusters: named(snapshot.clusters, clusters, ({ name }) => name),
    hosts: named(
      snapshot.hosts.filter((one) => !isGone(one)),
      hosts,
      (one) => `${one.cluster}/${one.name}`,
    ),
    distributions: named(stay, distributions, ({ key }) => key).map((one) =>
      distributions.includes(one) ? one : { ...one, current: currentIn(plan, one.key) },
    ),
  };
}

test('step by step, the engine plans what planning from scratch would', () => {
  fc.assert(
    fc.property(
      snapshots,
      fc.array(changes, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      (start, steps, keepsHold) => {
        const engine = new Engine(start);
        expect(engine.plan()).toEqual(place(start));
        let snapshot = start;
        for (const step of steps) {
          const before = engine.plan();
          // A changed spec comes with what stands of it, or with nothing.
          const distributions = step.distributions?.map((one) =>
            keepsHold ? { ...one, current: currentIn(before, one.key) } : one,
          );
          const change: Changes = { ...step, ...(distributions !== undefined && { distributions }) };
          snapshot = changed(snapshot, before, change);
          const cold = place(snapshot);
          const again = engine.apply(change);
          const now = engine.plan();
          expect(now.distributions.map(({ key }) => key)).toEqual(cold.distributions.map(({ key }) => key));
          expect(now.distributions.map(countsOf)).toEqual(cold.distributions.map(countsOf));
          for (const plan of again.distributions) expect(plan).toEqual(planOf(cold, plan.key));
        }
      },
    ),
    { numRuns: Math.max(40, Math.round(400 * effort)), seed },
  );
});

test('a preview is what would be planned, and changes nothing', () => {
  fc.assert(
    fc.property(snapshots, oneDistribution('p'), oneDistribution('new'), (start, changedOne, newOne) => {
      const engine = new Engine(start);
      const untouched = new Engine(start);
      const before = engine.plan();
      const preview = engine.preview([changedOne, newOne]);
      expect(engine.plan()).toEqual(before);
      expect(engine.apply({ distributions: [changedOne, newOne] })).toEqual(preview);
      expect(untouched.apply({ distributions: [changedOne, newOne] })).toEqual(preview);
    }),
    { numRuns: Math.max(40, Math.round(300 * effort)), seed },
  );
});

test('what is told again is no news', () => {
  const hosts = [host('eu/a'), host('us/b')];
  const engine = new Engine({
    clusters: [cluster('eu'), cluster('us')],
    hosts,
    distributions: [actor({ replicas: 3 })],
  });
  const again = actor({ replicas: 3 }, { current: currentIn(engine.plan(), 'default/app') });
  expect(engine.apply({ distributions: [again] }).distributions).toEqual([]);
  expect(engine.apply({ distributions: [{ ...again, current: [] }] }).distributions).toHaveLength(1);
});

test('a change that matters to nobody makes nothing be looked at', () => {
  const idle = host('eu/b');
  const engine = new Engine({
    clusters: [cluster('eu')],
    hosts: [host('eu/a'), idle],
    distributions: [actor({ replicas: 1, maxPerHost: 1 }, { current: [{ cluster: 'eu', host: 'a', replicas: 1 }] })],
  });
  expect(engine.apply({ hosts: [{ ...idle, unschedulable: true }] }).distributions).toEqual([]);
  expect(engine.apply({}).distributions).toEqual([]);
});
