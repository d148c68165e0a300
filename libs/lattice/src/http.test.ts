import { setTimeout as sleep } from 'node:timers/promises';
import { startNats, type NatsServer } from '@kasmcloud/testing';
import type { HttpHeader, HttpRequest } from '@kasmcloud/wrpc';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { connectLattice } from './connect.ts';
import type { LatticeConnection } from './connection.ts';
import { HttpCodeError, invokeHttp, serveHttp, type HttpHandler } from './http.ts';
import type { ServedFunction } from './serve.ts';

let nats: NatsServer;
let client: LatticeConnection;
let server: LatticeConnection;
let count = 0;
let closing: ServedFunction[] = [];

beforeAll(async () => {
  nats = await startNats();
  client = await connectLattice({ servers: nats.url, name: 'client' });
  server = await connectLattice({ servers: nats.url, name: 'server' });
});
afterEach(async () => {
  // Nothing of a finished exchange stays behind.
  await vi.waitUntil(() => client.inbox.size + server.inbox.size === 0, { timeout: 5_000 });
  for (const one of closing) one.close();
  closing = [];
});
afterAll(async () => {
  await client.close();
  await server.close();
  await nats.close();
});

const get: HttpRequest = { method: 'GET', pathWithQuery: '/', scheme: 'http', authority: 'localhost', headers: [] };
const served = async (handler: HttpHandler): Promise<{ lattice: string; target: string }> => {
  const address = { lattice: 'default', target: `web-${count++}` };
  closing.push(serveHttp(server, address, handler));
  await server.flush({ timeoutMs: 2_000 });
  return address;
};
async function* chunks(...all: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of all) yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
}
const text = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const all: Uint8Array[] = [];
  for await (const chunk of body) all.push(chunk);
  return Buffer.concat(all).toString();
};

test('a request with body and trailers, answered in kind', async () => {
  const address = await served(async (request) => {
    const body = await text(request.body);
    const trailers = await request.trailers;
    return {
      status: 201,
      headers: [['x-seen', `${request.method} ${request.scheme}://${request.authority}${request.pathWithQuery}`]],
      body: chunks('you said ', body, '', '!'),
      trailers: Promise.resolve<HttpHeader[]>([['x-trailer', String(trailers?.[0]?.[1])]]),
    };
  });
  const response = await invokeHttp(client, address, {
    method: 'POST',
    pathWithQuery: '/a?b=1',
    scheme: 'https',
    authority: 'shop.example',
    headers: [['content-type', 'text/plain']],
    body: chunks('hel', 'lo'),
    trailers: Promise.resolve<HttpHeader[]>([['x-sum', 'abc']]),
  });
  expect(response.status).toBe(201);
  expect(response.headers).toEqual([['x-seen', 'POST https://shop.example/a?b=1']]);
  expect(await text(response.body)).toBe('you said hello!');
  expect(await response.trailers).toEqual([['x-trailer', 'abc']]);
});

test('no body and no trailers', async () => {
  const address = await served(async (request) => ({
    status: (await text(request.body)) === '' ? 204 : 400,
    headers: [],
  }));
  const response = await invokeHttp(client, address, get);
  expect(response.status).toBe(204);
  expect(await text(response.body)).toBe('');
  expect(await response.trailers).toBeUndefined();
});

test('the answer begins before the request has ended', async () => {
  const address = await served(async (request) => ({ status: 200, headers: [], body: request.body }));
  const { promise: goOn, resolve } = Promise.withResolvers<void>();
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(65);
    await goOn;
    yield Uint8Array.of(66);
  }
  const response = await invokeHttp(client, address, { ...get, method: 'POST', body: slow() });
  const body = response.body[Symbol.asyncIterator]();
  expect((await body.next()).value).toEqual(Uint8Array.of(65));
  resolve();
  expect((await body.next()).value).toEqual(Uint8Array.of(66));
  expect((await body.next()).done).toBe(true);
});

test('20 MiB pass in order', async () => {
  const piece = new Uint8Array(256 * 1_024).map((_, i) => i & 0xff);
  const address = await served(async (request) => {
    let size = 0;
    for await (const chunk of request.body) size += chunk.length;
    return { status: 200, headers: [], body: chunks(String(size)) };
  });
  const response = await invokeHttp(
    client,
    address,
    { ...get, method: 'PUT', body: chunks(...Array.from({ length: 80 }, () => piece)) },
    { timeoutMs: 20_000 },
  );
  expect(await text(response.body)).toBe(String(80 * piece.length));
});

test('an error code reaches the caller, another fault only as internal-error', async () => {
  const address = await served(async (request) => {
    if (request.pathWithQuery === '/code')
      throw new HttpCodeError({ tag: 'DNS-error', val: { rcode: 'x', infoCode: 3 } });
    throw new Error('a password');
  });
  await expect(invokeHttp(client, address, { ...get, pathWithQuery: '/code' })).rejects.toThrow(
    expect.objectContaining({ code: { tag: 'DNS-error', val: { rcode: 'x', infoCode: 3 } } }),
  );
  await expect(invokeHttp(client, address, get)).rejects.toThrow(
    expect.objectContaining({ code: { tag: 'internal-error', val: undefined } }),
  );
});

test('a body that breaks off is not a complete body', async () => {
  const address = await served(async () => ({
    status: 200,
    headers: [],
    body: (async function* () {
      yield Uint8Array.of(65);
      throw new Error('disk is gone');
    })(),
  }));
  const response = await invokeHttp(client, address, get);
  await expect(text(response.body)).rejects.toThrow(/end within a chunk/);
});

test('a caller that leaves ends an endless answer', async () => {
  let ended = false;
  const address = await served(async () => ({
    status: 200,
    headers: [],
    body: (async function* () {
      try {
        for (;;) {
          yield new Uint8Array(1_000);
          await sleep(1);
        }
      } finally {
        ended = true;
      }
    })(),
  }));
  const response = await invokeHttp(client, address, get);
  for await (const chunk of response.body) if (chunk.length > 0) break;
  await expect.poll(() => ended).toBe(true);
});

test('a body that nobody reads is bounded', async () => {
  const address = await served(async () => ({
    status: 200,
    headers: [],
    body: chunks(...Array.from({ length: 8 }, () => new Uint8Array(100_000))),
  }));
  const response = await invokeHttp(client, address, get, { maxBufferedBytes: 250_000 });
  await expect.poll(() => client.inbox.size).toBe(0);
  await expect(text(response.body)).rejects.toThrow(/read too slowly/);
});

test('a stream that falls silent is ended', async () => {
  const address = await served(async (_, call) => ({
    status: 200,
    headers: [],
    body: (async function* () {
      yield Uint8Array.of(65);
      await sleep(60_000, undefined, { signal: AbortSignal.any([call.signal, AbortSignal.timeout(400)]) }).catch(
        () => 0,
      );
    })(),
  }));
  const response = await invokeHttp(client, address, get, { idleTimeoutMs: 100 });
  await expect(text(response.body)).rejects.toThrow(/silent|nothing on an open stream/);
});

test('a client is told the host among the headers, as hosts of wasmCloud tell it: theirs send what they are given', async () => {
  const address = { lattice: 'default', target: `client-${count++}`, direction: 'outgoing' } as const;
  const seen: (readonly HttpHeader[])[] = [];
  closing.push(
    serveHttp(server, address, ({ headers }) => {
      seen.push(headers);
      return Promise.resolve({ status: 204, headers: [] });
    }),
  );
  await server.flush({ timeoutMs: 2_000 });
  await text((await invokeHttp(client, address, { ...get, headers: [['accept', '*/*']] })).body);
  await text((await invokeHttp(client, address, { ...get, headers: [['host', 'example.com']] })).body);
  expect(seen).toEqual([
    [
      ['host', 'localhost'],
      ['accept', '*/*'],
    ],
    [['host', 'example.com']],
  ]);
});
