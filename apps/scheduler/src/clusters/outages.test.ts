import {
  conditionTypes,
  findCondition,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudPlacement,
  type ClusterObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually, LATTICE, Supercluster, type Temper } from '../supercluster.fixture.ts';

const PATIENCE = 60_000;
const LONG = 180_000;
/** Members are lost as quickly as ever, but no host only because the machine is slow. */
const STEADY_HOSTS: Temper = { settings: { KASMCLOUD_HOST_LOST_AFTER: '5m' }, leaseSeconds: 60 };

describe('an outage', () => {
  let world: Supercluster;
  afterEach(() => world.close());

  const start = async (
    members: Parameters<typeof Supercluster.start>[0],
    replicas: number,
    temper?: Temper,
  ): Promise<void> => {
    world = await Supercluster.start(members, temper);
    await world.scheduler();
    const spec = { actor: { id: 'web', image: 'file:///web.wasm' }, replicas };
    await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'web', namespace: LATTICE }, spec });
    await eventually(
      'all of it is there',
      async () => expect(sum(await world.replicas('web'))).toBe(replicas),
      PATIENCE,
    );
  };
  const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);
  const decided = async (): Promise<Record<string, number>> => {
    const { items } = await world.hub.client.list<PlacementObject>(WasmCloudPlacement, { namespace: LATTICE });
    return Object.fromEntries(
      items.map(({ spec }) => [
        spec.cluster,
        sum(Object.fromEntries(spec.hosts.map((one) => [one.host, one.replicas]))),
      ]),
    );
  };
  const condition = async (cluster: string, type: string): Promise<object | undefined> => {
    const { status } = await world.hub.client.get<ClusterObject>(WasmCloudCluster, cluster);
    return findCondition(status?.conditions, type);
  };

  test('of all members at once moves nothing', { timeout: LONG }, async () => {
    await start({ 'eu-1': { region: 'eu', hosts: 1 }, 'us-1': { region: 'us', hosts: 1 } }, 4, STEADY_HOSTS);
    expect(await decided()).toEqual({ 'eu-1': 2, 'us-1': 2 });
    await Promise.all([world.cut('eu-1'), world.cut('us-1')]);
    for (const name of ['eu-1', 'us-1'])
      await eventually(
        'it is told that nothing fails over',
        async () =>
          expect(await condition(name, conditionTypes.evictionsStopped)).toMatchObject({
            status: 'True',
            reason: 'MembersSilentTogether',
          }),
        PATIENCE,
      );
    // Far beyond clusterLostAfter.
    await eventually(
      'both are silent for long',
      async () => {
        const { status } = await world.hub.client.get<ClusterObject>(WasmCloudCluster, 'eu-1');
        expect(Date.now() - Date.parse(status?.lastContactTime ?? '')).toBeGreaterThan(8_000);
      },
      PATIENCE,
    );
    expect(await decided()).toEqual({ 'eu-1': 2, 'us-1': 2 });
    // One after the other: the silence of the second counts from when the first was heard.
    await world.mend('us-1');
    await eventually(
      'the first is back',
      async () => expect(await condition('us-1', conditionTypes.reachable)).toMatchObject({ status: 'True' }),
      PATIENCE,
    );
    await world.mend('eu-1');
    await eventually(
      'they are back',
      async () => {
        for (const name of ['eu-1', 'us-1']) {
          expect(await condition(name, conditionTypes.reachable)).toMatchObject({ status: 'True' });
          expect(await condition(name, conditionTypes.evictionsStopped)).toMatchObject({ status: 'False' });
        }
        expect(await world.replicas('web')).toEqual({ 'eu-1-h1': 2, 'us-1-h1': 2 });
      },
      PATIENCE,
    );
    expect(await decided()).toEqual({ 'eu-1': 2, 'us-1': 2 });
  });

  test('of most hosts of a cluster moves nothing', { timeout: LONG }, async () => {
    await start({ 'eu-1': { region: 'eu', hosts: 12 }, 'us-1': { region: 'us', hosts: 1 } }, 24);
    const before = await decided();
    for (let i = 1; i <= 11; i++) world.kill(`eu-1-h${i}`);
    await eventually(
      'it is told that they are not replaced',
      async () =>
        expect(await condition('eu-1', conditionTypes.evictionsStopped)).toMatchObject({
          status: 'True',
          message: expect.stringContaining('11 hosts'),
        }),
      PATIENCE,
    );
    expect(await decided()).toEqual(before);
  });

  test('of one member while leadership changes moves nothing before clusterLostAfter', { timeout: LONG }, async () => {
    await start({ 'eu-1': { region: 'eu', hosts: 1 }, 'us-1': { region: 'us', hosts: 1 } }, 4, STEADY_HOSTS);
    const second = await world.scheduler();
    await eventually('the second knows both', () => {
      for (const name of ['eu-1', 'us-1']) expect(second.members.get(name)?.reach).toBe('Reachable');
    });
    const cutAt = performance.now();
    await world.cut('eu-1');
    await world.stopFirst();
    await eventually('the second leads', () => expect(second.isLeader).toBe(true), PATIENCE);
    await eventually('all of it in us-1', async () => expect((await decided())['us-1']).toBe(4), PATIENCE);
    // What the fixture sets clusterLostAfter to.
    expect(performance.now() - cutAt).toBeGreaterThan(4_000);
  });
});
