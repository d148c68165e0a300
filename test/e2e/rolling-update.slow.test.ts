import {
  conditionTypes,
  findCondition,
  labels,
  WasmCloudActor,
  WasmCloudDistribution,
  type ActorObject,
  type DistributionObject,
  type DistributionSpec,
} from '@kasmcloud/kube-api';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { buildKasm } from '../bench/kube/servers.ts';
import { BenchWorld, LATTICE } from '../bench/supercluster/world.ts';
import { OutsideOracle } from './outside-oracle.ts';

const MEMBERS = 3;
const HOSTS = 20;
const BAD = 'file:///bad.wasm';
/** 10 % of 60 hosts. */
const ALLOWED = 6;
const wait = { timeout: 180_000, interval: 100 };

beforeAll(() => buildKasm(), 120_000);

/** A supercluster of programs with a Distribution on every host of every member. */
async function running(runtime: string, rollout: NonNullable<DistributionSpec['rollout']>): Promise<BenchWorld> {
  const world = await BenchWorld.start({ kind: 'embedded', durable: false, members: MEMBERS, hostsPerMember: HOSTS });
  await world.startHosts({ args: ['--runtime', runtime, '--bad-image', BAD, '--start-delay', '400ms'] });
  await world.startScheduler();
  await world.joinMembers();
  await world.hostsJoined();
  const spec = {
    actor: { id: 'web', image: 'file:///web-1.wasm' },
    replicas: MEMBERS * HOSTS,
    spread: [{ topologyKey: labels.hostname }],
    rollout: { maxUnavailable: '10%', ...rollout },
  };
  await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'web', namespace: LATTICE }, spec });
  await vi.waitFor(async () => {
    expect((await get(world)).status?.currentRevision).toBeDefined();
    expect(await images(world)).toEqual({ 'file:///web-1.wasm': MEMBERS * HOSTS });
  }, wait);
  return world;
}

const get = (world: BenchWorld): Promise<DistributionObject> =>
  world.hub.client.get<DistributionObject>(WasmCloudDistribution, 'web', LATTICE);

const update = (world: BenchWorld, image: string): Promise<unknown> =>
  world.hub.client.patch(WasmCloudDistribution, 'web', LATTICE, { spec: { actor: { image } } }, { type: 'merge' });

/** On how many hosts each image is to run. */
async function images(world: BenchWorld): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { client } of world.members) {
    const { items } = await client.list<ActorObject>(WasmCloudActor, { namespace: LATTICE });
    for (const { spec } of items) found[spec.image] = (found[spec.image] ?? 0) + 1;
  }
  return found;
}

async function watched(world: BenchWorld): Promise<OutsideOracle> {
  const oracle = new OutsideOracle(world.members, 'web', LATTICE, ALLOWED);
  await oracle.start();
  return oracle;
}

describe.each(['kasmcloud', 'wasmcloud'])('a rolling update over three clusters of %s hosts', (runtime) => {
  test('never makes more of them unavailable than it may', { timeout: 300_000 }, async () => {
    await using world = await running(runtime, {});
    const oracle = await watched(world);
    for (const version of [2, 3]) {
      const image = `file:///web-${version}.wasm`;
      await update(world, image);
      await vi.waitFor(async () => {
        expect(await images(world)).toEqual({ [image]: MEMBERS * HOSTS });
        const { status } = await get(world);
        expect(status).toMatchObject({ rollout: { phase: 'Complete' }, updatedReplicas: MEMBERS * HOSTS });
      }, wait);
    }
    await oracle.stop();
    expect(oracle.violations).toEqual([]);
    // It saw the updates: each is two events a host at least.
    expect(oracle.events).toBeGreaterThanOrEqual(4 * MEMBERS * HOSTS);
    expect(oracle.most).toBeGreaterThan(1);
  });

  test('a bad image stops at its stage and goes back by itself', { timeout: 300_000 }, async () => {
    const first = { matchExpressions: [{ key: labels.region, operator: 'In' as const, values: ['us'] }] };
    const stages = [{ name: 'canary', clusters: [first] }, { name: 'rest' }];
    await using world = await running(runtime, { progressDeadline: '5s', autoRevert: true, stages });
    const good = (await get(world)).status?.currentRevision;
    const oracle = await watched(world);
    await update(world, BAD);
    await vi.waitFor(async () => {
      const { status } = await get(world);
      const stalled = findCondition(status?.conditions, conditionTypes.stalled);
      expect(stalled).toMatchObject({ status: 'True', reason: 'Reverted' });
      expect(await images(world)).toEqual({ 'file:///web-1.wasm': MEMBERS * HOSTS });
      expect(status).toMatchObject({ currentRevision: good, readyReplicas: MEMBERS * HOSTS });
    }, wait);
    await oracle.stop();
    expect(oracle.violations).toEqual([]);
    const touched = [...(oracle.written.get(BAD) ?? [])];
    expect(touched.length).toBeGreaterThan(0);
    expect(touched.length).toBeLessThanOrEqual(ALLOWED);
    expect(touched.filter((host) => !host.startsWith('us-1-'))).toEqual([]);
    // What people asked for stays written.
    expect((await get(world)).spec.actor?.image).toBe(BAD);
  });
});
