import { setTimeout as sleep } from 'node:timers/promises';
import {
  conditionTypes,
  findCondition,
  labels,
  WasmCloudActor,
  WasmCloudDistribution,
  WasmCloudPlacement,
  type DistributionObject,
  type DistributionSpec,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, LATTICE, STEADY, Supercluster } from '../supercluster.fixture.ts';

const PATIENCE = 60_000;

describe('the life of a distribution', () => {
  let world: Supercluster;
  beforeAll(async () => {
    world = await Supercluster.start(
      { 'eu-1': { region: 'eu', hosts: 2 }, 'us-1': { region: 'us', hosts: 2 } },
      STEADY,
    );
    await world.scheduler();
  }, 60_000);
  afterAll(() => world.close());

  const create = (name: string, spec: Partial<DistributionSpec>): Promise<unknown> =>
    world.hub.client.create(WasmCloudDistribution, {
      metadata: { name, namespace: LATTICE },
      spec: { actor: { id: name, image: `file:///${name}.wasm` }, ...spec },
    });
  const patch = (name: string, spec: object): Promise<unknown> =>
    world.hub.client.patch(WasmCloudDistribution, name, LATTICE, { spec }, { type: 'merge' });
  const get = (name: string): Promise<DistributionObject> =>
    world.hub.client.get<DistributionObject>(WasmCloudDistribution, name, LATTICE);
  const total = async (name: string): Promise<number> =>
    Object.values(await world.replicas(name)).reduce((a, b) => a + b, 0);
  const isReady = async (name: string, replicas: number): Promise<void> =>
    eventually(
      `${replicas} replicas of ${name}`,
      async () => {
        expect(await total(name)).toBe(replicas);
        expect((await get(name)).status).toMatchObject({ readyReplicas: replicas, rollout: { phase: 'Complete' } });
      },
      PATIENCE,
    );
  const placements = async (name: string): Promise<PlacementObject[]> => {
    const { items } = await world.hub.client.list<PlacementObject>(WasmCloudPlacement, { namespace: LATTICE });
    return items.filter(({ spec }) => spec.distribution === name);
  };

  test('suspended, nothing is decided, whatever the spec says', { timeout: PATIENCE }, async () => {
    await create('web', { replicas: 4 });
    await isReady('web', 4);
    const epochs = (await placements('web')).map(({ spec }) => spec.epoch);
    await patch('web', { suspend: true, replicas: 8, actor: { image: 'file:///web2.wasm' } });
    await eventually('it is told', async () => {
      const { status } = await get('web');
      expect(findCondition(status?.conditions, conditionTypes.reconciling)).toMatchObject({ reason: 'Suspended' });
    });
    expect((await placements('web')).map(({ spec }) => spec.epoch)).toEqual(epochs);
    await patch('web', { suspend: false });
    await isReady('web', 8);
    expect(new Set((await world.actors('web')).map(({ spec }) => spec.image))).toEqual(new Set(['file:///web2.wasm']));
  });

  test(
    'what is added by hand to a decision or to an actor goes again, and is left at that',
    { timeout: PATIENCE },
    async () => {
      await create('edited', { replicas: 1 });
      await isReady('edited', 1);
      const [placement] = (await placements('edited')).filter(({ spec }) => spec.hosts.length > 0);
      const [actor] = await world.actors('edited');
      if (placement === undefined || actor === undefined) throw new TypeError('nothing runs');
      const byHand = { type: 'merge', fieldManager: 'kubectl-edit' } as const;
      const { cluster, hosts } = placement.spec;
      await world
        .member(cluster)
        .patch(WasmCloudActor, actor.metadata.name, LATTICE, { spec: { config: ['extra'] } }, byHand);
      const more = { spec: { hosts: [...hosts, { host: 'nowhere', replicas: 1 }] } };
      await world.hub.client.patch(WasmCloudPlacement, placement.metadata.name, LATTICE, more, byHand);
      await eventually(
        'both are as decided',
        async () => {
          expect((await placements('edited')).find(({ spec }) => spec.cluster === cluster)?.spec.hosts).toEqual(hosts);
          const [now] = await world.actors('edited');
          expect(now?.spec).not.toHaveProperty('config');
        },
        PATIENCE,
      );
      const versions = async (): Promise<unknown[]> =>
        [...(await placements('edited')), ...(await world.actors('edited'))].map(({ metadata }) => metadata.generation);
      await eventually(
        'nothing is written any more',
        async () => {
          const before = await versions();
          await sleep(500);
          expect(await versions()).toEqual(before);
        },
        PATIENCE,
      );
    },
  );

  test('scales by its scale subresource, which names its actors', { timeout: PATIENCE }, async () => {
    await create('scaled', { replicas: 2 });
    await isReady('scaled', 2);
    const path = `/apis/kasmcloud.io/v1alpha1/namespaces/${LATTICE}/wasmclouddistributions/scaled/scale`;
    const scale = await world.hub.client.raw('GET', path);
    const selector = `${labels.distribution}=scaled`;
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 2 }, status: { replicas: 2, selector } });
    await world.hub.client.raw('PUT', path, { ...(scale as object), spec: { replicas: 5 } });
    await isReady('scaled', 5);
    await patch('scaled', { replicas: 0 });
    await eventually('none', async () => expect(await total('scaled')).toBe(0), PATIENCE);
  });

  test(
    'deleted with policy Orphan it leaves its actors, and one of its name takes them over',
    { timeout: PATIENCE },
    async () => {
      await create('kept', { replicas: 4, deletionPolicy: 'Orphan' });
      await isReady('kept', 4);
      const uids = new Set((await world.actors('kept')).map(({ metadata }) => metadata.uid));
      await world.hub.client.delete(WasmCloudDistribution, 'kept', LATTICE);
      await eventually('it is gone', async () => {
        expect(await world.hub.client.find(WasmCloudDistribution, 'kept', LATTICE)).toBeUndefined();
        expect(await placements('kept')).toEqual([]);
      });
      expect(new Set((await world.actors('kept')).map(({ metadata }) => metadata.uid))).toEqual(uids);
      // Fewer than are there: some are taken over, the rest is removed.
      await create('kept', { replicas: 2 });
      await isReady('kept', 2);
      for (const { metadata } of await world.actors('kept')) expect(uids.has(metadata.uid)).toBe(true);
    },
  );

  test('deleted while it moves it leaves nothing', { timeout: PATIENCE }, async () => {
    await create('brief', { replicas: 6 });
    await eventually('some of it is there', async () => expect(await total('brief')).toBeGreaterThan(0), PATIENCE);
    await patch('brief', { actor: { image: 'file:///brief2.wasm' } });
    await world.hub.client.delete(WasmCloudDistribution, 'brief', LATTICE);
    await eventually(
      'nothing is left',
      async () => {
        expect(await world.actors('brief')).toEqual([]);
        expect(await placements('brief')).toEqual([]);
        expect(await world.hub.client.find(WasmCloudDistribution, 'brief', LATTICE)).toBeUndefined();
      },
      PATIENCE,
    );
  });

  test(
    'what a Distribution leaves that was torn away while nobody led is taken away by the next leader',
    { timeout: PATIENCE },
    async () => {
      await create('torn', { replicas: 3 });
      await isReady('torn', 3);
      await world.stopFirst();
      const freed = { metadata: { finalizers: null } };
      await world.hub.client.patch(WasmCloudDistribution, 'torn', LATTICE, freed, { type: 'merge' });
      await world.hub.client.delete(WasmCloudDistribution, 'torn', LATTICE);
      expect(await placements('torn')).not.toEqual([]);
      await world.scheduler();
      await eventually(
        'nothing is left',
        async () => {
          expect(await world.actors('torn')).toEqual([]);
          expect(await placements('torn')).toEqual([]);
        },
        PATIENCE,
      );
    },
  );
});
