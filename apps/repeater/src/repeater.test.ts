import {
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudProvider,
  type Condition,
  type HostObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import type { LatticeConnection } from '@kasmcloud/lattice';
import type { TestApiServer } from '@kasmcloud/testing';
import {
  allEventsSubject,
  controlSubject,
  decodeEvent,
  decodeInventoryReply,
  decodePingReply,
  type HostEvent,
  type OtherEvent,
} from '@kasmcloud/wire';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { LATTICE, nkey, RepeaterWorld, type Started } from './world.fixture.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });
const empty = new Uint8Array(0);
const soon = { timeoutMs: 2_000 };
const patiently = { timeout: 60_000 };

let world: RepeaterWorld;
let hub: TestApiServer;
let eu: TestApiServer;
let tool: LatticeConnection;
beforeAll(async () => {
  world = await RepeaterWorld.start();
  ({ hub, eu, tool } = world);
});
afterEach(async () => world.clean());
afterAll(async () => world.close());

const owns = async ({ repeater }: Started): Promise<void> => {
  await expect.poll(() => repeater.ownedLattices, patiently).toEqual([LATTICE]);
};

const ready: Condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Test',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};
const createHost = async (client: KubeClient, name: string, hostId: string): Promise<void> => {
  const host = await client.create(WasmCloudHost, { metadata: { name }, spec: { lattices: ['*'] } });
  const status = {
    hostId,
    runtime: 'kasmcloud',
    version: '0.1.0',
    labels: { 'hostcore.os': 'linux' },
    conditions: [ready],
  };
  await client.patchStatus(WasmCloudHost, host, status);
};
const createActor = async (
  client: KubeClient,
  hostName: string,
  id: string,
  instances: number,
): Promise<KubeObject> => {
  const spec = { hostName, id, image: 'r:1', instances };
  const actor = await client.create(WasmCloudActor, { metadata: { name: id, namespace: LATTICE }, spec });
  return client.patchStatus(WasmCloudActor, actor, { instances, conditions: [ready] });
};

/** What a tool on NATS hears. */
const listen = (): (HostEvent | OtherEvent)[] => {
  const heard: (HostEvent | OtherEvent)[] = [];
  const subscription = tool.subscribe(allEventsSubject(LATTICE), ({ data }) => heard.push(decodeEvent(data)));
  world.alsoClose(subscription);
  return heard;
};
const ping = async (): Promise<string[]> => {
  const answers = await tool.scatter(controlSubject.hostPing(LATTICE), empty, { waitMs: 150 });
  return answers.map(({ data }) => decodePingReply(data).response?.id ?? '').toSorted((a, b) => (a < b ? -1 : 1));
};

describe('resources to NATS', () => {
  const [one, two] = [nkey('A'), nkey('B')];

  test('KasmCloud hosts of every member answer, beat, and tell what changes', async () => {
    await createHost(hub.client, 'hub-1', one);
    await createHost(eu.client, 'eu-1', two);
    await createActor(eu.client, 'eu-1', 'hello', 3);
    await owns(await world.startRepeater('solo'));
    await expect.poll(ping, patiently).toEqual([one, two]);

    const { data } = await tool.request(controlSubject.hostGet(LATTICE, two), empty, soon);
    const inventory = decodeInventoryReply(data).response;
    expect(inventory).toMatchObject({ host_id: two, friendly_name: 'eu-1', version: '0.1.0' });
    expect(inventory?.components).toMatchObject([{ id: 'hello', image_ref: 'r:1', max_instances: 3 }]);

    const heard = listen();
    const beats = (): string[] => [
      ...new Set(heard.filter(({ name }) => name === 'host_heartbeat').map(({ source }) => source)),
    ];
    await expect.poll(() => beats().toSorted((a, b) => (a < b ? -1 : 1)), patiently).toEqual([one, two]);

    const told = (name: string): (HostEvent | OtherEvent)[] => heard.filter((event) => event.name === name);
    await createActor(hub.client, 'hub-1', 'greeter', 2);
    await expect
      .poll(() => told('component_scaled'), patiently)
      .toMatchObject([
        { source: one, data: { component_id: 'greeter', max_instances: 2, image_ref: 'r:1', host_id: one } },
      ]);
    await hub.client.delete(WasmCloudActor, 'greeter', LATTICE);
    await expect.poll(() => told('component_scaled'), patiently).toMatchObject([{}, { data: { max_instances: 0 } }]);

    const spec = { hostName: 'hub-1', id: 'http', image: 'http:1' };
    const provider = await hub.client.create(WasmCloudProvider, {
      metadata: { name: 'http', namespace: LATTICE },
      spec,
    });
    await hub.client.patchStatus(WasmCloudProvider, provider, { conditions: [ready] });
    await expect
      .poll(() => told('provider_started'), patiently)
      .toMatchObject([{ source: one, data: { provider_id: 'http' } }]);
    await hub.client.delete(WasmCloudProvider, 'http', LATTICE);
    await expect.poll(() => told('provider_stopped'), patiently).toHaveLength(1);

    const three = nkey('C');
    await createHost(eu.client, 'eu-2', three);
    await expect.poll(() => told('host_started'), patiently).toMatchObject([{ source: three }]);
    await eu.client.delete(WasmCloudHost, 'eu-2');
    await expect.poll(() => told('host_stopped'), patiently).toMatchObject([{ source: three }]);
    await expect.poll(ping, patiently).toEqual([one, two]);

    // Its own voice is no legacy host.
    const { items } = await hub.client.list<HostObject>(WasmCloudHost);
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['hub-1']);
  });

  test('a host that is Unknown is silent, and back without a new start', async () => {
    await createHost(hub.client, 'hub-1', one);
    await owns(await world.startRepeater('solo'));
    await expect.poll(ping, patiently).toEqual([one]);
    const heard = listen();
    const unknown = { ...ready, status: 'Unknown' };
    await hub.client.patchStatus(WasmCloudHost, { metadata: { name: 'hub-1' } }, { conditions: [unknown] });
    await expect.poll(ping, patiently).toEqual([]);
    await hub.client.patchStatus(WasmCloudHost, { metadata: { name: 'hub-1' } }, { conditions: [ready] });
    await expect.poll(ping, patiently).toEqual([one]);
    expect(heard.filter(({ name }) => name !== 'host_heartbeat')).toEqual([]);
  });

  test('one repeater speaks at a time; another follows when it ends', async () => {
    await createHost(hub.client, 'hub-1', one);
    const first = await world.startRepeater('first');
    await owns(first);
    const second = await world.startRepeater('second');
    // It may fall to the other now, and while it changes hands nobody speaks.
    await expect.poll(ping, patiently).toEqual([one]);
    expect([...first.repeater.ownedLattices, ...second.repeater.ownedLattices].length).toBeLessThanOrEqual(1);
    await first.close();
    await owns(second);
    await expect.poll(ping, patiently).toEqual([one]);
  });
});
