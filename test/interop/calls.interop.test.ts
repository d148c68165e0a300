import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { freePort } from '@kasmcloud/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/kasm.ts';
import { kubectlPath } from '../e2e/kubectl.ts';
import { CallWorld } from './call-world.ts';
import { peers } from './peers.ts';
import { image } from './sessions.ts';

const HTTP = 'wasi:http/incoming-handler';
const ASK = 'wasi:http/outgoing-handler';
const GREET = 'example:greet/greeter';
const KEYVALUE = 'wasi:keyvalue/store';
const HTTP_SERVER = 'ghcr.io/wasmcloud/http-server:0.27.0';
const WITHIN_MS = 60_000;

/** What is answered, asked until it is what one wants or the time is over: hosts learn of links in their own time. */
async function answered(url: string, want: string, init: RequestInit = {}): Promise<string> {
  let last = '';
  const ask = async (): Promise<boolean> => {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5_000) });
    last = `${response.status} ${await response.text()}`;
    return last === want;
  };
  await eventually(WITHIN_MS, ask).catch((error: unknown) => {
    if (last === '') throw error;
  });
  return last;
}

/** A server that is in no lattice: it says what it was asked for and what it heard. */
async function startFarServer(): Promise<AsyncDisposable & { readonly address: string }> {
  const port = await freePort();
  const server = createServer((request, response) => {
    void text(request).then((heard) => response.end(`${request.url} heard ${heard}`));
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const end = async (): Promise<void> => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  };
  return { address: `127.0.0.1:${port}`, [Symbol.asyncDispose]: end };
}

describe.skipIf(peers.host === undefined || kubectlPath === undefined)('calls between both kinds of hosts', () => {
  let world: CallWorld;
  beforeAll(async () => {
    world = await CallWorld.start(peers.host ?? '');
  });
  afterAll(async () => world.close());

  /** Our HTTP server in front of a component, wherever that runs. */
  async function ourHttp(id: string, target: string, port: number): Promise<string> {
    await world.link({ source: id, target, wit: HTTP, sourceConfig: { address: `0.0.0.0:${port}` } });
    await world.provider(id, HTTP_SERVER);
    return `http://${await world.endpoint(id)}`;
  }

  test('a custom interface: our actor calls theirs', async () => {
    await world.legacy.actor(world.theirs, 'greeter-1', image('greeter'));
    await world.link({ source: 'front-1', target: 'greeter-1', wit: GREET });
    await world.actor('front-1', 'front');
    const url = await ourHttp('http-1', 'front-1', 8001);
    expect(await answered(`${url}/Ada`, '200 Hello, Ada!')).toBe('200 Hello, Ada!');
  });

  test('a custom interface: their actor calls ours', async () => {
    await world.actor('greeter-2', 'greeter');
    await world.legacy.link({ source: 'front-2', target: 'greeter-2', wit: GREET });
    await world.legacy.actor(world.theirs, 'front-2', image('front'));
    const address = await world.legacy.http(world.theirs, 'http-2', 'front-2');
    expect(await answered(`http://${address}/Ada`, '200 Hello, Ada!')).toBe('200 Hello, Ada!');
  });

  const poem = 'a rose is '.repeat(50_000);
  const send = { method: 'POST', body: poem };

  test('wrpc:http: our server, their actor', async () => {
    await world.legacy.actor(world.theirs, 'mirror-3', image('mirror'));
    const url = await ourHttp('http-3', 'mirror-3', 8003);
    expect(await answered(url, `200 ${poem}`, send)).toBe(`200 ${poem}`);
  });

  test.skipIf(peers.httpServer === undefined)('wrpc:http: their server, our actor', async () => {
    await world.actor('mirror-4', 'mirror');
    const server = await world.archive('http-server', peers.httpServer ?? '');
    const address = await world.legacy.http(world.theirs, 'http-4', 'mirror-4', server);
    expect(await answered(`http://${address}`, `200 ${poem}`, send)).toBe(`200 ${poem}`);
  });

  test('wrpc:http: our actor hands on to theirs', async () => {
    await world.legacy.actor(world.theirs, 'mirror-6', image('mirror'));
    await world.link({ source: 'onward-6', target: 'mirror-6', wit: HTTP });
    await world.actor('onward-6', 'onward');
    const url = await ourHttp('http-6', 'onward-6', 8006);
    expect(await answered(url, `200 ${poem}`, send)).toBe(`200 ${poem}`);
  });

  test('wrpc:http: their actor asks the world through our client', async () => {
    await using far = await startFarServer();
    await world.provider('client-11', 'wasmcloud+builtin://http-client');
    const link = { source: 'proxy-11', target: 'client-11', wit: ASK };
    await world.link({ ...link, targetConfig: { allowed_hosts: far.address } });
    await world.legacy.link(link);
    await world.legacy.actor(world.theirs, 'proxy-11', image('proxy'), { config: { server: far.address } });
    const address = await world.legacy.http(world.theirs, 'http-11', 'proxy-11');
    expect(await answered(`http://${address}/far`, '200 /far heard ping')).toBe('200 /far heard ping');
  });

  test('wrpc:http: our actor asks the world through their client', async () => {
    await using far = await startFarServer();
    const link = { source: 'proxy-12', target: 'client-12', wit: ASK };
    await world.legacy.link(link);
    await world.legacy.provider(world.theirs, 'client-12', 'wasmcloud+builtin://http-client');
    await world.link(link);
    await world.actor('proxy-12', 'proxy', { server: far.address });
    const url = await ourHttp('http-12', 'proxy-12', 8012);
    // Their client sends no body with a GET.
    expect(await answered(`${url}/far`, '200 /far heard ')).toBe('200 /far heard ');
  });

  test('wrpc:keyvalue: our actor, a component of theirs that is a store', async () => {
    await world.legacy.actor(world.theirs, 'vault-7', image('vault'));
    await world.link({ source: 'hoard-7', target: 'vault-7', wit: KEYVALUE });
    await world.actor('hoard-7', 'hoard');
    const url = await ourHttp('http-7', 'hoard-7', 8007);
    expect(await answered(`${url}/20`, '200 20')).toBe('200 20');
  });

  test.each(['memory', 'nats'])('wrpc:keyvalue: their actor, our provider (%s)', async (kind) => {
    const [store, hoard] = [`${kind}-8`, `hoard-${kind}-8`];
    await world.provider(store, `wasmcloud+builtin://keyvalue-${kind}`);
    await world.link({ source: hoard, target: store, wit: KEYVALUE });
    await world.legacy.link({ source: hoard, target: store, wit: KEYVALUE });
    await world.legacy.actor(world.theirs, hoard, image('hoard'));
    const address = await world.legacy.http(world.theirs, `http-${kind}-8`, hoard);
    expect(await answered(`http://${address}/20`, '200 20')).toBe('200 20');
  });

  test.skipIf(peers.keyvalueNats === undefined)('wrpc:keyvalue: our actor, their provider', async () => {
    const targetConfig = { cluster_uri: world.natsUrl, bucket: 'hoard-9', enable_bucket_auto_create: 'true' };
    await world.link({ source: 'hoard-9', target: 'store-9', wit: KEYVALUE });
    await world.legacy.link({ source: 'hoard-9', target: 'store-9', wit: KEYVALUE, targetConfig });
    const store = await world.archive('keyvalue-nats', peers.keyvalueNats ?? '');
    await world.legacy.provider(world.theirs, 'store-9', store);
    await world.actor('hoard-9', 'hoard');
    const url = await ourHttp('http-9', 'hoard-9', 8009);
    expect(await answered(`${url}/20`, '200 20')).toBe('200 20');
  });

  test.skipIf(peers.httpServer === undefined)(
    'wrpc:http: their server as a process of our host, our actor',
    async () => {
      const address = `127.0.0.1:${await freePort()}`;
      await world.actor('mirror-10', 'mirror');
      await world.link({ source: 'http-10', target: 'mirror-10', wit: HTTP, sourceConfig: { address } });
      await world.provider('http-10', await world.archive('http-server', peers.httpServer ?? ''));
      expect(await answered(`http://${address}`, `200 ${poem}`, send)).toBe(`200 ${poem}`);
    },
  );
});
