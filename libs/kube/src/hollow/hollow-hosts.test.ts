import {
  annotations,
  builtin,
  conditionTypes,
  findCondition,
  SYSTEM_NAMESPACE,
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudProvider,
  type ActorObject,
  type Condition,
  type HostObject,
} from '@kasmcloud/kube-api';
import { systemClock } from '@kasmcloud/reconcile';
import { startTestApiServer, type TestApiServer } from '@kasmcloud/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KubeClient } from '../client.ts';
import type { Lease } from '../lease.ts';
import { seededAnswers, type HollowAnswers } from './answers.ts';
import { HollowHosts, type HollowHostsOptions } from './hollow-hosts.ts';

const LATTICE = 'shop';
const wait = { timeout: 20_000, interval: 20 };

let server: TestApiServer;
let client: KubeClient;
let hosts: HollowHosts | undefined;
beforeEach(async () => {
  server = await startTestApiServer();
  await server.namespace(LATTICE);
  client = new KubeClient(server.target);
});
afterEach(async () => {
  await hosts?.close();
  await client.close();
  await server.close();
});

const start = (names: readonly string[], options: Partial<HollowHostsOptions> = {}): void => {
  hosts = new HollowHosts({
    client,
    clock: systemClock,
    random: Math.random,
    runtime: 'kasmcloud',
    labels: { rack: 'r1' },
    lattices: ['*'],
    allocatable: { instances: '50' },
    interfaces: ['wasi:config/store'],
    startedAt: '2026-01-01T00:00:00Z',
    leaseSeconds: 15,
    renewMs: 200,
    startDelayMs: 0,
    answers: seededAnswers({ seed: 1, failureRate: 0, badImages: ['file:///bad.wasm'] }),
    onError: () => undefined,
    ...options,
  });
  for (const name of names) hosts.add(name);
};

const place = (name: string, hostName: string, image = 'file:///good.wasm'): Promise<ActorObject> =>
  server.client.create<ActorObject>(WasmCloudActor, {
    metadata: { name, namespace: LATTICE },
    spec: { hostName, id: name, image, instances: 3 },
  });

const readyOf = async (name: string): Promise<Condition | undefined> => {
  const { status } = await server.client.get<ActorObject>(WasmCloudActor, name, LATTICE);
  return findCondition(status?.conditions, conditionTypes.ready);
};

const renewTimeOf = async (name: string): Promise<string | undefined> =>
  (await server.client.find<Lease>(builtin.Lease, name, SYSTEM_NAMESPACE))?.spec?.renewTime;

test('hosts register with their traits, renew, and tell how much runs on them', async () => {
  start(['h1', 'h2']);
  await place('echo', 'h1');
  await vi.waitFor(
    async () => expect(await readyOf('echo')).toMatchObject({ status: 'True', reason: 'Running' }),
    wait,
  );
  await vi.waitFor(async () => {
    const host = await server.client.get<HostObject>(WasmCloudHost, 'h1');
    expect(host.metadata.labels).toMatchObject({ rack: 'r1' });
    expect(host.spec.lattices).toEqual(['*']);
    expect(host.status).toMatchObject({
      runtime: 'kasmcloud',
      allocatable: { instances: '50' },
      interfaces: ['wasi:config/store'],
      actors: 1,
      instances: 3,
    });
    expect(findCondition(host.status?.conditions, conditionTypes.ready)).toMatchObject({ status: 'True' });
  }, wait);
  const before = await renewTimeOf('h2');
  await vi.waitFor(async () => expect(await renewTimeOf('h2')).not.toBe(before), wait);
  expect(hosts?.alive).toBe(2);
});

test('a workload is Ready after the start delay, and again after it is written anew', async () => {
  const startDelayMs = 400;
  start(['h1'], { startDelayMs });
  await vi.waitFor(() => expect(hosts?.alive).toBe(1), wait);
  const placedAt = performance.now();
  await place('echo', 'h1');
  await vi.waitFor(async () => expect(await readyOf('echo')).toMatchObject({ status: 'True' }), wait);
  expect(performance.now() - placedAt).toBeGreaterThan(startDelayMs);
  const spec = { image: 'file:///bad.wasm' };
  await server.client.patch(WasmCloudActor, 'echo', LATTICE, { spec }, { type: 'merge' });
  await vi.waitFor(
    async () => expect(await readyOf('echo')).toMatchObject({ status: 'False', reason: 'ImagePullFailed' }),
    wait,
  );
});

test('providers and what was there before are told of, what is placed on others is not', async () => {
  await place('early', 'h1');
  await place('elsewhere', 'h9');
  const spec = { hostName: 'h1', id: 'http', image: 'file:///provider.wasm' };
  await server.client.create(WasmCloudProvider, { metadata: { name: 'http', namespace: LATTICE }, spec });
  start(['h1']);
  await vi.waitFor(async () => {
    expect(await readyOf('early')).toMatchObject({ status: 'True' });
    const provider = await server.client.get<ActorObject>(WasmCloudProvider, 'http', LATTICE);
    expect(findCondition(provider.status?.conditions, conditionTypes.ready)).toMatchObject({ status: 'True' });
  }, wait);
  expect(await readyOf('elsewhere')).toBeUndefined();
});

test('a host that is annotated Silent neither renews nor tells, until the annotation goes', async () => {
  start(['h1']);
  await vi.waitFor(() => expect(hosts?.alive).toBe(1), wait);
  const say = (value: string | null): Promise<unknown> =>
    server.client.patch(
      WasmCloudHost,
      'h1',
      undefined,
      { metadata: { annotations: { [annotations.hollow]: value } } },
      { type: 'merge' },
    );
  await say('Silent');
  await vi.waitFor(() => expect(hosts?.alive).toBe(0), wait);
  await place('echo', 'h1');
  const before = await renewTimeOf('h1');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await renewTimeOf('h1')).toBe(before);
  expect(await readyOf('echo')).toBeUndefined();
  await say(null);
  await vi.waitFor(async () => expect(await readyOf('echo')).toMatchObject({ status: 'True' }), wait);
});

test('a host that somebody removed registers again, and takes back that it is Ready', async () => {
  start(['h1']);
  await vi.waitFor(() => expect(hosts?.alive).toBe(1), wait);
  const { metadata } = await server.client.get<HostObject>(WasmCloudHost, 'h1');
  await server.client.delete(WasmCloudHost, 'h1');
  await vi.waitFor(async () => {
    const host = await server.client.get<HostObject>(WasmCloudHost, 'h1');
    expect(host.metadata.uid).not.toBe(metadata.uid);
  }, wait);
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  const unknown = {
    type: conditionTypes.ready,
    status: 'Unknown',
    reason: 'HostSuspect',
    message: '',
    lastTransitionTime,
  };
  await server.client.patchStatus(WasmCloudHost, { metadata: { name: 'h1' } }, { conditions: [unknown] });
  await vi.waitFor(async () => {
    const host = await server.client.get<HostObject>(WasmCloudHost, 'h1');
    expect(findCondition(host.status?.conditions, conditionTypes.ready)?.status).toBe('True');
  }, wait);
});

test('what is silent is asked again, and no more once it was told', async () => {
  const asked: string[] = [];
  let isHeld = true;
  const answers: HollowAnswers = ({ key, host, generation }) => {
    asked.push(`${key} ${host} ${generation}`);
    return isHeld ? { kind: 'Silent' } : { kind: 'Running' };
  };
  start(['h1'], { answers });
  await place('echo', 'h1');
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(2), wait);
  expect(await readyOf('echo')).toBeUndefined();
  isHeld = false;
  await vi.waitFor(async () => expect(await readyOf('echo')).toMatchObject({ status: 'True' }), wait);
  expect(new Set(asked)).toEqual(new Set([`${LATTICE}/echo h1 1`]));
});

test('500 hosts open one watch per kind', async () => {
  const opened: string[] = [];
  const watch = client.watch.bind(client);
  vi.spyOn(client, 'watch').mockImplementation((kind, options) => {
    opened.push(kind.kind);
    return watch(kind, options);
  });
  start(
    Array.from({ length: 500 }, (_, index) => `h${index}`),
    { renewMs: 5_000 },
  );
  await vi.waitFor(() => expect(hosts?.alive).toBe(500), { timeout: 60_000, interval: 50 });
  const { items } = await server.client.list(builtin.Lease, { namespace: SYSTEM_NAMESPACE });
  expect(items.length).toBeGreaterThan(450);
  expect(opened.toSorted()).toEqual(['WasmCloudActor', 'WasmCloudHost', 'WasmCloudProvider']);
}, 70_000);
