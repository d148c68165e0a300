import {
  annotations,
  builtin,
  fieldManagers,
  labels,
  MANAGED_BY_LATTICE,
  typeMeta,
  WasmCloudActor,
  WasmCloudDistribution,
  type ActorObject,
} from '@kasmcloud/kube-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Scheduler } from '../scheduler.ts';
import { eventually, LATTICE, STEADY, Supercluster } from '../supercluster.fixture.ts';

const PATIENCE = 90_000;

let world: Supercluster;
let scheduler: Scheduler;
beforeAll(async () => {
  world = await Supercluster.start({ 'eu-1': { region: 'eu', hosts: 3 }, 'us-1': { region: 'us', hosts: 1 } }, STEADY);
  for (const name of world.members.keys()) {
    const namespace = { metadata: { name: LATTICE, labels: { [labels.lattice]: 'true' } } };
    const member = world.member(name);
    if ((await member.find(builtin.Namespace, LATTICE)) === undefined)
      await member.create(builtin.Namespace, namespace);
  }
  scheduler = await world.scheduler();
}, 60_000);
afterAll(() => world.close());

interface Started {
  readonly cluster: string;
  readonly host: string;
  readonly instances: number;
  readonly image?: string;
}

const specOf = (id: string, { host, instances, image = 'r:1' }: Started): ActorObject['spec'] => ({
  hostName: host,
  id,
  image,
  instances,
});

/** As the repeater writes it when wadm starts a component on a KasmCloud host. */
async function guest(id: string, started: Started): Promise<ActorObject> {
  const metadata = {
    name: `${id}-over-nats-${started.host}`,
    namespace: LATTICE,
    labels: { [labels.managedBy]: MANAGED_BY_LATTICE },
    annotations: { [annotations.latticeAnnotations]: '{"wasmcloud.dev/managed-by":"wadm"}' },
  };
  const spec = { ...specOf(id, started), limits: { executionTime: '5s' } };
  const options = { fieldManager: fieldManagers.lattice, force: true };
  return world.member(started.cluster).apply<ActorObject>(WasmCloudActor, { metadata, spec }, options);
}

/** As the repeater shows what wadm started on a legacy host. */
async function observed(id: string, started: Started): Promise<ActorObject> {
  const member = world.member(started.cluster);
  const metadata = { name: `${id}-seen-${started.host}`, namespace: LATTICE, labels: { [labels.observed]: '' } };
  return member.create<ActorObject>(WasmCloudActor, { metadata, spec: specOf(id, started) });
}

async function distribution(id: string, replicas: number): Promise<void> {
  const spec = { actor: { id, image: 'r:1' }, replicas };
  await world.hub.client.create(WasmCloudDistribution, { metadata: { name: id, namespace: LATTICE }, spec });
}

const everywhere = async (cluster: string, id: string): Promise<ActorObject[]> => {
  const { items } = await world.member(cluster).list<ActorObject>(WasmCloudActor, { namespace: LATTICE });
  return items.filter(({ spec }) => spec.id === id);
};

/** Stores show in their own time what was written: a Distribution that is planned before finds nothing. */
const isShown = async (id: string, count: number): Promise<void> =>
  eventually('the scheduler sees it', () => {
    const wanted = { ...typeMeta(WasmCloudDistribution), metadata: { name: id, namespace: LATTICE } };
    const spec = { actor: { id, image: 'r:1' } };
    const seen = scheduler.members.entries().flatMap(([, member]) => member.adoptableFor({ ...wanted, spec }));
    expect(seen).toHaveLength(count);
  });

test(
  'what wadm started on a KasmCloud host stays the same object, and becomes the Distribution’s',
  { timeout: PATIENCE },
  async () => {
    const before = await guest('hello', { cluster: 'eu-1', host: 'eu-1-h2', instances: 3 });
    await isShown('hello', 1);
    await distribution('hello', 3);
    await eventually(
      'it is taken over',
      async () => expect(await world.replicas('hello')).toEqual({ 'eu-1-h2': 3 }),
      PATIENCE,
    );
    const [now, ...others] = [...(await everywhere('eu-1', 'hello')), ...(await everywhere('us-1', 'hello'))];
    expect(others).toEqual([]);
    expect(now?.metadata).toMatchObject({ uid: before.metadata.uid, name: before.metadata.name });
    expect(now?.metadata.labels).toMatchObject({ [labels.managedBy]: 'kasmcloud', [labels.distribution]: 'hello' });
    // What the decision does not say is gone with the share of the lattice.
    expect(now?.spec.limits).toBeUndefined();
    expect(now?.metadata.annotations?.[annotations.latticeAnnotations]).toBeUndefined();

    // It scales and goes like any other.
    const patch = { spec: { replicas: 4 } };
    await world.hub.client.patch(WasmCloudDistribution, 'hello', LATTICE, patch, { type: 'merge' });
    await eventually(
      'four',
      async () => {
        const counts = await world.replicas('hello');
        expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(4);
        expect(counts['eu-1-h2']).toBe(3);
      },
      PATIENCE,
    );
    await world.hub.client.delete(WasmCloudDistribution, 'hello', LATTICE);
    await eventually('gone', async () => expect(await everywhere('eu-1', 'hello')).toEqual([]), PATIENCE);
  },
);

test(
  'both kinds of hosts count, the number follows the Distribution, and no instance more is started',
  { timeout: PATIENCE },
  async () => {
    const started = [
      await guest('mixed', { cluster: 'eu-1', host: 'eu-1-h1', instances: 2 }),
      // No bound at all takes no room from what takes it over.
      await observed('mixed', { cluster: 'us-1', host: 'us-1-h1', instances: 1_000_000 }),
    ];
    await isShown('mixed', 2);
    await distribution('mixed', 5);
    await eventually(
      'five',
      async () => {
        const counts = await world.replicas('mixed');
        expect(Object.keys(counts).toSorted()).toEqual(['eu-1-h1', 'us-1-h1']);
        expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(5);
      },
      PATIENCE,
    );
    expect((await everywhere('eu-1', 'mixed')).map(({ metadata }) => metadata.uid)).toEqual([started[0]?.metadata.uid]);
  },
);

test('what is more than the Distribution wants is ended, on either kind of host', { timeout: PATIENCE }, async () => {
  await guest('double', { cluster: 'eu-1', host: 'eu-1-h1', instances: 1 });
  await guest('double', { cluster: 'eu-1', host: 'eu-1-h2', instances: 1 });
  await observed('double', { cluster: 'us-1', host: 'us-1-h1', instances: 1 });
  await isShown('double', 3);
  await distribution('double', 1);
  await eventually(
    'one is left, or is told to go',
    async () => {
      const all = [...(await everywhere('eu-1', 'double')), ...(await everywhere('us-1', 'double'))];
      const wanted = all.filter(({ metadata }) => metadata.labels?.[labels.distribution] === 'double');
      expect(wanted).toHaveLength(1);
      const rest = all.filter((one) => !wanted.includes(one) && one.spec.hostName !== wanted[0]?.spec.hostName);
      for (const { metadata } of rest) {
        expect(metadata.labels).toHaveProperty([labels.observed]);
        expect(metadata.annotations?.[annotations.unwanted]).toBe('double');
      }
    },
    PATIENCE,
  );
});

test('what a person made in Kubernetes is nobody’s to take', { timeout: PATIENCE }, async () => {
  const metadata = { name: 'mine', namespace: LATTICE };
  await world.member('eu-1').create<ActorObject>(WasmCloudActor, {
    metadata,
    spec: specOf('mine', { cluster: 'eu-1', host: 'eu-1-h3', instances: 1 }),
  });
  await distribution('mine', 2);
  await eventually(
    'two of its own',
    async () => {
      expect(Object.values(await world.replicas('mine')).reduce((sum, count) => sum + count, 0)).toBe(2);
    },
    PATIENCE,
  );
  const after = await world.member('eu-1').get<ActorObject>(WasmCloudActor, 'mine', LATTICE);
  expect(after.metadata.labels?.[labels.managedBy]).toBeUndefined();
});
