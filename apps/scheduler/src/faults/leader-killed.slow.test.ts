import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  conditionTypes,
  findCondition,
  WasmCloudCluster,
  WasmCloudDistribution,
  type ClusterObject,
} from '@kasmcloud/kube-api';
import { afterEach, expect, test } from 'vitest';
import { eventually, LATTICE } from '../supercluster.fixture.ts';
import { Calm } from './calm.fixture.ts';
import { FaultWorld, type FaultWorldOptions } from './fault-world.fixture.ts';
import { PlainApi } from './plain-api.fixture.ts';

const KILLS = 12;
const PATIENCE = 60_000;
const PROMISE_MS = 5_000;

let world: FaultWorld;
let apis: Map<string, PlainApi>;
let hub: PlainApi;
let calm: Calm;
afterEach(async () => {
  for (const api of [hub, ...apis.values()]) api.close();
  await world.close();
});

async function start(options: FaultWorldOptions): Promise<void> {
  world = await FaultWorld.start(options);
  hub = new PlainApi(world.hub.access);
  apis = new Map([...world.members].map(([name, { server }]) => [name, new PlainApi(server.access)]));
  calm = new Calm(hub, apis);
}

const create = async (name: string, replicas: number): Promise<unknown> =>
  world.client.create(WasmCloudDistribution, {
    metadata: { name, namespace: LATTICE },
    spec: { actor: { id: name, image: `file:///${name}.wasm` }, replicas },
  });

/** When the leader heard of it last, in milliseconds since the epoch; throws while it is not told to be silent. */
async function silentSince(): Promise<number> {
  const { status } = await world.client.get<ClusterObject>(WasmCloudCluster, 'eu-1');
  expect(findCondition(status?.conditions, conditionTypes.reachable)).toMatchObject({ status: 'False' });
  return Date.parse(status?.lastContactTime ?? '');
}

const decidedFor = async (name: string): Promise<boolean> => (await calm.decided(name)).length > 0;

test(`${KILLS} leaders killed: the next plan within 5 s, and nothing written twice`, { timeout: 900_000 }, async () => {
  // The leader's Lease is as it is by default.
  await start({ members: ['eu-1', 'us-1'], hosts: 1 });
  await world.startScheduler();
  await world.startScheduler();
  const waits: number[] = [];
  for (let kill = 1; kill <= KILLS; kill++) {
    const leader = await eventually('one leads', () => world.leader ?? Promise.reject(new Error('none')), PATIENCE);
    await world.killScheduler(leader);
    const begin = performance.now();
    await create(`web-${kill}`, 4);
    await eventually('it is decided', async () => expect(await decidedFor(`web-${kill}`)).toBe(true), PATIENCE);
    waits.push(performance.now() - begin);
    await eventually('it serves', () => calm.check(), PATIENCE);
    await world.startScheduler();
  }
  const inOrder = waits.toSorted((a, b) => a - b).map(Math.round);
  const at = (share: number): number => inOrder[Math.ceil(share * inOrder.length) - 1] ?? NaN;
  process.stderr.write(`leader killed → next decision, ${KILLS} times: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n`);
  // Each decision and each Actor was written once: a second write raises the generation.
  const written = await calm.fingerprint();
  expect(written.filter((line) => !line.endsWith(' 1'))).toEqual([]);
  expect(written.length).toBeGreaterThanOrEqual(KILLS * 4);
  expect(at(1)).toBeLessThan(PROMISE_MS);
});

test(
  'all schedulers killed while a member is away: it is replaced when its time is over, not before and not much later',
  { timeout: 300_000 },
  async () => {
    const lostAfterMs = 25_000;
    await start({ members: ['eu-1', 'us-1'], hosts: 1, settings: { KASMCLOUD_CLUSTER_LOST_AFTER: '25s' } });
    await world.startScheduler();
    await create('web', 4);
    await eventually('it serves', () => calm.check(), PATIENCE);
    const before = await calm.decided('web');
    expect(before.map(({ cluster }) => cluster)).toEqual(['eu-1', 'us-1']);

    world.member('eu-1').line.stall();
    const cutAt = Date.now();
    const heardAt = await eventually('its silence is told', silentSince, PATIENCE);
    expect(heardAt).toBeLessThanOrEqual(cutAt);
    await sleep(Math.max(0, cutAt + 12_000 - Date.now()));
    for (const scheduler of world.schedulers) await world.killScheduler(scheduler);
    const killedAt = Date.now();
    await world.startScheduler();
    const early: unknown[] = [];
    await eventually(
      'all is in us-1',
      async () => {
        const decided = await calm.decided('web');
        const awayMs = Date.now() - heardAt;
        if (awayMs < lostAfterMs && !isDeepStrictEqual(decided, before)) early.push({ awayMs, decided });
        expect(decided).toContainEqual({ cluster: 'us-1', replicas: 4 });
      },
      120_000,
    );
    expect(early).toEqual([]);
    // One who began to count anew would have waited for all of it since the kill.
    expect(Date.now() - killedAt).toBeLessThan(lostAfterMs);
    world.member('eu-1').line.mend();
    await eventually('it serves, once', () => calm.check(), PATIENCE);
  },
);
