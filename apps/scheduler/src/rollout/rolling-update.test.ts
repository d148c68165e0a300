import {
  annotations,
  builtin,
  conditionTypes,
  findCondition,
  labels,
  WasmCloudActor,
  WasmCloudDistribution,
  type ActorObject,
  type DistributionObject,
  type DistributionSpec,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredRevision } from '../history/revisions.ts';
import { eventually, LATTICE, STEADY, Supercluster } from '../supercluster.fixture.ts';

const PATIENCE = 60_000;
const CLUSTERS = ['eu-1', 'us-1', 'ap-1'];

describe('a rolling update over three clusters', () => {
  let world: Supercluster;
  beforeAll(async () => {
    world = await Supercluster.start(
      Object.fromEntries(CLUSTERS.map((name) => [name, { region: name.slice(0, 2), hosts: 2 }])),
      STEADY,
    );
    await world.scheduler();
  }, 90_000);
  afterAll(() => world.close());

  const create = async (name: string, rollout: NonNullable<DistributionSpec['rollout']>): Promise<void> => {
    const spec = {
      actor: { id: name, image: image(name, 1) },
      replicas: 6,
      spread: [{ topologyKey: labels.hostname }],
      rollout,
    };
    await world.hub.client.create(WasmCloudDistribution, { metadata: { name, namespace: LATTICE }, spec });
    await eventually(
      'all of it runs',
      async () => expect((await get(name)).status?.currentRevision).toBeDefined(),
      PATIENCE,
    );
  };
  const image = (name: string, version: number): string => `file:///${name}-${version}.wasm`;
  const get = (name: string): Promise<DistributionObject> =>
    world.hub.client.get<DistributionObject>(WasmCloudDistribution, name, LATTICE);
  const update = (name: string, version: number): Promise<unknown> => {
    const patch = { spec: { actor: { image: image(name, version) } } };
    return world.hub.client.patch(WasmCloudDistribution, name, LATTICE, patch, { type: 'merge' });
  };
  const condition = async (name: string, type: string): Promise<object | undefined> =>
    findCondition((await get(name)).status?.conditions, type);
  /** Images by host, as they stand in the members. */
  const images = async (name: string): Promise<Record<string, string>> =>
    Object.fromEntries((await actors(name)).map(({ spec }) => [spec.hostName, spec.image]));
  const actors = async (name: string): Promise<ActorObject[]> => {
    const labelSelector = `${labels.distribution}=${name}`;
    const lists = await Promise.all(
      CLUSTERS.map((cluster) =>
        world.member(cluster).list<ActorObject>(WasmCloudActor, { namespace: LATTICE, labelSelector }),
      ),
    );
    return lists.flatMap(({ items }) => items);
  };
  /** Hosts where it does not run as it was last written. */
  const unavailable = async (name: string): Promise<number> =>
    (await actors(name)).filter(
      ({ metadata, status }) =>
        status?.observedGeneration !== metadata.generation ||
        findCondition(status?.conditions, conditionTypes.ready)?.status !== 'True',
    ).length;

  test('never makes more hosts unavailable than it may', { timeout: PATIENCE }, async () => {
    await create('web', { maxUnavailable: 2 });
    await update('web', 2);
    let most = 0;
    await eventually(
      'the new image everywhere',
      async () => {
        most = Math.max(most, await unavailable('web'));
        expect(new Set(Object.values(await images('web')))).toEqual(new Set([image('web', 2)]));
        expect((await get('web')).status).toMatchObject({
          rollout: { phase: 'Complete' },
          updatedReplicas: 6,
          clusters: CLUSTERS.toSorted().map((cluster) => ({ name: cluster, desired: 2, ready: 2, updated: 2 })),
        });
      },
      PATIENCE,
    );
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(2);
  });

  test('a bad image stops at its stage and goes back by itself', { timeout: PATIENCE }, async () => {
    const inRegion = (region: string) => [
      { matchExpressions: [{ key: labels.region, operator: 'In' as const, values: [region] }] },
    ];
    await create('api', {
      maxUnavailable: 1,
      progressDeadline: '3s',
      autoRevert: true,
      stages: [{ name: 'canary', clusters: inRegion('us') }, { name: 'rest' }],
    });
    const good = (await get('api')).status?.currentRevision;
    for (const cluster of CLUSTERS)
      for (const host of ['h1', 'h2']) world.refuse(`${cluster}-${host}`, image('api', 2));
    const touched = new Set<string>();
    await update('api', 2);
    await eventually(
      'it has gone back',
      async () => {
        for (const [host, one] of Object.entries(await images('api'))) if (one === image('api', 2)) touched.add(host);
        expect(await condition('api', conditionTypes.stalled)).toMatchObject({ status: 'True', reason: 'Reverted' });
        expect(new Set(Object.values(await images('api')))).toEqual(new Set([image('api', 1)]));
        const { status, spec } = await get('api');
        expect(status).toMatchObject({ currentRevision: good, readyReplicas: 6 });
        expect(spec.actor?.image).toBe(image('api', 2));
      },
      PATIENCE,
    );
    await eventually('an event says so', async () => {
      const { items } = await world.hub.client.list<KubeObject & { reason?: string }>(builtin.Event, {
        namespace: LATTICE,
      });
      expect(items.map(({ reason }) => reason)).toContain('RolloutReverted');
    });
    expect([...touched].filter((host) => !host.startsWith('us-1'))).toEqual([]);
    expect(touched.size).toBe(1);
  });

  test('stages wait for approval', { timeout: PATIENCE }, async () => {
    await create('log', {
      maxUnavailable: '50%',
      stages: [
        { name: 'canary', clusters: [{ matchExpressions: [{ key: labels.region, operator: 'In', values: ['eu'] }] }] },
        { name: 'rest', approval: true },
      ],
    });
    await update('log', 2);
    await eventually(
      'the canary is done and waits',
      async () =>
        expect((await get('log')).status?.rollout).toMatchObject({ phase: 'AwaitingApproval', stage: 'canary' }),
      PATIENCE,
    );
    const updated = Object.entries(await images('log')).filter(([, one]) => one === image('log', 2));
    expect(updated.map(([host]) => host).toSorted()).toEqual(['eu-1-h1', 'eu-1-h2']);
    const revision = (await get('log')).status?.rollout?.revision;
    const patch = { metadata: { annotations: { [annotations.approvedStages]: `${revision}/rest` } } };
    await world.hub.client.patch(WasmCloudDistribution, 'log', LATTICE, patch, { type: 'merge' });
    await eventually(
      'the rest',
      async () => expect(new Set(Object.values(await images('log')))).toEqual(new Set([image('log', 2)])),
      PATIENCE,
    );
  });

  test('its history brings an old revision back', { timeout: PATIENCE }, async () => {
    const history = async (): Promise<StoredRevision[]> => {
      const selection = { namespace: LATTICE, labelSelector: `${labels.distribution}=web` };
      const { items } = await world.hub.client.list<StoredRevision>(builtin.ControllerRevision, selection);
      return items.toSorted((a, b) => a.revision - b.revision);
    };
    const [first] = await history();
    expect((await history()).map(({ revision }) => revision)).toEqual([1, 2]);
    expect(first?.data).toMatchObject({ spec: { actor: { image: image('web', 1) } } });
    await world.hub.client.patch(WasmCloudDistribution, 'web', LATTICE, first?.data ?? {}, { type: 'merge' });
    await eventually(
      'the first image again, as the newest revision',
      async () => {
        expect(new Set(Object.values(await images('web')))).toEqual(new Set([image('web', 1)]));
        expect((await history()).at(-1)?.metadata.name).toBe(first?.metadata.name);
      },
      PATIENCE,
    );
  });
});
