import {
  labels,
  typeMeta,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudHost,
  WasmCloudPlacement,
  type ClusterObject,
  type DistributionObject,
  type DistributionSpec,
  type HostObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { Engine, place, type Changes, type Plan } from '@kasmcloud/placement';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Breath } from './breath.ts';
import { dirty } from './dirty.ts';
import type { HostFacts, MemberFacts } from './facts.ts';
import { takeSnapshot } from './snapshot.ts';
import { World } from './world.ts';

const CLUSTERS = ['eu', 'us'];
const HOSTS = ['a', 'b', 'c'];
const NAMES = ['web', 'api', 'log'];
const NOW = Date.parse('2026-01-01T00:00:00Z');

type Reach = MemberFacts['reach'];

/** Stores as the planner reads them, and what happens to them. Every event tells the key that it makes dirty. */
class Stores {
  readonly clusters = new Map<string, ClusterObject>();
  readonly reach = new Map<string, Reach>();
  readonly hosts = new Map<string, HostFacts>();
  readonly distributions = new Map<string, DistributionObject>();
  readonly placements = new Map<string, PlacementObject>();
  #generation = 0;

  cluster(name: string, reach: Reach, unschedulable: boolean): string {
    this.clusters.set(name, { ...typeMeta(WasmCloudCluster), metadata: { name }, spec: { unschedulable } });
    this.reach.set(name, reach);
    return dirty.cluster(name);
  }

  dropCluster(name: string): string {
    this.clusters.delete(name);
    return dirty.cluster(name);
  }

  host(cluster: string, name: string, liveness: HostFacts['liveness'], instances: number, tainted: boolean): string {
    const object: HostObject = {
      ...typeMeta(WasmCloudHost),
      metadata: { name },
      spec: { lattices: ['*'], taints: tainted ? [{ key: 'drain', effect: 'NoExecute' }] : [] },
      status: { allocatable: { instances } },
    };
    this.hosts.set(`${cluster}/${name}`, { object, liveness });
    return dirty.host(cluster, name);
  }

  dropHost(cluster: string, name: string): string {
    this.hosts.delete(`${cluster}/${name}`);
    return dirty.host(cluster, name);
  }

  distribution(name: string, spec: Partial<DistributionSpec>): string {
    const key = `shop/${name}`;
    const metadata = { name, namespace: 'shop', uid: name, generation: ++this.#generation };
    const actor = { id: name, image: 'file:///app.wasm' };
    this.distributions.set(key, { ...typeMeta(WasmCloudDistribution), metadata, spec: { actor, ...spec } });
    return dirty.distribution(key);
  }

  dropDistribution(name: string): string {
    this.distributions.delete(`shop/${name}`);
    return dirty.distribution(`shop/${name}`);
  }

  placementsOf(key: string): PlacementObject[] {
    return [...this.placements.values()].filter(({ spec }) => `shop/${spec.distribution}` === key);
  }

  factsOf(cluster: ClusterObject, host?: string): MemberFacts {
    const { name } = cluster.metadata;
    const own = [...this.hosts].filter(([path]) => path.startsWith(`${name}/`) && (host ?? path) !== undefined);
    const hosts = own
      .map(([, facts]) => facts)
      .filter(({ object }) => (host ?? object.metadata.name) === object.metadata.name);
    return { cluster, reach: this.reach.get(name) ?? 'Unreachable', hosts, actors: [], providers: [] };
  }

  /** `plan`: what the engine has planned, as soon as there is one. */
  world(plan: () => Plan | undefined): World {
    return new World({
      planOf: (key) => plan()?.distributions.find((one) => one.key === key)?.clusters,
      clusters: this.clusters,
      distributions: this.distributions,
      placementsOf: (key) => this.placementsOf(key),
      factsOf: (cluster, host) => this.factsOf(cluster, host),
      surroundings: () => surroundings,
      isClaimed: () => false,
      readyOn: () => new Map(),
      triedOf: () => undefined,
      movesLeft: () => undefined,
      isBack: () => false,
      now: () => NOW,
    });
  }

  cold(): Plan {
    const { snapshot } = takeSnapshot({
      members: [...this.clusters.values()].map((cluster) => this.factsOf(cluster)),
      distributions: [...this.distributions.values()],
      placements: [...this.placements.values()],
      surroundings,
      readyOn: () => new Map(),
      now: NOW,
    });
    return place(snapshot);
  }

  /** Stores what was planned; tells which Distributions that makes dirty. */
  store(world: World, plan: Plan): string[] {
    const before = JSON.stringify([...this.placements]);
    this.placements.clear();
    for (const { key, clusters } of plan.distributions)
      for (const { cluster, hosts } of clusters) this.#store(world, key, cluster, [...hosts]);
    return JSON.stringify([...this.placements]) === before
      ? []
      : plan.distributions.map(({ key }) => dirty.distribution(key));
  }

  #store(world: World, key: string, cluster: string, hosts: PlacementObject['spec']['hosts']): void {
    const { revision = '', intent = '' } = world.planned.get(key) ?? {};
    const distribution = key.split('/')[1] ?? '';
    const name = `${distribution}.${cluster}`;
    this.placements.set(name, {
      ...typeMeta(WasmCloudPlacement),
      metadata: { name, namespace: 'shop' },
      spec: { distribution, cluster, epoch: 1, revision, intent, hosts },
    });
  }
}

/** An engine over the world of some stores, everything stored that it planned at first. */
class Planning {
  readonly world: World;
  readonly engine: Engine;
  news: string[];
  readonly #stores: Stores;

  private constructor(stores: Stores, world: World, engine: Engine) {
    this.#stores = stores;
    this.world = world;
    this.engine = engine;
    this.news = stores.store(world, engine.plan());
  }

  static async start(stores: Stores): Promise<Planning> {
    let engine: Engine | undefined;
    const world = stores.world(() => engine?.plan());
    engine = new Engine(await world.snapshot(new Breath()));
    return new Planning(stores, world, engine);
  }

  /** Tells the engine; gives the changes and the keys that were planned again. */
  async look(keys: readonly string[]): Promise<{ changes: Changes; planned: string[] }> {
    const { changes } = await this.world.read(keys, new Breath());
    return { changes, planned: this.engine.apply(changes).distributions.map(({ key }) => key) };
  }

  store(): void {
    this.news = this.#stores.store(this.world, this.engine.plan());
  }
}

const surroundings = { namespaces: [], linksIn: () => [], configOf: () => undefined };

const spec: fc.Arbitrary<Partial<DistributionSpec>> = fc.record(
  {
    replicas: fc.nat(8),
    mode: fc.constantFrom('Spread' as const, 'Spread' as const, 'Pack' as const, 'Daemon' as const),
    priority: fc.nat(1),
    maxPerHost: fc.integer({ min: 1, max: 4 }),
    spread: fc.constant([{ topologyKey: labels.cluster }]),
  },
  { requiredKeys: ['replicas'] },
);

type Happening =
  | { kind: 'cluster'; cluster: string; reach: Reach; cordoned: boolean }
  | {
      kind: 'host';
      cluster: string;
      host: string;
      liveness: HostFacts['liveness'];
      instances: number;
      tainted: boolean;
    }
  | { kind: 'distribution'; name: string; spec: Partial<DistributionSpec> }
  | { kind: 'cluster is gone'; cluster: string }
  | { kind: 'host is gone'; cluster: string; host: string }
  | { kind: 'distribution is gone'; name: string };

const cluster = fc.constantFrom(...CLUSTERS);
const host = fc.constantFrom(...HOSTS);
const name = fc.constantFrom(...NAMES);
const kind = <K extends string>(of: K): fc.Arbitrary<K> => fc.constant(of);

const happenings: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    kind: kind('cluster'),
    cluster,
    reach: fc.constantFrom<Reach>('Reachable', 'Reachable', 'Unreachable', 'Lost'),
    cordoned: fc.boolean(),
  }),
  fc.record({
    kind: kind('host'),
    cluster,
    host,
    liveness: fc.constantFrom<HostFacts['liveness']>('Ready', 'Ready', 'Suspect', 'Lost'),
    instances: fc.nat(6),
    tainted: fc.constantFrom(false, false, true),
  }),
  fc.record({ kind: kind('distribution'), name, spec }),
  fc.record({ kind: kind('cluster is gone'), cluster }),
  fc.record({ kind: kind('host is gone'), cluster, host }),
  fc.record({ kind: kind('distribution is gone'), name }),
);

function happen(stores: Stores, one: Happening): string {
  switch (one.kind) {
    case 'cluster':
      return stores.cluster(one.cluster, one.reach, one.cordoned);
    case 'host':
      return stores.host(one.cluster, one.host, one.liveness, one.instances, one.tainted);
    case 'distribution':
      return stores.distribution(one.name, one.spec);
    case 'cluster is gone':
      return stores.dropCluster(one.cluster);
    case 'host is gone':
      return stores.dropHost(one.cluster, one.host);
    case 'distribution is gone':
      return stores.dropDistribution(one.name);
  }
}

/** Where everything is, and how many have no place; of those the engine may also tell hosts that only it remembers. */
const answers = ({ distributions }: Plan): unknown =>
  distributions.map(({ key, clusters, unplaced }) => [
    key,
    clusters,
    unplaced.reduce((sum, one) => sum + one.count, 0),
  ]);

function seeded(): Stores {
  const stores = new Stores();
  for (const cluster of CLUSTERS) {
    stores.cluster(cluster, 'Reachable', false);
    for (const host of HOSTS) stores.host(cluster, host, 'Ready', 4, false);
  }
  stores.distribution('web', { replicas: 5 });
  return stores;
}

test('whatever happens, the engine plans what a planner that knows nothing would', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(happenings, { minLength: 1, maxLength: 3 }), { maxLength: 6 }),
      async (epochs) => {
        const stores = seeded();
        const planning = await Planning.start(stores);
        for (const epoch of epochs) {
          const keys = [...planning.news, ...epoch.map((one) => happen(stores, one))];
          const cold = stores.cold();
          await planning.look(keys);
          expect(answers(planning.engine.plan())).toEqual(answers(cold));
          planning.store();
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a look at everything tells nothing when nothing happened', async () => {
  const planning = await Planning.start(seeded());
  await planning.look(planning.news);
  expect(await planning.look([dirty.everything])).toEqual({
    changes: {
      clusters: [],
      hosts: [],
      distributions: [],
      removed: { clusters: [], hosts: [], distributions: [] },
    },
    planned: [],
  });
});

test('one lost host is told alone, and only what ran there is planned again', async () => {
  const stores = seeded();
  for (const name of ['api', 'log']) stores.distribution(name, { replicas: 1, hosts: { required: [at('us', 'c')] } });
  const planning = await Planning.start(stores);
  await planning.look(planning.news);
  const { changes, planned } = await planning.look([stores.host('eu', 'a', 'Lost', 4, false)]);
  expect(changes.hosts?.map(({ cluster, name }) => `${cluster}/${name}`)).toEqual(['eu/a']);
  expect(changes.distributions).toEqual([]);
  expect(planned).toEqual(['shop/web']);
});

const at = (cluster: string, host: string) => ({
  matchExpressions: [
    { key: labels.cluster, operator: 'In' as const, values: [cluster] },
    { key: labels.hostname, operator: 'In' as const, values: [host] },
  ],
});
