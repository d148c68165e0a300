import { afterAll, describe, expect, test } from 'vitest';
import { WitError } from '../error.ts';
import { get, noHost, openRuntime, textOf } from '../testing/harness.ts';
import type { HostFunctions } from './types.ts';

const runtime = await openRuntime();
afterAll(() => runtime.close());

const client = (invoke: HostFunctions['invoke']): HostFunctions => ({
  ...noHost(),
  provides: (instance) => instance === 'wasi:http/outgoing-handler',
  invoke,
});

describe('wasi:http/outgoing-handler', () => {
  test('is denied without the host', async () => {
    const proxy = await runtime.load('proxy');
    expect((await proxy.handleHttp(get('/x'))).status).toBe(403);
  });

  test('sends what the guest wrote, and gives it the answer', async () => {
    const seen: unknown[] = [];
    const proxy = await runtime.load('proxy', {
      host: client(async (instance, func, args) => {
        seen.push(instance, func, ...args);
        return { status: 418, headers: [['x', 'y']], body: Buffer.alloc(100_000, 'pong') };
      }),
    });
    const response = await proxy.handleHttp(get('/tea?milk=no'));
    expect(response.status).toBe(418);
    expect(await textOf(response)).toBe('pong'.repeat(25_000));
    expect(seen).toEqual([
      'wasi:http/outgoing-handler',
      'handle',
      {
        method: 'GET',
        scheme: undefined,
        authority: 'server.test',
        pathWithQuery: '/tea?milk=no',
        headers: [],
        body: Uint8Array.from(Buffer.from('ping')),
      },
      { connect: undefined, firstByte: undefined, betweenBytes: undefined },
    ]);
  });

  test.for([
    ['an error-code', new WitError({ tag: 'connection-refused' })],
    ['another failure', new Error('link is down')],
  ] as const)('%s is an error that the guest can handle', async ([, error]) => {
    const proxy = await runtime.load('proxy', { host: client(() => Promise.reject(error)) });
    expect((await proxy.handleHttp(get('/x'))).status).toBe(502);
  });
});
