import { setImmediate as turn } from 'node:timers/promises';
import type { HttpRequest } from '@kasmcloud/wrpc';
import { afterAll, describe, expect, test } from 'vitest';
import { WitError } from '../error.ts';
import { get, noHost, openRuntime, textOf } from '../testing/harness.ts';
import type { HostFunctions } from './types.ts';

const runtime = await openRuntime();
afterAll(() => runtime.close());

const client = (sendHttp: NonNullable<HostFunctions['sendHttp']>): HostFunctions => ({ ...noHost(), sendHttp });

describe('wasi:http/outgoing-handler', () => {
  test('is denied without the host', async () => {
    const proxy = await runtime.load('proxy');
    expect((await proxy.handleHttp(get('/x'))).status).toBe(403);
  });

  test('sends what the guest wrote, and gives it the answer', async () => {
    const seen: unknown[] = [];
    const proxy = await runtime.load('proxy', {
      host: client(async ({ body, trailers, ...head }, timeouts) => {
        seen.push(head, await textOf({ body }), await trailers, timeouts);
        return { status: 418, headers: [['x', 'y']], body: chunks(25_000, 'pong') };
      }),
    });
    const response = await proxy.handleHttp(get('/tea?milk=no'));
    expect(response.status).toBe(418);
    expect(await textOf(response)).toBe('pong'.repeat(25_000));
    expect(seen).toMatchObject([
      { method: 'GET', scheme: undefined, authority: 'server.test', pathWithQuery: '/tea?milk=no', headers: [] },
      'ping',
      undefined,
      { connect: undefined, firstByte: undefined, betweenBytes: undefined },
    ]);
  });

  test('an answer goes on as it comes, no further ahead of its reader than the windows allow', async () => {
    let given = 0;
    const proxy = await runtime.load('proxy', {
      host: client(async () => ({ status: 200, headers: [], body: counted() })),
    });
    async function* counted(): AsyncGenerator<Uint8Array> {
      for (; given < 400; given += 1) yield Buffer.alloc(16_384);
    }
    const response = await proxy.handleHttp(get('/x'), { deadlineMs: 5_000 });
    const reader = response.body[Symbol.asyncIterator]();
    let taken = (await reader.next()).value?.length ?? 0;
    // Two windows of 256 KiB, one into the guest and one out of it, and a chunk at each end.
    for (let i = 0; i < 50; i += 1) await turn();
    expect(given * 16_384).toBeLessThan(2_000_000);
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) taken += next.value.length;
    expect(taken).toBe(400 * 16_384);
  });

  test('a body that breaks off breaks off for the guest too, and a server that reads none is no fault', async () => {
    const broken = await runtime.load('proxy', {
      host: client(async () => ({ status: 200, headers: [], body: breaking() })),
    });
    // The guest sees the end of its stream and ends its own answer.
    expect(await textOf(await broken.handleHttp(get('/x')))).toBe('half');
    let aborted = false;
    const unread = await runtime.load('proxy', {
      host: client(async (_, __, { signal }) => {
        signal.addEventListener('abort', () => (aborted = true));
        return { status: 204, headers: [] };
      }),
    });
    expect((await unread.handleHttp(get('/x'))).status).toBe(204);
    await expect.poll(() => aborted).toBe(true);
  });

  test.for([
    ['an error-code', new WitError({ tag: 'connection-refused' })],
    ['another failure', new Error('link is down')],
  ] as const)('%s is an error that the guest can handle', async ([, error]) => {
    const proxy = await runtime.load('proxy', { host: client(() => Promise.reject(error)) });
    expect((await proxy.handleHttp(get('/x'))).status).toBe(502);
  });

  test('a request whose caller is gone is let go', async () => {
    const abort = new AbortController();
    const gone = Promise.withResolvers<string>();
    const proxy = await runtime.load('proxy', {
      host: client(async (request: HttpRequest, _, { signal }) => {
        signal.addEventListener('abort', () => gone.resolve(request.pathWithQuery ?? ''));
        abort.abort(new Error('enough'));
        return new Promise(() => undefined);
      }),
    });
    await expect(proxy.handleHttp(get('/slow'), { signal: abort.signal })).rejects.toThrow('enough');
    expect(await gone.promise).toBe('/slow');
  });
});

async function* chunks(times: number, text: string): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < times; i += 1_000) yield Buffer.from(text.repeat(1_000));
}

async function* breaking(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half');
  throw new Error('the line is cut');
}
