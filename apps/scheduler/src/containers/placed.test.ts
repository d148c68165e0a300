import {
  builtin,
  findCondition,
  labels,
  PODS_HOST,
  WasmCloudDistribution,
  WasmCloudProvider,
  type Condition,
  type ContainerProviderObject,
  type DistributionObject,
  type DistributionSpec,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { startNats } from '@kasmcloud/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, LATTICE, STEADY, Supercluster } from '../supercluster.fixture.ts';

const LONG = 240_000;
const WAIT_MS = 90_000;
const CLUSTERS = ['eu-1', 'us-1'] as const;
type ClusterName = (typeof CLUSTERS)[number];

let world: Supercluster;
let nats: Awaited<ReturnType<typeof startNats>>;
beforeAll(async () => {
  nats = await startNats();
  const settings = { ...STEADY.settings, KASMCLOUD_CONTAINER_NATS_URL: nats.url };
  const members = { 'eu-1': { region: 'eu', hosts: 1 }, 'us-1': { region: 'us', hosts: 1 } };
  world = await Supercluster.start(members, { ...STEADY, settings });
  await world.scheduler();
}, LONG);
afterAll(async () => {
  await world.close();
  await nats.close();
});

const image = (version: number): string => `registry.example.com/acme/echo:${version}`;
const container = { resources: { limits: { memory: '64Mi' } } };
const merge = { type: 'merge' } as const;

const declare = (name: string, spec: Partial<DistributionSpec>): Promise<KubeObject> =>
  world.hub.client.create(WasmCloudDistribution, {
    metadata: { name, namespace: LATTICE },
    spec: { provider: { id: name, image: image(1), container }, ...spec },
  });
const change = (name: string, spec: object): Promise<KubeObject> =>
  world.hub.client.patch(WasmCloudDistribution, name, LATTICE, { spec }, merge);
const distribution = (name: string): Promise<DistributionObject> =>
  world.hub.client.get<DistributionObject>(WasmCloudDistribution, name, LATTICE);
const told = (name: string, status: object): Promise<void> =>
  eventually(
    JSON.stringify(status),
    async () => expect((await distribution(name)).status).toMatchObject(status),
    WAIT_MS,
  );
const says = (name: string, type: string, text: string): Promise<void> =>
  eventually(
    `${type} says ${text}`,
    async () => {
      const condition: Condition | undefined = findCondition((await distribution(name)).status?.conditions, type);
      expect(`${condition?.status} ${condition?.reason}: ${condition?.message}`).toContain(text);
    },
    WAIT_MS,
  );

/** The one Provider of a Distribution in a cluster. */
async function providerIn(cluster: ClusterName, name: string): Promise<ContainerProviderObject | undefined> {
  const labelSelector = `${labels.distribution}=${name}`;
  const selection = { namespace: LATTICE, labelSelector };
  const { items } = await world.member(cluster).list<ContainerProviderObject>(WasmCloudProvider, selection);
  expect(items.length).toBeLessThanOrEqual(1);
  return items[0];
}
type Deployment = KubeObject<{
  readonly replicas: number;
  readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
}>;
const deploymentIn = async (cluster: ClusterName, name: string): Promise<Deployment | undefined> =>
  world
    .member(cluster)
    .find<Deployment>(builtin.Deployment, (await providerIn(cluster, name))?.metadata.name ?? 'none', LATTICE);

type Standing = Partial<Record<ClusterName, readonly [pods: number, version: number]>>;

/** What is to run, by cluster; no pods where the Deployment is not yet as its Provider says. */
async function running(name: string): Promise<Standing> {
  const found: Record<string, readonly [number, number]> = {};
  for (const cluster of CLUSTERS) {
    const [provider, deployment] = [await providerIn(cluster, name), await deploymentIn(cluster, name)];
    if (provider === undefined && deployment === undefined) continue;
    const pods = deployment?.spec.replicas ?? 0;
    const [made] = deployment?.spec.template.spec.containers ?? [];
    const isDone = made?.image === provider?.spec.image && pods === provider?.spec.container.replicas;
    found[cluster] = [isDone ? pods : 0, Number(made?.image.split(':').at(-1))];
  }
  return found;
}
const runs = (name: string, wanted: Standing): Promise<void> =>
  eventually(
    `${name} runs ${JSON.stringify(wanted)}`,
    async () => expect(await running(name)).toEqual(wanted),
    WAIT_MS,
  );

/** What Kubernetes' own controllers would say of the Deployments as they are now, with room for so many pods: there are none here. */
async function kubernetes(name: string, room: Partial<Record<ClusterName, number>> = {}): Promise<void> {
  for (const cluster of CLUSTERS) {
    const deployment = await deploymentIn(cluster, name);
    if (deployment === undefined) continue;
    const { metadata, spec } = deployment;
    const replicas = Math.min(spec.replicas, room[cluster] ?? Infinity);
    const refused = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' };
    await world.member(cluster).patchStatus(
      builtin.Deployment,
      { metadata: { name: metadata.name, namespace: LATTICE } },
      {
        observedGeneration: metadata.generation,
        replicas,
        updatedReplicas: replicas,
        availableReplicas: replicas,
        conditions: replicas < spec.replicas ? [refused] : [],
      },
    );
  }
}
/** The same, while Kubernetes does its part. */
const settles = (name: string, wanted: Standing, room?: Partial<Record<ClusterName, number>>): Promise<void> =>
  eventually(
    `${name} comes to run ${JSON.stringify(wanted)}`,
    async () => {
      await kubernetes(name, room);
      expect(await running(name)).toEqual(wanted);
      const replicas = Object.values(wanted).reduce((sum, [pods]) => sum + pods, 0);
      const { status } = await distribution(name);
      expect(status).toMatchObject({ replicas, readyReplicas: replicas, updatedReplicas: replicas });
      expect(findCondition(status?.conditions, 'Ready')).toMatchObject({ status: 'True', reason: 'Available' });
    },
    WAIT_MS,
  );

describe('a Distribution of a provider in a container', { timeout: LONG }, () => {
  test('is placed over clusters, scaled, rolled out, suspended, and gone with all that it made', async () => {
    await declare('life', { replicas: 4 });
    await runs('life', { 'eu-1': [2, 1], 'us-1': [2, 1] });
    await told('life', { replicas: 4, readyReplicas: 0, where: 'eu-1:2 us-1:2' });
    const waiting = `eu-1/${PODS_HOST}: Progressing: 0 of 2 pods are available`;
    await says('life', 'Ready', `False Progressing: 0 of 4 replicas are ready; ${waiting}`);
    await settles('life', { 'eu-1': [2, 1], 'us-1': [2, 1] });

    await change('life', { replicas: 6 });
    await settles('life', { 'eu-1': [3, 1], 'us-1': [3, 1] });
    await change('life', { provider: { image: image(2) } });
    await settles('life', { 'eu-1': [3, 2], 'us-1': [3, 2] });

    await change('life', { suspend: true, replicas: 2 });
    await says('life', 'Reconciling', 'False Suspended');
    expect(await running('life')).toEqual({ 'eu-1': [3, 2], 'us-1': [3, 2] });
    const { spec } = (await providerIn('eu-1', 'life')) ?? {};
    expect(spec).toMatchObject({ container });
    expect(spec).not.toHaveProperty('hostName');
    await change('life', { suspend: false });
    await settles('life', { 'eu-1': [1, 2], 'us-1': [1, 2] });

    await world.hub.client.delete(WasmCloudDistribution, 'life', LATTICE);
    await runs('life', {});
  });

  test('moves the pods for which a cluster has no room, and only those', async () => {
    await declare('room', { replicas: 6 });
    await runs('room', { 'eu-1': [3, 1], 'us-1': [3, 1] });
    await kubernetes('room', { 'us-1': 1 });
    await says('room', 'Degraded', `us-1/${PODS_HOST}: FailedCreate: exceeded quota`);
    await settles('room', { 'eu-1': [5, 1], 'us-1': [1, 1] }, { 'us-1': 1 });
    expect((await distribution('room')).status).toMatchObject({ where: 'eu-1:5 us-1:1' });
  });

  test('says nothing of hosts, and stays what it is', async () => {
    for (const more of [{ resources: { memory: '1Mi' } }, { hosts: {} }, { groups: [] }, { maxPerHost: 2 }])
      await expect(declare('wrong', more)).rejects.toThrow(
        /runs on no host: leave hosts, groups, resources and maxPerHost out/,
      );
    await expect(change('room', { provider: { container: null } })).rejects.toThrow(/may not move into a container/);
  });

  test('outlives a cluster that is lost, and is not doubled when that is back', async () => {
    await declare('cut', { replicas: 4, failover: { clusterLostAfter: '2s' } });
    await settles('cut', { 'eu-1': [2, 1], 'us-1': [2, 1] });
    await world.cut('us-1');
    await eventually(
      'all run in the other',
      async () => expect((await providerIn('eu-1', 'cut'))?.spec.container.replicas).toBe(4),
      WAIT_MS,
    );
    await world.mend('us-1');
    await settles('cut', { 'eu-1': [4, 1] });
  });
});

test('where containers are off, the Distribution says so and stays where it is', { timeout: LONG }, async () => {
  const off = await Supercluster.start({ 'eu-1': { region: 'eu', hosts: 1 } }, STEADY);
  try {
    await off.scheduler();
    const provider = { id: 'x', image: image(1), container: {} };
    const metadata = { name: 'x', namespace: LATTICE };
    await off.hub.client.create(WasmCloudDistribution, { metadata, spec: { provider } });
    await eventually(
      'it is told',
      async () => {
        const { status } = await off.hub.client.get<DistributionObject>(WasmCloudDistribution, 'x', LATTICE);
        expect(status).toMatchObject({ replicas: 1, readyReplicas: 0 });
        expect(findCondition(status?.conditions, 'Ready')?.message).toMatch(
          /ContainersOff: .*KASMCLOUD_CONTAINER_NATS_URL/,
        );
      },
      WAIT_MS,
    );
  } finally {
    await off.close();
  }
});
