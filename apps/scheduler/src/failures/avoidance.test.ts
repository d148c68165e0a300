import {
  builtin,
  conditionTypes,
  findCondition,
  labels,
  WasmCloudDistribution,
  WasmCloudPlacement,
  type DistributionObject,
  type KubeObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, LATTICE, STEADY, Supercluster } from '../supercluster.fixture.ts';

const PATIENCE = 40_000;

describe('a place where something failed', () => {
  let world: Supercluster;
  beforeAll(async () => {
    world = await Supercluster.start(
      { 'eu-1': { region: 'eu', hosts: 2 }, 'us-1': { region: 'us', hosts: 2 } },
      STEADY,
    );
    await world.scheduler();
  }, 60_000);
  afterAll(() => world.close());

  const create = (name: string): Promise<unknown> => {
    const spec = { actor: { id: name, image: `file:///${name}.wasm` }, replicas: 4 };
    return world.hub.client.create(WasmCloudDistribution, { metadata: { name, namespace: LATTICE }, spec });
  };
  const degraded = async (name: string): Promise<object | undefined> => {
    const { status } = await world.hub.client.get<DistributionObject>(WasmCloudDistribution, name, LATTICE);
    return findCondition(status?.conditions, conditionTypes.degraded);
  };

  test('a host that cannot start it is avoided, and named', { timeout: PATIENCE }, async () => {
    world.refuse('eu-1-h1', 'file:///web.wasm');
    await create('web');
    await eventually(
      'all of it elsewhere',
      async () => {
        const replicas = await world.replicas('web');
        expect(replicas['eu-1-h1']).toBeUndefined();
        expect(Object.values(replicas).reduce((a, b) => a + b, 0)).toBe(4);
        const { status } = await world.hub.client.get<DistributionObject>(WasmCloudDistribution, 'web', LATTICE);
        expect(status?.readyReplicas).toBe(4);
      },
      PATIENCE,
    );
    expect(await degraded('web')).toMatchObject({
      status: 'True',
      reason: 'StartFailed',
      message: expect.stringContaining('eu-1/eu-1-h1: ImagePullFailed: no such image here'),
    });
    const { items } = await world.hub.client.list<PlacementObject>(WasmCloudPlacement, { namespace: LATTICE });
    expect(items.flatMap(({ status }) => status?.failures ?? [])).toMatchObject([
      { host: 'eu-1-h1', reason: 'ImagePullFailed', count: 1 },
    ]);
    await eventually('an event says so', async () => {
      const events = await world.hub.client.list<KubeObject & { note?: string }>(builtin.Event, { namespace: LATTICE });
      expect(events.items.map(({ note }) => note ?? '').join('\n')).toContain('eu-1/eu-1-h1: ImagePullFailed');
    });
  });

  test('a member that refuses the write is avoided whole', { timeout: PATIENCE }, async () => {
    const relabel = (value: string | null): Promise<unknown> =>
      world
        .member('us-1')
        .patch(
          builtin.Namespace,
          LATTICE,
          undefined,
          { metadata: { labels: { [labels.lattice]: value } } },
          { type: 'merge' },
        );
    await relabel(null);
    await create('api');
    await eventually(
      'all of it in eu-1',
      async () => {
        const replicas = await world.replicas('api');
        expect(Object.keys(replicas).toSorted()).toEqual(['eu-1-h1', 'eu-1-h2']);
        expect(Object.values(replicas)).toEqual([2, 2]);
      },
      PATIENCE,
    );
    expect(await degraded('api')).toMatchObject({
      status: 'True',
      reason: 'WriteRefused',
      message: expect.stringContaining('us-1: NamespaceNotShared'),
    });
    await relabel('');
  });
});
