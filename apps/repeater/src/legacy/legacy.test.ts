import { setTimeout as sleep } from 'node:timers/promises';
import {
  annotations,
  builtin,
  conditionTypes,
  findCondition,
  labels,
  SYSTEM_NAMESPACE,
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudProvider,
  type ActorObject,
  type Condition,
  type HostObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import type { LatticeConnection } from '@kasmcloud/lattice';
import type { TestApiServer } from '@kasmcloud/testing';
import { controlSubject, encodeJson, eventSubject } from '@kasmcloud/wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LATTICE, nkey, RepeaterWorld, type Started } from '../world.fixture.ts';
import { LegacyHost } from './legacy-host.fixture.ts';

const empty = new Uint8Array(0);
const ready: Condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Test',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};

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

/** On a machine that has more to do. */
const owns = async ({ repeater }: Started): Promise<void> => {
  await expect.poll(() => repeater.ownedLattices).toContain(LATTICE);
};

let id: string;
const letters = 'DEFGHIJKLMNOPQRSTUVWXYZ';
let used = 0;
let legacy: LegacyHost;
beforeEach(() => {
  id = nkey(letters.charAt(used++));
});
afterEach(() => legacy.silence());

const hostIn = async (cluster: TestApiServer, of = id): Promise<HostObject | undefined> =>
  cluster.client.find<HostObject>(WasmCloudHost, of.toLowerCase());
const renewals = async (cluster: TestApiServer): Promise<unknown> => {
  const lease = await cluster.client.find<KubeObject<{ renewTime: string }>>(
    builtin.Lease,
    id.toLowerCase(),
    SYSTEM_NAMESPACE,
  );
  return lease?.spec.renewTime;
};
const faultOf = async (): Promise<Condition | undefined> =>
  findCondition((await hostIn(hub))?.status?.conditions, conditionTypes.degraded);

describe('a legacy host', () => {
  test('a legacy host becomes a WasmCloudHost with a Lease, and its inventory follows', async () => {
    legacy = new LegacyHost(tool, id, { labels: { zone: 'a' } });
    await owns(await world.startRepeater());
    await expect
      .poll(async () => (await hostIn(hub))?.status)
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
    await owns(await world.startRepeater());
    await expect.poll(async () => (await hostIn(hub))?.status?.inventory).toBeDefined();
    const version = (await hostIn(hub))?.metadata.resourceVersion;
    for (let beats = 0; beats < 5; beats++) {
      legacy.beat();
      await sleep(50);
    }
    expect((await hostIn(hub))?.metadata.resourceVersion).toBe(version);
  });

  test('the label kasmcloud.io/cluster chooses the member', async () => {
    legacy = new LegacyHost(tool, id, { labels: { [labels.cluster]: 'eu' } });
    legacy.beat();
    await owns(await world.startRepeater());
    await expect.poll(async () => (await hostIn(eu))?.status?.runtime).toBe('wasmcloud');
    expect(await hostIn(hub)).toBeUndefined();
  });

  test('a host that stops is not Ready and not renewed', async () => {
    legacy = new LegacyHost(tool, id);
    await owns(await world.startRepeater());
    const readyOf = async (): Promise<string | undefined> => (await hostIn(hub))?.status?.conditions?.[0]?.status;
    await expect.poll(readyOf).toBe('True');
    legacy.stop();
    await expect.poll(readyOf).toBe('False');
    await sleep(300);
    const last = await renewals(hub);
    await sleep(500);
    expect(await renewals(hub)).toBe(last);
  });

  test('a host that the scheduler doubted takes Ready back', async () => {
    legacy = new LegacyHost(tool, id);
    await owns(await world.startRepeater());
    const condition = async (): Promise<Condition | undefined> => (await hostIn(hub))?.status?.conditions?.[0];
    await expect.poll(condition).toMatchObject({ status: 'True' });
    const doubt = { ...ready, status: 'Unknown', reason: 'HostSuspect' };
    await hub.client.patchStatus(WasmCloudHost, { metadata: { name: id.toLowerCase() } }, { conditions: [doubt] });
    await expect.poll(condition).toMatchObject({ status: 'True', reason: 'HostAlive' });
  });

  test('malformed payloads are counted, and the rest goes on', async () => {
    const soon = { timeout: 60_000 };
    legacy = new LegacyHost(tool, id);
    const started = await world.startRepeater();
    await owns(started);
    // From then on it hears everything.
    await expect.poll(async () => (await hostIn(hub))?.status?.runtime, soon).toBe('wasmcloud');
    const { metrics } = started;
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
    await expect.poll(async () => metrics.render(), soon).toMatch(/repeater_refused_payloads_total\{kind="event"\} 4/);
    await expect.poll(async () => metrics.render(), soon).toMatch(/repeater_refused_payloads_total\{kind="ping"\} \d/);
    await expect.poll(async () => (await hostIn(hub))?.status?.runtime, soon).toBe('wasmcloud');
    liar.close();
  });

  test('NATS is killed and comes back: the host is renewed again', async () => {
    legacy = new LegacyHost(tool, id);
    await owns(await world.startRepeater());
    await expect.poll(async () => renewals(hub)).toBeDefined();
    await world.nats.stop('SIGKILL');
    await world.nats.restart();
    await tool.connected({ timeoutMs: 5_000 });
    const before = await renewals(hub);
    await expect.poll(async () => (await renewals(hub)) !== before).toBe(true);
  });
});

describe('hosts that change', () => {
  test('the label kasmcloud.io/cluster moves it to the other member, and it is in one at a time', async () => {
    legacy = new LegacyHost(tool, id);
    legacy.scale('hello', 2);
    await owns(await world.startRepeater());
    await expect.poll(async () => actorsIn(hub)).toHaveLength(1);
    legacy.relabel({ [labels.cluster]: 'eu', zone: 'b' });
    await expect.poll(async () => actorsIn(eu)).toHaveLength(1);
    expect((await hostIn(eu))?.metadata.labels).toMatchObject({ zone: 'b' });
    await expect.poll(async () => hostIn(hub)).toBeUndefined();
    await expect.poll(async () => actorsIn(hub)).toEqual([]);
  });

  test('a host that comes back under its id is alive again, with what it runs now', async () => {
    legacy = new LegacyHost(tool, id);
    legacy.scale('hello', 2);
    await owns(await world.startRepeater());
    await expect.poll(async () => actorsIn(hub)).toHaveLength(1);
    legacy.stop();
    await expect.poll(async () => actorsIn(hub)).toEqual([]);
    // Its host_started was lost: only its answers tell.
    legacy = new LegacyHost(tool, id, { uptimeSeconds: 1, friendlyName: 'second' });
    legacy.inventory = { components: [], providers: [{ id: 'kv', revision: 0 }] };
    await expect
      .poll(async () => (await hostIn(hub))?.status)
      .toMatchObject({ friendlyName: 'second', providers: 1, actors: 0 });
    const conditions = (await hostIn(hub))?.status?.conditions;
    expect(findCondition(conditions, conditionTypes.ready)?.status).toBe('True');
  });

  test('a host with a new id is another host', async () => {
    legacy = new LegacyHost(tool, id);
    await owns(await world.startRepeater());
    await expect.poll(async () => (await hostIn(hub))?.status).toBeDefined();
    legacy.silence();
    const renewed = nkey(letters.charAt(used++));
    legacy = new LegacyHost(tool, renewed);
    await expect.poll(async () => (await hostIn(hub, renewed))?.status?.hostId).toBe(renewed);
    // Only its Lease, which nobody renews, says that the one before is gone.
    expect(await hostIn(hub)).toBeDefined();
  });

  test('of two hosts with one id the first counts, and the other is told', async () => {
    legacy = new LegacyHost(tool, id, { friendlyName: 'first' });
    await owns(await world.startRepeater());
    await expect.poll(async () => (await hostIn(hub))?.status?.friendlyName).toBe('first');
    const rival = new LegacyHost(tool, id, { friendlyName: 'second', uptimeSeconds: 9_000 });
    await expect.poll(faultOf).toMatchObject({ status: 'True', message: expect.stringContaining('second') });
    rival.beat();
    await sleep(300);
    expect((await hostIn(hub))?.status?.friendlyName).toBe('first');
    rival.silence();
    await expect.poll(faultOf).toMatchObject({ status: 'False' });
  });

  test('a host of another lattice does not take the name of one that is well', async () => {
    await hub.namespace('other', { [labels.lattice]: '' });
    legacy = new LegacyHost(tool, id);
    const started = await world.startRepeater();
    await owns(started);
    await expect.poll(async () => (await hostIn(hub))?.status?.lattice).toBe(LATTICE);
    const thief = new LegacyHost(tool, id, { lattice: 'other' });
    await expect
      .poll(async () => started.metrics.render())
      .toMatch(/repeater_refused_payloads_total\{kind="host"\} \d/);
    expect((await hostIn(hub))?.spec.lattices).toEqual([LATTICE]);
    thief.silence();
    await hub.client.delete(builtin.Namespace, 'other');
  });

  test('namespaces of Kubernetes are no lattices, with the label or without', async () => {
    await hub.namespace('kube-public', { [labels.lattice]: '' }).catch(() => undefined);
    legacy = new LegacyHost(tool, id, { lattice: 'kube-public' });
    const plain = new LegacyHost(tool, nkey('2'), { lattice: 'kube-system' });
    const started = await world.startRepeater();
    await owns(started);
    legacy.beat();
    plain.beat();
    await sleep(500);
    expect(started.repeater.ownedLattices).toEqual([LATTICE]);
    expect((await hub.client.list(WasmCloudHost)).items).toEqual([]);
    plain.silence();
  });
});

const actorsIn = async ({ client }: TestApiServer): Promise<ActorObject[]> => {
  const { items } = await client.list<ActorObject>(WasmCloudActor, { namespace: LATTICE });
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
};

describe('what runs on a legacy host', () => {
  test('becomes Actors and Providers marked as observed, and goes with it', async () => {
    legacy = new LegacyHost(tool, id);
    await owns(await world.startRepeater());
    await expect.poll(async () => (await hostIn(hub))?.status).toBeDefined();
    legacy.scale('hello', 7);
    legacy.startProvider('http');
    await expect
      .poll(async () => actorsIn(hub))
      .toMatchObject([
        {
          metadata: {
            labels: { [labels.observed]: '' },
            annotations: { [annotations.latticeAnnotations]: '{"wasmcloud.dev/managed-by":"wadm"}' },
            ownerReferences: [{ kind: 'WasmCloudHost', name: id.toLowerCase() }],
          },
          spec: { hostName: id.toLowerCase(), id: 'hello', image: 'old:1', instances: 7 },
        },
      ]);
    await expect
      .poll(async () => (await actorsIn(hub))[0]?.status)
      .toMatchObject({ instances: 7, image: 'old:1', conditions: [{ type: 'Ready', status: 'True' }] });
    const providers = await hub.client.list(WasmCloudProvider, { namespace: LATTICE });
    expect(providers.items).toMatchObject([{ spec: { id: 'http', image: 'http:1' } }]);
    legacy.scale('hello', 9);
    await expect.poll(async () => (await actorsIn(hub))[0]?.spec.instances).toBe(9);
    legacy.scale('hello', 0);
    await expect.poll(async () => actorsIn(hub)).toEqual([]);
  });

  test('is not shown twice: an Actor that somebody wished for stands for it', async () => {
    legacy = new LegacyHost(tool, id);
    legacy.scale('hello', 7);
    await owns(await world.startRepeater());
    await expect.poll(async () => actorsIn(hub)).toHaveLength(1);
    const spec = { hostName: id.toLowerCase(), id: 'hello', image: 'old:1', instances: 3 };
    await hub.client.create(WasmCloudActor, { metadata: { name: 'wished', namespace: LATTICE }, spec });
    await expect.poll(async () => (await actorsIn(hub)).map(({ metadata }) => metadata.name)).toEqual(['wished']);
    await hub.client.delete(WasmCloudActor, 'wished', LATTICE);
    await expect.poll(async () => (await actorsIn(hub))[0]?.spec.instances).toBe(7);
  });

  test('is put back when somebody else changes or deletes it', async () => {
    legacy = new LegacyHost(tool, id);
    legacy.scale('hello', 7);
    await owns(await world.startRepeater());
    await expect.poll(async () => actorsIn(hub)).toHaveLength(1);
    const name = (await actorsIn(hub))[0]?.metadata.name ?? '';
    const edit = { spec: { instances: 1 } };
    await hub.client.patch(WasmCloudActor, name, LATTICE, edit, { type: 'merge' });
    await expect.poll(async () => (await actorsIn(hub))[0]?.spec.instances).toBe(7);
    await hub.client.delete(WasmCloudActor, name, LATTICE);
    await expect.poll(async () => actorsIn(hub)).toHaveLength(1);
  });

  test('is counted, and not shown, where the member has no such lattice', async () => {
    await eu.client.patch(
      builtin.Namespace,
      LATTICE,
      undefined,
      { metadata: { labels: { [labels.lattice]: null } } },
      { type: 'merge' },
    );
    legacy = new LegacyHost(tool, id, { labels: { [labels.cluster]: 'eu' } });
    legacy.scale('hello', 7);
    await owns(await world.startRepeater());
    await expect
      .poll(async () => findCondition((await hostIn(eu))?.status?.conditions, conditionTypes.degraded))
      .toMatchObject({ status: 'True', message: expect.stringContaining('no namespace shop') });
    expect((await hostIn(eu))?.status?.actors).toBe(1);
    expect(await actorsIn(eu)).toEqual([]);
    await eu.client.patch(
      builtin.Namespace,
      LATTICE,
      undefined,
      { metadata: { labels: { [labels.lattice]: '' } } },
      { type: 'merge' },
    );
    legacy.beat();
    await expect.poll(async () => actorsIn(eu)).toHaveLength(1);
  });

  test('is counted and listed with its host alone where the lattice wants it so', async () => {
    legacy = new LegacyHost(tool, id);
    legacy.scale('hello', 7);
    await owns(await world.startRepeater());
    await expect.poll(async () => actorsIn(hub)).toHaveLength(1);
    const observe = async (how: string | null): Promise<unknown> => {
      const patch = { metadata: { annotations: { [annotations.observe]: how } } };
      return hub.client.patch(builtin.Namespace, LATTICE, undefined, patch, { type: 'merge' });
    };
    await observe('Hosts');
    await expect.poll(async () => actorsIn(hub)).toEqual([]);
    expect((await hostIn(hub))?.status).toMatchObject({ actors: 1, inventory: { components: [{ id: 'hello' }] } });
    await observe(null);
    await expect.poll(async () => actorsIn(hub)).toHaveLength(1);
  });

  test('is counted where its names are none in Kubernetes, and the host says so', async () => {
    legacy = new LegacyHost(tool, id);
    const component = { image_ref: 'r:1', revision: 0, max_instances: 4_294_967_295 };
    const strange = Array.from({ length: 500 }, (_, at) => ({ ...component, id: `no name ${at}` }));
    legacy.inventory = { components: [{ ...component, id: 'hello' }, ...strange], providers: [] };
    await owns(await world.startRepeater());
    await expect.poll(async () => (await actorsIn(hub))[0]?.spec.instances).toBe(1_000_000);
    await expect.poll(async () => (await faultOf())?.message).toMatch(/500 of what it runs/);
    expect((await hostIn(hub))?.status?.actors).toBe(501);
  });
});
