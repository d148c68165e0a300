import { setTimeout as sleep } from 'node:timers/promises';
import { WasmCloudDistribution } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { eventually, LATTICE } from '../supercluster.fixture.ts';
import { Calm } from './calm.fixture.ts';
import { FaultWorld } from './fault-world.fixture.ts';
import { PlainApi } from './plain-api.fixture.ts';

/** Ten by the promise; what is waited for is the same after one. */
const MINUTES = Number(process.env['KASMCLOUD_REDIS_AWAY_MINUTES'] ?? 0.75);
const PATIENCE = 60_000;

test(
  `Redis is away for ${MINUTES} minutes and a host is lost: replaced all the same`,
  { timeout: (MINUTES + 5) * 60_000 },
  async () => {
    const world = await FaultWorld.start({ members: ['eu-1', 'us-1'], hosts: 2 });
    const hub = new PlainApi(world.hub.access);
    const apis = new Map([...world.members].map(([name, { server }]) => [name, new PlainApi(server.access)]));
    const calm = new Calm(hub, apis);
    const scale = async (replicas: number): Promise<unknown> =>
      world.client.patch(WasmCloudDistribution, 'web', LATTICE, { spec: { replicas } }, { type: 'merge' });
    try {
      await world.startScheduler();
      await world.startScheduler();
      const spec = { actor: { id: 'web', image: 'file:///web.wasm' }, replicas: 4 };
      await world.client.create(WasmCloudDistribution, { metadata: { name: 'web', namespace: LATTICE }, spec });
      await eventually('it serves', () => calm.check(), PATIENCE);
      const without = await calm.fingerprint();

      await world.redis.stop('SIGKILL');
      await sleep(MINUTES * 60_000);
      expect(await calm.fingerprint()).toEqual(without);
      await world.hosts.get('us-1-h2')?.kill();
      await eventually(
        'it serves without the lost host',
        async () => {
          await calm.check();
          expect(await calm.hostsOf('web')).not.toContain('us-1/us-1-h2');
        },
        PATIENCE,
      );
      await scale(7);
      await eventually('it is scaled', () => calm.check(), PATIENCE);
      await world.redis.restart();
      await scale(3);
      await eventually('and again with Redis', () => calm.check(), PATIENCE);
    } finally {
      for (const api of [hub, ...apis.values()]) api.close();
      await world.close();
    }
  },
);
