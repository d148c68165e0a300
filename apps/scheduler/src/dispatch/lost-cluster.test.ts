import { WasmCloudDistribution } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { eventually, LATTICE, Supercluster } from '../supercluster.fixture.ts';

const PATIENCE = 60_000;

test('jobs of a lost cluster wait untried, and are done when it is back', { timeout: 2 * PATIENCE }, async () => {
  const world = await Supercluster.start({ 'eu-1': { region: 'eu', hosts: 2 }, 'us-1': { region: 'us', hosts: 2 } });
  try {
    const scheduler = await world.scheduler();
    const spec = { actor: { id: 'web', image: 'file:///web.wasm' }, replicas: 4 };
    await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'web', namespace: LATTICE }, spec });
    const where = async (): Promise<string[]> => Object.keys(await world.replicas('web')).toSorted();
    const everywhere = ['eu-1-h1', 'eu-1-h2', 'us-1-h1', 'us-1-h2'];
    await eventually('it runs everywhere', async () => expect(await where()).toEqual(everywhere), PATIENCE);

    await world.cut('us-1');
    const jobs = async (): Promise<Record<string, number> | undefined> =>
      scheduler
        .boardQueues()
        .find(({ name }) => name.includes('us-1'))
        ?.getJobCounts('waiting', 'active', 'delayed', 'failed');
    const rest = { active: 0, delayed: 0, failed: 0 };
    await eventually('its jobs wait', async () => expect(await jobs()).toMatchObject(rest), PATIENCE);
    await eventually('there are some', async () => expect((await jobs())?.['waiting']).toBeGreaterThan(0), PATIENCE);
    await expect(jobs()).resolves.toMatchObject(rest);

    await world.mend('us-1');
    const none = { waiting: 0, ...rest };
    await eventually('all are done', async () => expect(await jobs()).toEqual(none), PATIENCE);
    await eventually(
      '4 replicas',
      async () => {
        const total = Object.values(await world.replicas('web')).reduce((sum, count) => sum + count, 0);
        expect(total).toBe(4);
      },
      PATIENCE,
    );
  } finally {
    await world.close();
  }
});
