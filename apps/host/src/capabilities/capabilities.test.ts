import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WasmCloudLink, WasmCloudProvider } from '@kasmcloud/kube-api';
import { connectLattice } from '@kasmcloud/lattice';
import { startRedis } from '@kasmcloud/testing';
import { buffer } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { eventually, get, Hosts, image, LATTICE } from '../host.fixture.ts';

const [hosts, redis] = await Promise.all([Hosts.start(), startRedis()]);
const { server, actor, provider, config, link, httpLink, readyOf } = hosts;
const nats = await connectLattice({ servers: hosts.nats.url, name: 'test' });
/** What the server at the other end of outgoing requests was asked. */
const asked: { request: IncomingMessage; body: string }[] = [];
const outside = createServer((request, response) => {
  void answerOutside(request, response);
});
async function answerOutside(request: IncomingMessage, response: ServerResponse): Promise<void> {
  asked.push({ request, body: (await buffer(request)).toString() });
  if (request.url === '/big') response.end(Buffer.alloc(5_000_000, 'x'));
  else if (request.url === '/cut') response.write('half', () => setTimeout(() => response.destroy(), 50));
  else response.end('pong');
}
await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
const outsidePort = (outside.address() as AddressInfo).port;
afterAll(async () => {
  outside.closeAllConnections();
  outside.close();
  await nats.close();
  await Promise.all([hosts.close(), redis.close()]);
});

const visits = image('examples/two-stacks/visits.wasm');
const keyvalue = { witNamespace: 'wasi', witPackage: 'keyvalue', interfaces: ['store', 'atomics', 'batch'] };

describe.for([
  ['keyvalue-memory', 'host-a'],
  ['keyvalue-memory', 'host-b'],
  ['keyvalue-nats', 'host-a'],
  ['keyvalue-nats', 'host-b'],
  ['keyvalue-redis', 'host-a'],
  ['keyvalue-redis', 'host-b'],
] as const)('an actor on host-a with %s on %s', ([kind, hostName]) => {
  test('counts', async () => {
    const id = `${kind}-${hostName}`;
    await config(id, kind === 'keyvalue-redis' ? { url: redis.url } : { bucket: id });
    await provider(id, hostName, `wasmcloud+builtin://${kind}`);
    await actor(`visits-${id}`, { image: visits });
    await provider(`http-${id}`, 'host-a');
    const port = await httpLink(`http-${id}`, `visits-${id}`);
    await link(`visits-${id}`, { source: `visits-${id}`, target: id, ...keyvalue, targetConfig: [id] });
    // Each has names of its own: both Redis stores are the same one.
    const name = `Ada-${hostName}`;
    await eventually(async () =>
      expect(await get(port, `/${name}`)).toMatch(/^200 Ada-host-[ab]: \d+ visits?, before/),
    );
    const before = Number(/: (\d+) /.exec(await get(port, `/${name}`))?.[1]);
    expect(await get(port, `/${name}`)).toBe(`200 ${name}: ${before + 1} visits, before: ${name}`);
    expect(await get(port, '/Bob')).toMatch(new RegExp(`^200 Bob: \\d+ visits?, before: ${name}$`));
    const ready = await readyOf(WasmCloudProvider, id);
    expect(ready).toMatchObject({ status: 'True', reason: 'Running' });
  });
});

test('without its link an actor has no store, and with a link to a Redis that is away it is told', async () => {
  await actor('unlinked', { image: visits });
  await provider('unlinked-http', 'host-a');
  const port = await httpLink('unlinked-http', 'unlinked');
  await eventually(async () => expect(await get(port)).toMatch(/^500/));
  await config('away', { url: 'redis://127.0.0.1:1' });
  await provider('redis-away', 'host-a', 'ghcr.io/wasmcloud/keyvalue-redis:0.28.1');
  await link('unlinked-away', { source: 'unlinked', target: 'redis-away', ...keyvalue, targetConfig: ['away'] });
  await eventually(async () => expect(await get(port)).toMatch(/^200 the store failed: /));
  await server.client.delete(WasmCloudLink, 'unlinked-away', LATTICE);
  await eventually(async () => expect(await get(port)).toMatch(/^500/));
});

test('config that a capability cannot use is told by the name of the link', async () => {
  await provider('redis-bad', 'host-a', 'ghcr.io/wasmcloud/keyvalue-redis:0.28.1');
  await link('nobody-redis-bad', { source: 'nobody', target: 'redis-bad', ...keyvalue });
  await provider('messages-bad', 'host-a', 'ghcr.io/wasmcloud/messaging-nats:0.23.0');
  await config('overhear', { subscriptions: 'wasmbus.>' });
  await link('messages-bad-nobody', {
    source: 'messages-bad',
    target: 'nobody',
    witNamespace: 'wasmcloud',
    witPackage: 'messaging',
    interfaces: ['handler'],
    sourceConfig: ['overhear'],
  });
  await eventually(async () => {
    expect(await readyOf(WasmCloudProvider, 'redis-bad')).toMatchObject({
      reason: 'InvalidConfig',
      message: expect.stringContaining('link shop/nobody-redis-bad: its target config needs url') as string,
    });
    expect(await readyOf(WasmCloudProvider, 'messages-bad')).toMatchObject({
      reason: 'InvalidConfig',
      message: expect.stringContaining('reserved') as string,
    });
  });
});

test.for(['host-a', 'host-b'])('an actor on host-a hears and speaks by messaging-nats on %s', async (hostName) => {
  const id = `parrot-${hostName}`;
  const source = `messages-${hostName}`;
  const messaging = { witNamespace: 'wasmcloud', witPackage: 'messaging' };
  await actor(id, { image: image('test/fixtures/components/parrot.wasm') });
  await config(source, { subscriptions: `${hostName}.talk.*` });
  await provider(source, hostName, 'ghcr.io/wasmcloud/messaging-nats:0.23.0');
  await link(`${source}-${id}`, { source, target: id, ...messaging, interfaces: ['handler'], sourceConfig: [source] });
  await link(`${id}-${source}`, { source: id, target: source, ...messaging, interfaces: ['consumer'] });
  const ask = async (text: string): Promise<string> => {
    const answer = await nats.request(`${hostName}.talk.a`, Buffer.from(text), { timeoutMs: 1_500 });
    return Buffer.from(answer.data).toString();
  };
  await eventually(async () => expect(await ask('hello')).toBe('heard: hello'));
  const clock = nats.subscribe(`${hostName}.time`, ({ reply = '' }) => nats.publish(reply, Buffer.from('noon')));
  await nats.flush({ timeoutMs: 5_000 });
  expect(await ask(`ask ${hostName}.time`)).toBe('answered: noon');
  clock.close();
  expect(await ask(`ask ${hostName}.nobody`)).toMatch(/^refused: /);
  expect(await ask('ask wasmbus.ctl.v1.shop.host.ping')).toBe(
    'refused: subject wasmbus.ctl.v1.shop.host.ping is reserved for the lattice itself',
  );
  const heard = Promise.withResolvers<string>();
  const listening = nats.subscribe(`${hostName}.talk.b.heard`, ({ data }) =>
    heard.resolve(Buffer.from(data).toString()),
  );
  nats.publish(`${hostName}.talk.b`, Buffer.from('no answer wanted'));
  expect(await heard.promise).toBe('heard: no answer wanted');
  listening.close();
});

describe.for(['host-a', 'host-b'])('an actor on host-a with the HTTP client on %s', (hostName) => {
  const id = `proxy-${hostName}`;
  const client = `client-${hostName}`;
  const outgoing = { witNamespace: 'wasi', witPackage: 'http', interfaces: ['outgoing-handler'] };

  test('asks the hosts that its link allows, and streams both ways', async () => {
    await config(`${id}-server`, { server: `127.0.0.1:${outsidePort}` });
    await actor(id, { image: image('test/fixtures/components/proxy.wasm'), config: [`${id}-server`] });
    await provider(`http-${id}`, 'host-a');
    const port = await httpLink(`http-${id}`, id);
    // No link, no request.
    await eventually(async () => expect(await get(port, '/x')).toBe('502'));
    await provider(client, hostName, 'ghcr.io/wasmcloud/http-client:0.12.0');
    await config(client, { allowed_hosts: `*.example.com, 127.0.0.1:${outsidePort}` });
    await link(id, { source: id, target: client, ...outgoing, targetConfig: [client] });
    await eventually(async () => expect(await get(port, '/tea?milk=no')).toBe('200 pong'));
    const last = asked.at(-1);
    expect(last?.body).toBe('ping');
    expect(last?.request.url).toBe('/tea?milk=no');
    expect(last?.request.headers.host).toBe(`127.0.0.1:${outsidePort}`);
    const big = await fetch(`http://127.0.0.1:${port}/big`, { signal: AbortSignal.timeout(15_000) });
    expect((await big.arrayBuffer()).byteLength).toBe(5_000_000);
    expect(await get(port, '/cut')).toBe('200 half');
  });

  test('a link that allows every host does not allow those of private networks', async () => {
    const before = asked.length;
    const open = `open-${hostName}`;
    await actor(open, { image: image('test/fixtures/components/proxy.wasm'), config: [`${id}-server`] });
    await provider(`http-${open}`, 'host-a');
    const port = await httpLink(`http-${open}`, open);
    await link(open, { source: open, target: client, ...outgoing });
    await eventually(async () => expect(await get(port, '/x')).toBe('502'));
    expect(asked).toHaveLength(before);
  });
});
