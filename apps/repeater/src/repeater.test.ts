import { setTimeout as sleep } from 'node:timers/promises';
import {
  builtin,
  labels,
  SYSTEM_NAMESPACE,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudHost,
  WasmCloudProvider,
  type Condition,
  type HostObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import { createMetrics, silentLogger, type Metrics } from '@kasmcloud/observe';
import { systemClock } from '@kasmcloud/reconcile';
import { startNats, startTestApiServer, type NatsServer, type TestApiServer } from '@kasmcloud/testing';
import {
  allEventsSubject,
  controlSubject,
  ctlOk,
  decodeEvent,
  decodeInventoryReply,
  decodePingReply,
  encodeEvent,
  encodeJson,
  eventSubject,
  type Host,
  type HostEvent,
  type HostInventory,
  type OtherEvent,
} from '@kasmcloud/wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Repeater } from './repeater.ts';

const LATTICE = 'shop';
const empty = new Uint8Array(0);
const soon = { timeoutMs: 2_000 };
const nkey = (letter: string): string => `N${letter.repeat(55)}`;

let nats: NatsServer;
let hub: TestApiServer;
let eu: TestApiServer;
let tool: LatticeConnection;

beforeAll(async () => {
  [nats, hub, eu] = await Promise.all([
    startNats(),
    startTestApiServer({ clusterName: 'hub' }),
    startTestApiServer({ clusterName: 'eu' }),
  ]);
  tool = await connectLattice({ servers: nats.url, name: 'tool' });
  for (const cluster of [hub, eu]) {
    await cluster.namespace(SYSTEM_NAMESPACE);
    await cluster.namespace(LATTICE, { [labels.lattice]: '' });
  }
  const kubeconfig = Buffer.from(eu.kubeconfig()).toString('base64');
  await hub.client.create(builtin.Secret, {
    metadata: { name: 'eu', namespace: SYSTEM_NAMESPACE },
    data: { kubeconfig },
  });
  await hub.client.create(WasmCloudCluster, { metadata: { name: 'hub' }, spec: { inCluster: true } });
  await hub.client.create(WasmCloudCluster, { metadata: { name: 'eu' }, spec: { kubeconfigSecret: { name: 'eu' } } });
});
afterAll(async () => {
  await tool.close();
  await Promise.all([nats.close(), hub.close(), eu.close()]);
});

let metrics: Metrics;
interface Started {
  readonly repeater: Repeater;
  close(): Promise<void>;
}
const running = new Set<{ close(): Promise<void> }>();
const startRepeater = async (identity: string): Promise<Started> => {
  const connection = await connectLattice({ servers: nats.url, name: identity });
  const repeater = new Repeater({
    hub: hub.client,
    connection,
    identity,
    metrics: (metrics = createMetrics()),
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
    heartbeatMs: 200,
    pingMs: 200,
    leaseMs: 4_000,
  });
  const close = async (): Promise<void> => {
    await repeater.close();
    await connection.close();
  };
  const started = { repeater, close };
  running.add(started);
  return started;
};
const owns = async ({ repeater }: Started): Promise<void> => {
  await expect.poll(() => repeater.ownedLattices, { timeout: 10_000 }).toEqual([LATTICE]);
};
afterEach(async () => {
  for (const one of running) await one.close();
  running.clear();
  for (const { client } of [hub, eu]) {
    for (const kind of [WasmCloudActor, WasmCloudProvider, WasmCloudHost]) {
      const { items } = await client.list(kind);
      for (const { metadata } of items) await client.delete(kind, metadata.name, metadata.namespace);
    }
  }
});

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
  running.add({ close: async () => subscription.close() });
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
    await owns(await startRepeater('solo'));
    await expect.poll(ping).toEqual([one, two]);

    const { data } = await tool.request(controlSubject.hostGet(LATTICE, two), empty, soon);
    const inventory = decodeInventoryReply(data).response;
    expect(inventory).toMatchObject({ host_id: two, friendly_name: 'eu-1', version: '0.1.0' });
    expect(inventory?.components).toMatchObject([{ id: 'hello', image_ref: 'r:1', max_instances: 3 }]);

    const heard = listen();
    const beats = (): string[] => [
      ...new Set(heard.filter(({ name }) => name === 'host_heartbeat').map(({ source }) => source)),
    ];
    await expect.poll(() => beats().toSorted((a, b) => (a < b ? -1 : 1))).toEqual([one, two]);

    const told = (name: string): (HostEvent | OtherEvent)[] => heard.filter((event) => event.name === name);
    await createActor(hub.client, 'hub-1', 'greeter', 2);
    await expect
      .poll(() => told('component_scaled'))
      .toMatchObject([
        { source: one, data: { component_id: 'greeter', max_instances: 2, image_ref: 'r:1', host_id: one } },
      ]);
    await hub.client.delete(WasmCloudActor, 'greeter', LATTICE);
    await expect.poll(() => told('component_scaled')).toMatchObject([{}, { data: { max_instances: 0 } }]);

    const spec = { hostName: 'hub-1', id: 'http', image: 'http:1' };
    const provider = await hub.client.create(WasmCloudProvider, {
      metadata: { name: 'http', namespace: LATTICE },
      spec,
    });
    await hub.client.patchStatus(WasmCloudProvider, provider, { conditions: [ready] });
    await expect.poll(() => told('provider_started')).toMatchObject([{ source: one, data: { provider_id: 'http' } }]);
    await hub.client.delete(WasmCloudProvider, 'http', LATTICE);
    await expect.poll(() => told('provider_stopped')).toHaveLength(1);

    const three = nkey('C');
    await createHost(eu.client, 'eu-2', three);
    await expect.poll(() => told('host_started')).toMatchObject([{ source: three }]);
    await eu.client.delete(WasmCloudHost, 'eu-2');
    await expect.poll(() => told('host_stopped')).toMatchObject([{ source: three }]);
    await expect.poll(ping).toEqual([one, two]);

    // Its own voice is no legacy host.
    const { items } = await hub.client.list<HostObject>(WasmCloudHost);
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['hub-1']);
  });

  test('a host that is Unknown is silent, and back without a new start', async () => {
    await createHost(hub.client, 'hub-1', one);
    await owns(await startRepeater('solo'));
    await expect.poll(ping).toEqual([one]);
    const heard = listen();
    const unknown = { ...ready, status: 'Unknown' };
    await hub.client.patchStatus(WasmCloudHost, { metadata: { name: 'hub-1' } }, { conditions: [unknown] });
    await expect.poll(ping).toEqual([]);
    await hub.client.patchStatus(WasmCloudHost, { metadata: { name: 'hub-1' } }, { conditions: [ready] });
    await expect.poll(ping).toEqual([one]);
    expect(heard.filter(({ name }) => name !== 'host_heartbeat')).toEqual([]);
  });

  test('one repeater speaks at a time; another follows when it ends', async () => {
    await createHost(hub.client, 'hub-1', one);
    const first = await startRepeater('first');
    await owns(first);
    const second = await startRepeater('second');
    await expect.poll(ping).toEqual([one]);
    expect(second.repeater.ownedLattices).toEqual([]);
    await first.close();
    running.delete(first);
    await owns(second);
    await expect.poll(ping).toEqual([one]);
  });
});

/** A wasmCloud 1.x host as the lattice hears it: scripted, with nothing behind it. */
class LegacyHost {
  readonly id: string;
  readonly #connection: LatticeConnection;
  readonly #labels: Record<string, string>;
  readonly #subscriptions: { close(): void }[];
  inventory: Pick<HostInventory, 'components' | 'providers'> = { components: [], providers: [] };

  constructor(connection: LatticeConnection, id: string, hostLabels: Record<string, string> = {}) {
    this.#connection = connection;
    this.id = id;
    this.#labels = { 'hostcore.os': 'linux', 'hostcore.arch': 'x86_64', ...hostLabels };
    this.#subscriptions = [
      connection.subscribe(controlSubject.hostPing(LATTICE), ({ reply = '' }) =>
        connection.publish(reply, encodeJson(ctlOk(this.#host()))),
      ),
      connection.subscribe(controlSubject.hostGet(LATTICE, id), ({ reply = '' }) =>
        connection.publish(reply, encodeJson(ctlOk(this.#inventory()))),
      ),
    ];
  }

  beat(): void {
    this.#publish({ name: 'host_heartbeat', id: '1', source: this.id, data: this.#inventory() });
  }

  scale(component: string, max: number): void {
    const described = {
      id: component,
      image_ref: 'old:1',
      annotations: {},
      revision: 0,
      max_instances: max,
      limits: null,
    };
    this.inventory = { ...this.inventory, components: max === 0 ? [] : [described] };
    const data = { annotations: {}, host_id: this.id, image_ref: 'old:1', max_instances: max, component_id: component };
    this.#publish({ name: 'component_scaled', id: '1', source: this.id, data });
  }

  stop(): void {
    this.silence();
    this.#publish({ name: 'host_stopped', id: '1', source: this.id, data: { labels: this.#labels } });
  }

  silence(): void {
    for (const one of this.#subscriptions) one.close();
  }

  #publish(event: HostEvent): void {
    this.#connection.publish(
      eventSubject(LATTICE, event.name),
      encodeEvent({ ...event, time: '2026-01-01T00:00:00Z' }),
    );
  }

  #host(): Host {
    const about = { friendly_name: 'silent-moon-4242', version: '1.9.2', uptime_seconds: 64, labels: this.#labels };
    return { id: this.id, lattice: LATTICE, ...about };
  }

  #inventory(): HostInventory {
    const about = { friendly_name: 'silent-moon-4242', version: '1.9.2', uptime_human: '1m 4s', uptime_seconds: 64 };
    return { ...this.inventory, host_id: this.id, labels: this.#labels, ...about };
  }
}

describe('NATS to resources', () => {
  let legacy: LegacyHost;
  let id: string;
  const letters = 'DEFGHIJKLMNOPQ';
  let used = 0;
  beforeEach(() => {
    id = nkey(letters.charAt(used++));
  });
  afterEach(() => legacy.silence());

  const hostIn = async (cluster: TestApiServer): Promise<HostObject | undefined> =>
    cluster.client.find<HostObject>(WasmCloudHost, id.toLowerCase());
  const renewals = async (cluster: TestApiServer): Promise<unknown> => {
    const lease = await cluster.client.find<KubeObject<{ renewTime: string }>>(
      builtin.Lease,
      id.toLowerCase(),
      SYSTEM_NAMESPACE,
    );
    return lease?.spec.renewTime;
  };

  test('a legacy host becomes a WasmCloudHost with a Lease, and its inventory follows', async () => {
    legacy = new LegacyHost(tool, id, { zone: 'a' });
    await owns(await startRepeater('solo'));
    await expect
      .poll(async () => (await hostIn(hub))?.status, { timeout: 5_000 })
      .toMatchObject({
        hostId: id,
        runtime: 'wasmcloud',
        version: '1.9.2',
        friendlyName: 'silent-moon-4242',
        lattice: LATTICE,
        allocatable: { instances: '10000' },
        actors: 0,
        conditions: [{ type: 'Ready', status: 'True' }],
      });
    const host = await hostIn(hub);
    expect(host?.spec.lattices).toEqual([LATTICE]);
    expect(host?.metadata.labels).toMatchObject({ zone: 'a', 'hostcore.arch': 'x86_64' });

    const lease = await hub.client.get(builtin.Lease, id.toLowerCase(), SYSTEM_NAMESPACE);
    expect(lease.spec).toMatchObject({ holderIdentity: id, leaseDurationSeconds: 40 });
    const before = await renewals(hub);
    await expect.poll(async () => (await renewals(hub)) !== before).toBe(true);

    legacy.scale('hello', 7);
    await expect
      .poll(async () => (await hostIn(hub))?.status)
      .toMatchObject({
        actors: 1,
        instances: 7,
        inventory: { components: [{ id: 'hello', image: 'old:1', instances: 7 }], providers: [] },
      });
  });

  test('what nothing changed is not written again', async () => {
    legacy = new LegacyHost(tool, id);
    await owns(await startRepeater('solo'));
    await expect.poll(async () => (await hostIn(hub))?.status?.inventory, { timeout: 5_000 }).toBeDefined();
    const version = (await hostIn(hub))?.metadata.resourceVersion;
    for (let beats = 0; beats < 5; beats++) {
      legacy.beat();
      await sleep(50);
    }
    expect((await hostIn(hub))?.metadata.resourceVersion).toBe(version);
  });

  test('the label kasmcloud.io/cluster chooses the member', async () => {
    legacy = new LegacyHost(tool, id, { [labels.cluster]: 'eu' });
    legacy.beat();
    await owns(await startRepeater('solo'));
    await expect.poll(async () => (await hostIn(eu))?.status?.runtime, { timeout: 5_000 }).toBe('wasmcloud');
    expect(await hostIn(hub)).toBeUndefined();
  });

  test('a host that stops is not Ready and not renewed', async () => {
    legacy = new LegacyHost(tool, id);
    await owns(await startRepeater('solo'));
    const readyOf = async (): Promise<string | undefined> => (await hostIn(hub))?.status?.conditions?.[0]?.status;
    await expect.poll(readyOf, { timeout: 5_000 }).toBe('True');
    legacy.stop();
    await expect.poll(readyOf).toBe('False');
    const last = await renewals(hub);
    await sleep(500);
    expect(await renewals(hub)).toBe(last);
  });

  test('a host that the scheduler doubted takes Ready back', async () => {
    legacy = new LegacyHost(tool, id);
    await owns(await startRepeater('solo'));
    const condition = async (): Promise<Condition | undefined> => (await hostIn(hub))?.status?.conditions?.[0];
    await expect.poll(condition, { timeout: 5_000 }).toMatchObject({ status: 'True' });
    const doubt = { ...ready, status: 'Unknown', reason: 'HostSuspect' };
    await hub.client.patchStatus(WasmCloudHost, { metadata: { name: id.toLowerCase() } }, { conditions: [doubt] });
    await expect.poll(condition).toMatchObject({ status: 'True', reason: 'HostAlive' });
  });

  test('malformed payloads are counted, and the rest goes on', async () => {
    legacy = new LegacyHost(tool, id);
    await owns(await startRepeater('solo'));
    const subject = eventSubject(LATTICE, 'host_heartbeat');
    const strange = { specversion: '1.0', id: '1', type: 'com.wasmcloud.lattice.host_heartbeat', source: 'not-a-key' };
    for (const payload of [
      empty,
      Uint8Array.of(0xff),
      encodeJson({}),
      encodeJson({ ...strange, data: legacy.inventory }),
    ])
      tool.publish(subject, payload);
    const liar = tool.subscribe(controlSubject.hostPing(LATTICE), ({ reply = '' }) =>
      tool.publish(reply, encodeJson({})),
    );
    await expect.poll(async () => metrics.render()).toMatch(/repeater_refused_payloads_total\{kind="event"\} 4/);
    await expect.poll(async () => metrics.render()).toMatch(/repeater_refused_payloads_total\{kind="ping"\} \d/);
    await expect.poll(async () => (await hostIn(hub))?.status?.runtime).toBe('wasmcloud');
    liar.close();
  });

  test('NATS is killed and comes back: the host is renewed again', async () => {
    legacy = new LegacyHost(tool, id);
    await owns(await startRepeater('solo'));
    await expect.poll(async () => renewals(hub), { timeout: 5_000 }).toBeDefined();
    await nats.stop('SIGKILL');
    await nats.restart();
    await tool.connected({ timeoutMs: 5_000 });
    const before = await renewals(hub);
    await expect.poll(async () => (await renewals(hub)) !== before, { timeout: 5_000 }).toBe(true);
  });
});
