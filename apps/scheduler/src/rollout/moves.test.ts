import {
  conditionTypes,
  findCondition,
  isConditionTrue,
  labels,
  WasmCloudDistribution,
  WasmCloudHost,
  WasmCloudPlacement,
  type DistributionObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, LATTICE, STEADY, Supercluster } from '../supercluster.fixture.ts';

const PATIENCE = 60_000;

describe('what is moved', () => {
  let world: Supercluster;
  beforeAll(async () => {
    world = await Supercluster.start(
      { 'eu-1': { region: 'eu', hosts: 2 }, 'us-1': { region: 'us', hosts: 2 } },
      STEADY,
    );
    await world.scheduler();
  }, 60_000);
  afterAll(() => world.close());

  /** Instances that were Ready once and have not been changed or taken away since. */
  const serving = async (name: string): Promise<number> =>
    (await world.actors(name))
      .filter(({ metadata, status }) => status?.observedGeneration === metadata.generation)
      .filter(({ status }) => isConditionTrue(status?.conditions, conditionTypes.ready))
      .reduce((sum, { spec }) => sum + spec.instances, 0);

  test('starts, is Ready, and only then stops where it was', { timeout: PATIENCE }, async () => {
    const spec = { actor: { id: 'web', image: 'file:///web.wasm' }, replicas: 4, maxPerHost: 2 };
    await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'web', namespace: LATTICE }, spec });
    await eventually('all of it serves', async () => expect(await serving('web')).toBe(4), PATIENCE);
    const taints = [{ key: 'drain', effect: 'NoExecute' as const }];
    await world.member('eu-1').patch(WasmCloudHost, 'eu-1-h1', undefined, { spec: { taints } }, { type: 'merge' });
    let least = Infinity;
    await eventually(
      'the host is empty',
      async () => {
        // Some hosts get more: what they ran before counts again as soon as they have seen it.
        least = Math.min(least, (await world.actors('web')).length);
        expect((await world.replicas('web'))['eu-1-h1']).toBeUndefined();
        expect(await serving('web')).toBe(4);
      },
      PATIENCE,
    );
    expect(least).toBeGreaterThanOrEqual(3);
    expect(Object.values(await world.replicas('web')).reduce((a, b) => a + b, 0)).toBe(4);
    await world
      .member('eu-1')
      .patch(WasmCloudHost, 'eu-1-h1', undefined, { spec: { taints: null } }, { type: 'merge' });
  });

  test('goes no faster than it may, and bears a taint as long as it says', { timeout: PATIENCE }, async () => {
    const spec = {
      actor: { id: 'slow', image: 'file:///slow.wasm' },
      replicas: 4,
      clusters: { required: [{ matchExpressions: [{ key: labels.region, operator: 'In' as const, values: ['eu'] }] }] },
      spread: [{ topologyKey: labels.hostname }],
      stability: { maxMovesPerMinute: 1 },
      tolerations: [{ key: 'drain', operator: 'Exists' as const, seconds: 3 }],
    };
    await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'slow', namespace: LATTICE }, spec });
    await eventually('all of it serves', async () => expect(await serving('slow')).toBe(4), PATIENCE);
    const taints = [{ key: 'drain', effect: 'NoExecute' as const }];
    const since = performance.now();
    await world.member('eu-1').patch(WasmCloudHost, 'eu-1-h1', undefined, { spec: { taints } }, { type: 'merge' });
    await eventually(
      'one has moved',
      async () => expect(await world.replicas('slow')).toEqual({ 'eu-1-h1': 1, 'eu-1-h2': 3 }),
      PATIENCE,
    );
    expect(performance.now() - since).toBeGreaterThan(3_000);
    await eventually('the others are told to wait', async () => {
      const { items } = await world.hub.client.list<PlacementObject>(WasmCloudPlacement, { namespace: LATTICE });
      const slow = items.find((one) => one.spec.distribution === 'slow');
      expect(slow?.status?.appliedEpoch).toBe(slow?.spec.epoch);
      expect(await world.replicas('slow')).toEqual({ 'eu-1-h1': 1, 'eu-1-h2': 3 });
    });
    await world
      .member('eu-1')
      .patch(WasmCloudHost, 'eu-1-h1', undefined, { spec: { taints: null } }, { type: 'merge' });
  });

  test('stays where it was while its new place does not come up', { timeout: PATIENCE }, async () => {
    const image = 'file:///one.wasm';
    const at = (region: string) => ({
      required: [{ matchExpressions: [{ key: labels.region, operator: 'In' as const, values: [region] }] }],
    });
    const spec = { actor: { id: 'one', image }, replicas: 1, clusters: at('eu') };
    await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'one', namespace: LATTICE }, spec });
    await eventually('it runs in Europe', async () => expect(await serving('one')).toBe(1), PATIENCE);
    for (const host of ['us-1-h1', 'us-1-h2']) world.hold(host, image);
    const patch = { spec: { clusters: at('us') } };
    await world.hub.client.patch(WasmCloudDistribution, 'one', LATTICE, patch, { type: 'merge' });
    await eventually(
      'it is in both',
      async () => {
        const hosts = (await world.actors('one')).map(({ spec: { hostName } }) => hostName.slice(0, 2));
        expect(hosts.toSorted()).toEqual(['eu', 'us']);
        const { status } = await world.hub.client.get<DistributionObject>(WasmCloudDistribution, 'one', LATTICE);
        expect(findCondition(status?.conditions, conditionTypes.available)).toMatchObject({ status: 'True' });
      },
      PATIENCE,
    );
    for (const host of ['us-1-h1', 'us-1-h2']) world.release(host, image);
    await eventually(
      'it has left Europe',
      async () => expect(Object.keys(await world.replicas('one')).map((host) => host.slice(0, 2))).toEqual(['us']),
      PATIENCE,
    );
  });

  test('differs from cluster to cluster as its overrides say', { timeout: PATIENCE }, async () => {
    const clusters = [{ matchExpressions: [{ key: labels.region, operator: 'In' as const, values: ['us'] }] }];
    const spec = {
      actor: { id: 'over', image: 'file:///over.wasm' },
      replicas: 4,
      overrides: [{ clusters, image: 'file:///over-us.wasm', config: ['us'], limits: { memory: '32Mi' } }],
    };
    await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'over', namespace: LATTICE }, spec });
    await eventually('all of it serves', async () => expect(await serving('over')).toBe(4), PATIENCE);
    const said = (await world.actors('over')).map(({ spec: { hostName, image, config, limits } }) => [
      hostName,
      image,
      config,
      limits,
    ]);
    expect(said.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))).toEqual([
      ['eu-1-h1', 'file:///over.wasm', undefined, undefined],
      ['eu-1-h2', 'file:///over.wasm', undefined, undefined],
      ['us-1-h1', 'file:///over-us.wasm', ['us'], { memory: '32Mi' }],
      ['us-1-h2', 'file:///over-us.wasm', ['us'], { memory: '32Mi' }],
    ]);
    const { status } = await world.hub.client.get<DistributionObject>(WasmCloudDistribution, 'over', LATTICE);
    expect(findCondition(status?.conditions, conditionTypes.unsupported)).toMatchObject({ status: 'False' });
  });
});
