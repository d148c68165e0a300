import { WasmCloudDistribution } from '@kasmcloud/kube-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flush } from '../faults/faults.fixture.ts';
import { eventually, LATTICE, Supercluster } from '../supercluster.fixture.ts';

const PATIENCE = 60_000;

describe('Redis', () => {
  let world: Supercluster;
  beforeAll(async () => {
    world = await Supercluster.start({ 'eu-1': { region: 'eu', hosts: 2 }, 'us-1': { region: 'us', hosts: 2 } });
    await world.scheduler();
    const spec = { actor: { id: 'web', image: 'file:///web.wasm' }, replicas: 4 };
    await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'web', namespace: LATTICE }, spec });
  }, 90_000);
  afterAll(() => world.close());

  const total = async (): Promise<number> => Object.values(await world.replicas('web')).reduce((a, b) => a + b, 0);
  const scale = (replicas: number): Promise<unknown> =>
    world.hub.client.patch(WasmCloudDistribution, 'web', LATTICE, { spec: { replicas } }, { type: 'merge' });

  test(
    'silent, the leader works the jobs itself; a host lost meanwhile is replaced',
    { timeout: PATIENCE },
    async () => {
      await eventually('4 replicas', async () => expect(await total()).toBe(4), PATIENCE);
      world.redis.pause();
      await scale(8);
      await eventually('8 replicas', async () => expect(await total()).toBe(8), PATIENCE);
      world.kill('us-1-h2');
      await eventually(
        'none on the lost host, 8 in all',
        async () => {
          expect((await world.replicas('web'))['us-1-h2']).toBeUndefined();
          expect(await total()).toBe(8);
        },
        PATIENCE,
      );
      world.redis.resume();
      await scale(6);
      await eventually('6 replicas', async () => expect(await total()).toBe(6), PATIENCE);
    },
  );

  test('emptied, everything is derived again', { timeout: PATIENCE }, async () => {
    await scale(9);
    await flush(world.redis.port);
    await eventually('9 replicas', async () => expect(await total()).toBe(9), PATIENCE);
    await flush(world.redis.port);
    await scale(5);
    await eventually('5 replicas', async () => expect(await total()).toBe(5), PATIENCE);
  });
});
