import {
  builtin,
  conditionTypes,
  findCondition,
  labels,
  WasmCloudDistribution,
  WasmCloudPlacement,
  type Condition,
  type DistributionObject,
  type KubeObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, LATTICE, STEADY, Supercluster } from '../supercluster.fixture.ts';

const PATIENCE = 40_000;
/** Enough for places to be forgiven and avoided once more, which takes a minute. */
const LONG = 200_000;

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

  const create = (name: string, replicas = 4): Promise<unknown> => {
    const spec = { actor: { id: name, image: `file:///${name}.wasm` }, replicas };
    return world.hub.client.create(WasmCloudDistribution, { metadata: { name, namespace: LATTICE }, spec });
  };
  const told = async (name: string, type: string): Promise<Condition | undefined> => {
    const { status } = await world.hub.client.get<DistributionObject>(WasmCloudDistribution, name, LATTICE);
    return findCondition(status?.conditions, type);
  };
  const degraded = async (name: string): Promise<Condition | undefined> => told(name, conditionTypes.degraded);

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

  test('a cluster that was left for its failures is not forgotten', { timeout: 2 * LONG }, async () => {
    const all = ['eu-1/eu-1-h1', 'eu-1/eu-1-h2', 'us-1/us-1-h1', 'us-1/us-1-h2'];
    for (const place of all) world.refuse(place.slice(5), 'file:///nowhere.wasm');
    await create('nowhere', 1);
    await eventually(
      'no place is left',
      async () => {
        const { message = '' } = (await degraded('nowhere')) ?? {};
        expect(all.filter((place) => message.includes(place))).toEqual(all);
        expect(await world.replicas('nowhere')).toEqual({});
        for (const type of [conditionTypes.scheduled, conditionTypes.ready])
          expect(await told('nowhere', type)).toMatchObject({
            status: 'False',
            reason: 'Avoided',
            message: expect.stringMatching(/^0 of 1 replicas are placed; (eu|us)-1\/\1-1-h\d: ImagePullFailed: /),
          });
      },
      LONG,
    );
    await world.hub.client.delete(WasmCloudDistribution, 'nowhere', LATTICE);
    await eventually('its Placements go with it', async () => {
      const { items } = await world.hub.client.list<PlacementObject>(WasmCloudPlacement, { namespace: LATTICE });
      expect(items.filter(({ spec }) => spec.distribution === 'nowhere')).toEqual([]);
    });
  });

  test('what no host would start stays where it is, and why is told', { timeout: PATIENCE }, async () => {
    for (const host of ['eu-1-h1', 'eu-1-h2', 'us-1-h1', 'us-1-h2'])
      world.refuse(host, 'file:///broken.wasm', 'InvalidComponent');
    await create('broken', 1);
    await eventually('it is told', async () => {
      expect(await told('broken', conditionTypes.stalled)).toMatchObject({
        status: 'True',
        reason: 'InvalidComponent',
        message: expect.stringMatching(/^(eu|us)-1\/\1-1-h\d: InvalidComponent: no such image here$/),
      });
    });
    expect(await degraded('broken')).toMatchObject({ status: 'False' });
    expect(Object.values(await world.replicas('broken'))).toEqual([1]);
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
