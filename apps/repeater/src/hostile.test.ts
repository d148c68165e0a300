// What strangers may send on NATS besides requests (control/fuzz.test.ts): events, answers, and what they leave in the buckets.
import { builtin, WasmCloudActor, WasmCloudHost, WasmCloudLink, type HostObject } from '@kasmcloud/kube-api';
import { openBucket } from '@kasmcloud/lattice';
import { configBucket, controlSubject, encodeJson, eventSubject, latticeBucket } from '@kasmcloud/wire';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { BridgeWorld, grant, LATTICE, LATTICE_RIGHTS, nkey } from './bridge.fixture.ts';
import { LegacyHost } from './legacy/legacy-host.fixture.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 90_000 });
const patiently = { timeout: 90_000, interval: 100 };
const [ours, theirs, stranger] = [nkey('A'), nkey('B'), nkey('C')];

let world: BridgeWorld;
let legacy: LegacyHost;
beforeAll(async () => {
  world = await BridgeWorld.start();
  await grant(world.hub, LATTICE_RIGHTS);
  await world.host(world.hub, 'hub-1', ours);
  legacy = new LegacyHost(world.tool, theirs);
  await world.repeater('solo');
  await vi.waitUntil(async () => (await shown(theirs)) !== undefined, patiently);
});
afterAll(async () => world.close());

const shown = async (id: string): Promise<HostObject | undefined> =>
  world.hub.client.find<HostObject>(WasmCloudHost, id.toLowerCase());

const told = {
  components: [{ id: 'hello', image_ref: 'r:1', annotations: {}, revision: 0, max_instances: 1, limits: null }],
  providers: [{ id: 'http', image_ref: 'http:1', revision: 0, annotations: {} }],
  host_id: stranger,
  friendly_name: 'stranger',
  labels: { zone: 'a' },
  version: '1.9.2',
  uptime_human: '1s',
  uptime_seconds: 1,
};
const link = { source_id: 'a', target: 'b', wit_namespace: 'wasi', wit_package: 'http', interfaces: ['x'] };
const strange = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('', '__proto__', '../../etc', 'a.b', '*', '>', '\u0000', 'ü'.repeat(2_000), 'x'.repeat(3_000)),
  fc.constantFrom<unknown>(
    -1,
    0.5,
    2 ** 53,
    1e308,
    null,
    true,
    [],
    {},
    Array.from({ length: 5_000 }, () => 'x'),
  ),
);
/** A whole, one part of which may be anything, that may be cut off; or any bytes. */
const spoilt = (whole: object): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc
      .tuple(fc.constantFrom(...Object.keys(whole)), strange)
      .map(([key, part]) => encodeJson({ ...whole, [key]: part })),
    fc.nat(400).map((end) => encodeJson(whole).subarray(0, end)),
  );
const sample = (whole: object, seed: number, numRuns = 60): Uint8Array[] => fc.sample(spoilt(whole), { seed, numRuns });

/** The repeater hears both kinds of hosts, answers, and mirrors. */
async function livesOn(probe: string): Promise<void> {
  legacy.scale(probe, 1);
  await expect
    .poll(async () => (await shown(theirs))?.status?.inventory?.components?.map(({ id }) => id), patiently)
    .toContain(probe);
  const put = await world.ask(controlSubject.configPut(LATTICE, probe), { a: '1' });
  expect(put).toEqual({ success: true, message: 'successfully put config' });
  const bucket = await openBucket(world.tool, configBucket(LATTICE), { timeoutMs: 10_000 });
  await expect.poll(async () => (await bucket.get(probe))?.value, patiently).toBeDefined();
  expect((await world.ask(controlSubject.hostGet(LATTICE, ours))).success).toBe(true);
}

test('events: whoever is said to have sent them, a KasmCloud host is never taken for another', async () => {
  const before = await world.hub.client.get(WasmCloudHost, 'hub-1');
  const data: Record<string, object> = {
    host_started: told,
    host_heartbeat: told,
    host_stopped: { labels: {} },
    component_scaled: { component_id: 'hello', image_ref: 'r:1', max_instances: 1, annotations: {} },
    component_scale_failed: { component_id: 'hello', image_ref: 'r:1', max_instances: 1, error: 'no' },
    provider_started: { provider_id: 'http', image_ref: 'http:1', annotations: {} },
    provider_start_failed: { provider_id: 'http', provider_ref: 'http:1', error: 'no' },
    provider_stopped: { provider_id: 'http', annotations: {}, reason: 'stop' },
    health_check_failed: { provider_id: 'http' },
    linkdef_set: link,
    linkdef_deleted: link,
    config_set: { config_name: 'c' },
    labels_changed: { labels: { zone: 'b' } },
    explode: { any: 1 },
  };
  for (const [seed, [name, whole]] of Object.entries(data).entries())
    for (const source of [ours, stranger, 'not-a-key', '>']) {
      const envelope = { specversion: '1.0', id: '1', type: `com.wasmcloud.lattice.${name}`, source };
      for (const payload of sample({ ...envelope, data: whole }, seed, 15)) send(name, payload);
      for (const payload of sample(whole, seed, 15)) {
        const part = fc.sample(strange, { seed, numRuns: 1 })[0];
        send(name, payload);
        send(name, encodeJson({ ...envelope, data: { ...whole, labels: part, components: part } }));
      }
    }
  await livesOn('after-events');
  const after = await world.hub.client.get(WasmCloudHost, 'hub-1');
  expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  const { items } = await world.hub.client.list(WasmCloudHost);
  const known = ['hub-1', theirs.toLowerCase(), stranger.toLowerCase()];
  expect(items.map(({ metadata }) => metadata.name).filter((name) => !known.includes(name))).toEqual([]);
});

const send = (name: string, payload: Uint8Array): void => world.tool.publish(eventSubject(LATTICE, name), payload);

test('answers: a liar on the subjects of hosts keeps nobody from being heard', async () => {
  const about = {
    id: stranger,
    lattice: LATTICE,
    labels: {},
    friendly_name: 'liar',
    uptime_seconds: 1,
    version: '1.9.2',
  };
  const lies = {
    ping: [...sample({ success: true, message: '', response: about }, 1), ...sample(about, 2)],
    get: [...sample({ success: true, message: '', response: told }, 3), ...sample(told, 4)],
  };
  let count = 0;
  const lie = (of: Uint8Array[], reply: string | undefined): void => {
    if (reply !== undefined) world.tool.publish(reply, of[count++ % of.length]);
  };
  const liars = [
    world.tool.subscribe(controlSubject.hostPing(LATTICE), ({ reply }) => {
      for (let turn = 0; turn < 20; turn++) lie(lies.ping, reply);
      if (reply !== undefined) world.tool.publish(reply, encodeJson({ success: true, message: '', response: about }));
    }),
    world.tool.subscribe(controlSubject.hostGet(LATTICE, stranger), ({ reply }) => lie(lies.get, reply)),
  ];
  await expect.poll(() => count, patiently).toBeGreaterThan(200);
  await livesOn('after-answers');
  for (const one of liars) one.close();
});

test('buckets: what nobody can read stays there, and holds up nothing', async () => {
  const deadline = { timeoutMs: 30_000 };
  const configs = await openBucket(world.tool, configBucket(LATTICE), deadline);
  const lattice = await openBucket(world.tool, latticeBucket(LATTICE), deadline);
  const { client } = world.hub;
  const standing = async (): Promise<number> =>
    (await client.list(builtin.ConfigMap, { namespace: LATTICE })).items.length;
  for (const [at, payload] of sample({ url: 'r:1', links: [link, { ...link, name: 'x y' }] }, 5, 40).entries()) {
    await lattice.put(`COMPONENT_${at}`, payload);
    await lattice.put(`CLAIMS_${at}`, payload);
    await lattice.put(`odd/${at}=.x`, payload);
  }
  for (const [at, payload] of sample({ a: '1', 'not a key': '2' }, 6, 40).entries()) {
    await configs.put(`c${at}/=.n${'n'.repeat(at * 5)}`, payload);
    await configs.put(`SECRET_${at}`, payload);
  }
  await livesOn('after-buckets');
  expect(await standing()).toBeLessThan(100);
  for (const subject of [controlSubject.linkGet(LATTICE), controlSubject.claimsGet(LATTICE)])
    expect((await world.ask(subject)).success).toBe(true);
  const { items } = await client.list(WasmCloudLink, { namespace: LATTICE });
  expect(items.every(({ metadata }) => metadata.namespace === LATTICE)).toBe(true);
  expect((await client.list(WasmCloudActor, { namespace: 'default' })).items).toEqual([]);
});
