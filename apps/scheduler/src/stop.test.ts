import { WasmCloudDistribution } from '@kasmcloud/kube-api';
import { layTcpLine } from '@kasmcloud/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, LATTICE, Supercluster } from './supercluster.fixture.ts';

/** What an orchestrator waits for before it kills is 30 s. */
const SOON_MS = 10_000;
const PATIENCE = 60_000;

let world: Supercluster;
beforeEach(async () => {
  world = await Supercluster.start({ 'eu-1': { region: 'eu', hosts: 1 }, 'us-1': { region: 'us', hosts: 1 } });
}, PATIENCE);
afterEach(() => world.close());

test('a scheduler stops soon although hub, member and Redis hang', { timeout: 2 * PATIENCE }, async () => {
  const line = await layTcpLine(world.hub.port);
  const kubeconfig = world.hub.kubeconfig().replaceAll(`:${world.hub.port}`, `:${line.port}`);
  const scheduler = await world.scheduler(kubeconfig);
  const spec = { actor: { id: 'web', image: 'file:///web.wasm' }, replicas: 2 };
  await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'web', namespace: LATTICE }, spec });
  await eventually('it runs', async () => expect(Object.keys(await world.replicas('web'))).toHaveLength(2), PATIENCE);
  await world.cut('eu-1');
  world.redis.pause();
  line.stall();
  try {
    // Work under way, on each of the three.
    await world.hub.client.patch(WasmCloudDistribution, 'web', LATTICE, { spec: { replicas: 9 } }, { type: 'merge' });
    const begin = performance.now();
    await scheduler.stop();
    expect(performance.now() - begin).toBeLessThan(SOON_MS);
  } finally {
    world.redis.resume();
    await line.close();
  }
});

test('a scheduler that never reached its hub stops soon', { timeout: PATIENCE }, async () => {
  const line = await layTcpLine(world.hub.port);
  line.stall();
  const kubeconfig = world.hub.kubeconfig().replaceAll(`:${world.hub.port}`, `:${line.port}`);
  const scheduler = await world.scheduler(kubeconfig);
  const begin = performance.now();
  await scheduler.stop();
  expect(performance.now() - begin).toBeLessThan(SOON_MS);
  await line.close();
});
