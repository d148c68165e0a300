import {
  builtin,
  conditionTypes,
  findCondition,
  labels,
  QUOTA_PREFIX,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudPlacement,
  type ActorObject,
  type ClusterObject,
  type DistributionObject,
  type KubeObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, LATTICE, Supercluster } from './supercluster.fixture.ts';

const total = (replicas: Record<string, number>): number => Object.values(replicas).reduce((a, b) => a + b, 0);

describe('a distribution over two members', () => {
  let world: Supercluster;
  beforeAll(async () => {
    world = await Supercluster.start({ 'eu-1': { region: 'eu', hosts: 2 }, 'us-1': { region: 'us', hosts: 2 } });
    await world.scheduler();
    const spec = {
      actor: { id: 'web', image: 'file:///web.wasm' },
      replicas: 8,
      spread: [{ topologyKey: labels.region }],
    };
    await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'web', namespace: LATTICE }, spec });
  }, 60_000);
  afterAll(() => world.close());

  const distribution = (): Promise<DistributionObject> =>
    world.hub.client.get<DistributionObject>(WasmCloudDistribution, 'web', LATTICE);

  test('is placed, written, ready, and says so', async () => {
    await eventually('8 replicas, 2 on each host', async () => {
      expect(await world.replicas('web')).toEqual({ 'eu-1-h1': 2, 'eu-1-h2': 2, 'us-1-h1': 2, 'us-1-h2': 2 });
      const { status } = await distribution();
      expect(status).toMatchObject({ replicas: 8, readyReplicas: 8, unplaced: [] });
      expect(findCondition(status?.conditions, conditionTypes.ready)).toMatchObject({
        status: 'True',
        reason: 'Available',
      });
      expect(status?.clusters?.map(({ name, ready }) => [name, ready])).toEqual([
        ['eu-1', 4],
        ['us-1', 4],
      ]);
    });
    await eventually('the clusters tell their hosts', async () => {
      const { items } = await world.hub.client.list<ClusterObject>(WasmCloudCluster);
      expect(items.map(({ status }) => status?.readyHosts)).toEqual([2, 2]);
    });
  });

  test('scales up without a move and down to what is left', async () => {
    await world.hub.client.patch(WasmCloudDistribution, 'web', LATTICE, { spec: { replicas: 10 } }, { type: 'merge' });
    await eventually('10 replicas', async () => {
      const replicas = await world.replicas('web');
      expect(total(replicas)).toBe(10);
      for (const count of Object.values(replicas)) expect(count).toBeGreaterThanOrEqual(2);
    });
    await world.hub.client.patch(WasmCloudDistribution, 'web', LATTICE, { spec: { replicas: 8 } }, { type: 'merge' });
    await eventually('8 replicas', async () => expect(total(await world.replicas('web'))).toBe(8));
  });

  test('what someone changes or deletes in a member is put right', async () => {
    const { items } = await world.member('eu-1').list<ActorObject>(WasmCloudActor, { namespace: LATTICE });
    const [first, second] = items;
    await world.member('eu-1').delete(WasmCloudActor, first?.metadata.name ?? '', LATTICE);
    await world
      .member('eu-1')
      .patch(
        WasmCloudActor,
        second?.metadata.name ?? '',
        LATTICE,
        { spec: { instances: 7 } },
        { type: 'merge', fieldManager: 'meddler' },
      );
    await eventually('8 replicas again', async () => {
      expect(await world.replicas('web')).toEqual({ 'eu-1-h1': 2, 'eu-1-h2': 2, 'us-1-h1': 2, 'us-1-h2': 2 });
    });
    await eventually('events name who it was', async () => {
      const events = await world.hub.client.list<KubeObject & { note?: string }>(builtin.Event, { namespace: LATTICE });
      const notes = events.items.map(({ note }) => note ?? '').join('\n');
      expect(notes).toContain(`eu-1: WasmCloudActor ${first?.metadata.name} was deleted`);
      expect(notes).toContain(`eu-1: WasmCloudActor ${second?.metadata.name} was changed by meddler`);
    });
  });

  test('nothing to do makes no write', async () => {
    const versions = async (): Promise<unknown> => {
      const placements = await world.hub.client.list<PlacementObject>(WasmCloudPlacement);
      const distributions = await world.hub.client.list<DistributionObject>(WasmCloudDistribution);
      return [...placements.items, ...distributions.items].map(({ metadata }) => [
        metadata.name,
        metadata.resourceVersion,
      ]);
    };
    await eventually('quiet', async () => {
      const before = await versions();
      await sleep(1_000);
      expect(await versions()).toEqual(before);
    });
    const before = await versions();
    // Longer than a resync.
    await sleep(6_000);
    expect(await versions()).toEqual(before);
  });

  test('another wish for where converges to it', async () => {
    const weights = [
      { value: 'eu', weight: 3 },
      { value: 'us', weight: 1 },
    ];
    const want = (spread: object[]): Promise<unknown> =>
      world.hub.client.patch(WasmCloudDistribution, 'web', LATTICE, { spec: { spread } }, { type: 'merge' });
    const inEurope = async (): Promise<number> => {
      const { 'eu-1-h1': one = 0, 'eu-1-h2': two = 0 } = await world.replicas('web');
      return one + two;
    };
    await want([{ topologyKey: labels.region, weights }]);
    await eventually('6 of 8 in Europe', async () => expect(await inEurope()).toBe(6));
    await want([{ topologyKey: labels.region }]);
    await eventually('4 of 8 in Europe', async () => {
      expect(await world.replicas('web')).toEqual({ 'eu-1-h1': 2, 'eu-1-h2': 2, 'us-1-h1': 2, 'us-1-h2': 2 });
    });
  });

  test('a quota of the namespace holds, and is named', async () => {
    const { client } = world.hub;
    const annotate = (instances: string | null): Promise<unknown> => {
      const patch = { metadata: { annotations: { [`${QUOTA_PREFIX}instances`]: instances } } };
      return client.patch(builtin.Namespace, LATTICE, undefined, patch, { type: 'merge' });
    };
    await annotate('9');
    await eventually('the scheduler has seen it', async () => {
      const spec = { actor: { id: 'extra', image: 'file:///extra.wasm' }, replicas: 3 };
      await client.delete(WasmCloudDistribution, 'extra', LATTICE);
      await client.create(WasmCloudDistribution, { metadata: { name: 'extra', namespace: LATTICE }, spec });
      await eventually(
        'one of three',
        async () => {
          const { status } = await client.get<DistributionObject>(WasmCloudDistribution, 'extra', LATTICE);
          expect(status).toMatchObject({ replicas: 1, unplaced: [{ reason: 'QuotaExceeded', count: 2 }] });
        },
        3_000,
      );
    });
    await annotate(null);
    await eventually('all three', async () => expect(total(await world.replicas('extra'))).toBe(3));
    await client.delete(WasmCloudDistribution, 'extra', LATTICE);
  });

  test('an image change reaches every actor', async () => {
    const patch = { spec: { actor: { image: 'file:///web2.wasm' } } };
    await world.hub.client.patch(WasmCloudDistribution, 'web', LATTICE, patch, { type: 'merge' });
    await eventually('the new image everywhere', async () => {
      for (const name of world.members.keys()) {
        const { items } = await world.member(name).list<ActorObject>(WasmCloudActor, { namespace: LATTICE });
        expect(items.map(({ spec }) => spec.image)).toEqual(['file:///web2.wasm', 'file:///web2.wasm']);
      }
      expect((await distribution()).status?.readyReplicas).toBe(8);
    });
  });

  test('works on without Redis, and with it again', async () => {
    await world.redis.stop('SIGKILL');
    await world.hub.client.patch(WasmCloudDistribution, 'web', LATTICE, { spec: { replicas: 12 } }, { type: 'merge' });
    await eventually('12 replicas without Redis', async () => expect(total(await world.replicas('web'))).toBe(12));
    await world.redis.restart();
    await world.hub.client.patch(WasmCloudDistribution, 'web', LATTICE, { spec: { replicas: 8 } }, { type: 'merge' });
    await eventually('8 replicas with Redis', async () => expect(total(await world.replicas('web'))).toBe(8));
  });

  test('a dead host is replaced by exactly what it ran', async () => {
    world.kill('us-1-h2');
    await eventually('us-1-h2 is empty, 8 replicas', async () => {
      const replicas = await world.replicas('web');
      expect(replicas['us-1-h2']).toBeUndefined();
      expect(total(replicas)).toBe(8);
    });
    await world.host('us-1', 'us-1-h2');
  });

  test('another leader goes on with higher epochs', async () => {
    const epochs = async (): Promise<number[]> => {
      const { items } = await world.hub.client.list<PlacementObject>(WasmCloudPlacement, { namespace: LATTICE });
      return items.map(({ spec }) => spec.epoch);
    };
    const before = Math.max(...(await epochs()));
    const second = await world.scheduler();
    await world.stopFirst();
    await eventually('the second leads', () => expect(second.isLeader).toBe(true));
    await world.hub.client.patch(WasmCloudDistribution, 'web', LATTICE, { spec: { replicas: 4 } }, { type: 'merge' });
    await eventually('4 replicas', async () => expect(total(await world.replicas('web'))).toBe(4));
    const inEurope = Object.entries(await world.replicas('web')).filter(([host]) => host.startsWith('eu-1'));
    expect(total(Object.fromEntries(inEurope))).toBe(2);
    expect(Math.max(...(await epochs()))).toBeGreaterThan(before + 2 ** 31);
  });

  test('deleted, it leaves nothing behind', async () => {
    await world.hub.client.delete(WasmCloudDistribution, 'web', LATTICE);
    await eventually('nothing is left', async () => {
      expect(await world.replicas('web')).toEqual({});
      expect(await world.hub.client.find(WasmCloudDistribution, 'web', LATTICE)).toBeUndefined();
      const { items } = await world.hub.client.list(WasmCloudPlacement, { namespace: LATTICE });
      expect(items).toEqual([]);
    });
  });
});

describe('a member that cannot be reached', () => {
  let world: Supercluster;
  beforeAll(async () => {
    world = await Supercluster.start({ 'eu-1': { region: 'eu', hosts: 1 }, 'us-1': { region: 'us', hosts: 2 } });
    await world.scheduler();
    const spec = { actor: { id: 'web', image: 'file:///web.wasm' }, replicas: 4 };
    await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'web', namespace: LATTICE }, spec });
  }, 60_000);
  afterAll(() => world.close());

  const decided = async (): Promise<Record<string, number>> => {
    const { items } = await world.hub.client.list<PlacementObject>(WasmCloudPlacement, { namespace: LATTICE });
    const sum = ({ spec }: PlacementObject): number => spec.hosts.reduce((all, { replicas }) => all + replicas, 0);
    return Object.fromEntries(items.map((placement) => [placement.spec.cluster, sum(placement)]));
  };

  test('keeps its replicas until it is Lost, then they are elsewhere', async () => {
    await eventually('2 and 2', async () => expect(await decided()).toEqual({ 'eu-1': 2, 'us-1': 2 }));
    await world.cut('eu-1');
    await sleep(2_500);
    expect(await decided()).toEqual({ 'eu-1': 2, 'us-1': 2 });
    await eventually('all in us-1', async () => expect((await decided())['us-1']).toBe(4));
    const cluster = await world.hub.client.get<ClusterObject>(WasmCloudCluster, 'eu-1');
    expect(findCondition(cluster.status?.conditions, conditionTypes.reachable)).toMatchObject({ status: 'False' });
  });

  test('back again, it runs exactly what is decided for it', async () => {
    await world.mend('eu-1');
    await eventually('4 replicas in all', async () => {
      expect(total(await world.replicas('web'))).toBe(4);
      const cluster = await world.hub.client.get<ClusterObject>(WasmCloudCluster, 'eu-1');
      expect(findCondition(cluster.status?.conditions, conditionTypes.reachable)).toMatchObject({ status: 'True' });
    });
  });
});
