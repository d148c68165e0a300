import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  builtin,
  conditionTypes,
  findCondition,
  labels,
  SYSTEM_NAMESPACE,
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudLink,
  WasmCloudProvider,
  type ActorObject,
  type HostObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { connectLattice } from '@kasmcloud/lattice';
import { registryUser, startDockerRegistry } from '@kasmcloud/testing';
import { afterAll, expect, test } from 'vitest';
import { eventually, get, Hosts, image, LATTICE } from './host.fixture.ts';

const hello = image('examples/hello/hello.wasm');
const front = image('test/fixtures/components/front.wasm');
const mirror = image('test/fixtures/components/mirror.wasm');
const greeter = image('test/fixtures/components/greeter.wasm');

const registry = await startDockerRegistry({ users: true });
const hosts = await Hosts.start({ KASMCLOUD_OCI_INSECURE: registry?.host ?? '' });
const { server, nats, actor, provider, link, httpLink, readyOf } = hosts;
afterAll(async () => {
  await hosts.close();
  await registry?.close();
});

test('a host registers with its labels and renews its Lease', async () => {
  await eventually(async () => {
    const host = await server.client.get<HostObject>(WasmCloudHost, 'host-a');
    expect(host.metadata.labels).toMatchObject({ rack: '7', 'hostcore.osfamily': 'unix' });
    expect(host.spec.lattices).toEqual(['*']);
    expect(host.status).toMatchObject({ runtime: 'kasmcloud', allocatable: { instances: 10_000 } });
    expect(host.status?.hostId).toMatch(/^N[A-Z2-7]{55}$/);
    expect(findCondition(host.status?.conditions, conditionTypes.ready)?.status).toBe('True');
    await server.client.get(builtin.Lease, 'host-a', SYSTEM_NAMESPACE);
  });
});

test('an actor behind the HTTP server answers, with its config, which may change while it runs', async () => {
  const metadata = { name: 'greeting', namespace: LATTICE, labels: { [labels.config]: '' } };
  await server.client.create(builtin.ConfigMap, { metadata, data: { greeting: 'good morning' } });
  await actor('web', { config: ['greeting'] });
  await provider('web-http', 'host-a');
  const port = await httpLink('web-http', 'web');
  await eventually(async () => expect(await get(port)).toBe('200 good morning from host-a'));
  const object = await server.client.get<ActorObject>(WasmCloudActor, 'web', LATTICE);
  const digest = createHash('sha256')
    .update(await readFile(new URL(hello)))
    .digest('hex');
  expect(object.status).toMatchObject({ instances: 2, imageDigest: `sha256:${digest}` });
  await server.client.patch(
    builtin.ConfigMap,
    'greeting',
    LATTICE,
    { data: { greeting: 'good evening' } },
    { type: 'merge' },
  );
  await eventually(async () => expect(await get(port)).toBe('200 good evening from host-a'));
});

test('metrics tell what each actor did, and how full it is', async () => {
  const read = async (name: string): Promise<number> => {
    const text = (await hosts.metrics[0]?.render()) ?? '';
    const line = text.split('\n').find((one) => one.startsWith(`kasmcloud_${name}`));
    return Number(line?.split(' ').at(-1));
  };
  const ofActor = 'lattice="shop",actor="counted"';
  await actor('counted', { instances: 7 });
  await provider('counted-http', 'host-a');
  const port = await httpLink('counted-http', 'counted');
  await eventually(async () => expect(await get(port)).toMatch(/^200/));
  const before = await read(`actor_calls_total{${ofActor},ending="value"}`);
  expect(before).toBeGreaterThan(0);
  await Promise.all(Array.from({ length: 20 }, () => get(port)));
  await eventually(async () => expect(await read(`actor_calls_total{${ofActor},ending="value"}`)).toBe(before + 20));
  expect(await read(`actor_call_duration_seconds_count{${ofActor}}`)).toBe(before + 20);
  expect(await read(`actor_call_duration_seconds_bucket{${ofActor},le="+Inf"}`)).toBe(before + 20);
  expect(await read(`actor_call_duration_seconds_sum{${ofActor}}`)).toBeGreaterThan(0);
  expect(await read(`actor_instances{${ofActor}}`)).toBe(7);
  expect(await read(`actor_calls_waiting{${ofActor}}`)).toBe(0);
  expect(await read(`actor_calls_total{${ofActor},ending="trap"}`)).toBe(0);
});

test('a component on one host calls one on another, and in its own process', async () => {
  await actor('front', { image: front, hostName: 'host-a' });
  await actor('greeter', { image: greeter, hostName: 'host-b' });
  await provider('front-http', 'host-b');
  const port = await httpLink('front-http', 'front');
  const inboxes = new Set<string>();
  const spy = await connectLattice({ servers: nats.url, name: 'spy' });
  spy.subscribe(`${LATTICE}.greeter.wrpc.>`, ({ reply = '' }) => inboxes.add(reply.split('.', 2).join('.')));
  await spy.flush({ timeoutMs: 5_000 });
  await link('front-greeter', {
    source: 'front',
    target: 'greeter',
    witNamespace: 'example',
    witPackage: 'greet',
    interfaces: ['greeter'],
  });
  let answer = '';
  await eventually(async () => {
    answer = await get(port);
    expect(answer).toMatch(/^200 .*\w/);
  });
  // The first call is the main thread's; then the thread of the caller makes them, over a connection of its own.
  await eventually(async () => {
    expect(await get(port)).toBe(answer);
    expect(inboxes.size).toBeGreaterThan(1);
  });
  await spy.close();
  await server.client.delete(WasmCloudActor, 'greeter', LATTICE);
  await eventually(async () => expect(await get(port)).not.toMatch(/^200/));
  await actor('greeter-here', { id: 'greeter', image: greeter, hostName: 'host-a' });
  await eventually(async () => expect(await get(port)).toBe(answer));
  await server.client.delete(WasmCloudLink, 'front-greeter', LATTICE);
  await eventually(async () => expect(await get(port)).not.toMatch(/^200/));
});

test('a new image takes over without a lost request, and a bad one takes nothing away', async () => {
  await actor('swap', {});
  await provider('swap-http', 'host-a');
  const port = await httpLink('swap-http', 'swap');
  await eventually(async () => expect(await get(port)).toMatch(/^200 hello/));
  const answers: string[] = [];
  const stop = new AbortController();
  const asking = (async () => {
    while (!stop.signal.aborted) answers.push(await get(port));
  })();
  const set = (to: string): Promise<unknown> =>
    server.client.patch(WasmCloudActor, 'swap', LATTICE, { spec: { image: to } }, { type: 'merge' });
  await set('file:///nowhere/x.wasm');
  await eventually(async () =>
    expect(await readyOf(WasmCloudActor, 'swap')).toMatchObject({ status: 'False', reason: 'ImagePullFailed' }),
  );
  await eventually(() => Promise.resolve(expect(answers.length).toBeGreaterThan(5)));
  await set(mirror);
  await eventually(async () => expect(await readyOf(WasmCloudActor, 'swap')).toMatchObject({ status: 'True' }));
  await eventually(async () => expect(await get(port)).toBe('200'));
  stop.abort();
  await asking;
  // The mirror answers an empty request with an empty body: every answer is of the one or of the other.
  expect(new Set(answers)).toEqual(new Set(['200 hello from host-a', '200']));
});

test.for([
  { name: 'missing-file', image: 'file:///nowhere/x.wasm', reason: 'ImagePullFailed', text: '/nowhere/x.wasm' },
  { name: 'wrong-digest', image: `${hello}@sha256:${'0'.repeat(64)}`, reason: 'DigestMismatch', text: 'has digest' },
  { name: 'latest', image: 'ghcr.io/acme/x', reason: 'ImageRefused', text: 'name a version or a digest' },
  { name: 'away', image: '127.0.0.1:1/acme/x:1', reason: 'RegistryUnavailable', text: '127.0.0.1:1 cannot be reached' },
  { name: 'not-wasm', image: image('LICENSE'), reason: 'InvalidComponent', text: '' },
])('$name is refused: $reason', async ({ name, image: reference, reason, text }) => {
  await actor(name, { image: reference });
  await eventually(async () => {
    const ready = await readyOf(WasmCloudActor, name);
    expect(ready).toMatchObject({ status: 'False', reason });
    expect(ready?.message).toContain(text);
    const events = await server.client.list<EventObject>(builtin.Event, { namespace: LATTICE });
    const told = events.items.filter(({ regarding }) => regarding.name === name);
    expect(told).toContainEqual(expect.objectContaining({ type: 'Warning', reason, note: ready?.message }));
  });
});

type EventObject = KubeObject & { readonly regarding: { readonly name: string } };

/** A pull Secret for the registry, or one that it refuses. */
async function pullSecret(name: string, password: string): Promise<void> {
  const auths = { [registry?.host ?? '']: { username: registryUser.username, password } };
  await server.client.create(builtin.Secret, {
    metadata: { name, namespace: LATTICE },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
  });
}

test.skipIf(registry === undefined)(
  'an image of a registry (docker-registry) is pulled with a Secret, and another tag takes over without a lost request',
  async () => {
    await registry?.push('acme/swap', '1', await readFile(new URL(hello)));
    await registry?.push('acme/swap', '2', await readFile(new URL(mirror)));
    const reference = (tag: string): string => `${registry?.host}/acme/swap:${tag}`;
    await pullSecret('pull', registryUser.password);
    await actor('pulled', { image: reference('1'), secrets: ['pull'] });
    await provider('pulled-http', 'host-a');
    const port = await httpLink('pulled-http', 'pulled');
    await eventually(async () => expect(await get(port)).toMatch(/^200 hello/));
    const answers: string[] = [];
    const stop = new AbortController();
    const asking = (async () => {
      while (!stop.signal.aborted) answers.push(await get(port));
    })();
    const patch = { spec: { image: reference('2') } };
    await server.client.patch(WasmCloudActor, 'pulled', LATTICE, patch, { type: 'merge' });
    await eventually(async () => expect(await get(port)).toBe('200'));
    stop.abort();
    await asking;
    expect(answers.filter((answer) => !['200 hello from host-a', '200'].includes(answer))).toEqual([]);
    const object = await server.client.get<ActorObject>(WasmCloudActor, 'pulled', LATTICE);
    expect(object.status?.image).toBe(reference('2'));
  },
);

test.skipIf(registry === undefined)(
  'a registry (docker-registry) that refuses is told by its reason, tried again at ever longer times, and then obeyed',
  async () => {
    await registry?.push('acme/closed', '1', await readFile(new URL(hello)));
    await pullSecret('wrong', 'not the password');
    await actor('closed', { image: `${registry?.host}/acme/closed:1`, secrets: ['wrong'] });
    await eventually(async () =>
      expect(await readyOf(WasmCloudActor, 'closed')).toMatchObject({ status: 'False', reason: 'PullUnauthorized' }),
    );
    await eventually(async () => {
      const ready = await readyOf(WasmCloudActor, 'closed');
      expect(ready).toMatchObject({ status: 'False', reason: 'ImagePullBackOff' });
      expect(ready?.message).toMatch(/PullUnauthorized: .*; tried 2 times, again at /);
    });
    await pullSecret('right', registryUser.password);
    const patch = { spec: { secrets: ['right'] } };
    await server.client.patch(WasmCloudActor, 'closed', LATTICE, patch, { type: 'merge' });
    await eventually(async () => expect(await readyOf(WasmCloudActor, 'closed')).toMatchObject({ status: 'True' }));
  },
);

test('missing config, an unknown provider, an address taken and an id twice are told', async () => {
  await actor('no-config', { config: ['nowhere'] });
  await actor('twice-a', { id: 'twice' });
  await eventually(async () => expect(await readyOf(WasmCloudActor, 'twice-a')).toMatchObject({ status: 'True' }));
  await actor('twice-b', { id: 'twice' });
  await server.client.create(WasmCloudProvider, {
    metadata: { name: 'blobs', namespace: LATTICE },
    spec: { hostName: 'host-a', id: 'blobs', image: 'ghcr.io/wasmcloud/sqldb-postgres:0.9.0' },
  });
  await provider('one-http', 'host-a');
  const port = await httpLink('one-http', 'twice');
  await eventually(async () => expect(await get(port)).toMatch(/^200 hello/));
  await provider('two-http', 'host-a');
  await link('two-twice', {
    source: 'two-http',
    target: 'twice',
    witNamespace: 'wasi',
    witPackage: 'http',
    interfaces: ['incoming-handler'],
    sourceConfig: ['one-http-twice'],
  });
  await eventually(async () => {
    expect(await readyOf(WasmCloudActor, 'no-config')).toMatchObject({ reason: 'ConfigMissing' });
    expect(await readyOf(WasmCloudActor, 'twice-b')).toMatchObject({ reason: 'IdTaken' });
    expect(await readyOf(WasmCloudProvider, 'blobs')).toMatchObject({ reason: 'NotSupported' });
    expect(await readyOf(WasmCloudProvider, 'two-http')).toMatchObject({ reason: 'AddressTaken' });
  });
});

test('NATS goes away and comes back: calls in the process go on, calls over the lattice resume', async () => {
  await actor('far', { hostName: 'host-b' });
  await provider('far-http', 'host-a');
  const port = await httpLink('far-http', 'far');
  await eventually(async () => expect(await get(port)).toMatch(/^200 hello/));
  await nats.stop('SIGKILL');
  expect(await get(port)).toMatch(/^50[34]/);
  await nats.restart();
  await eventually(async () => expect(await get(port)).toMatch(/^200 hello/));
});
