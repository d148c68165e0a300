import { setTimeout as sleep } from 'node:timers/promises';
import { startNats, type NatsServer } from '@kasmcloud/testing';
import type { FuncType } from '@kasmcloud/wrpc';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBucket, type BucketEntry } from './bucket.ts';
import { connectLattice } from './connect.ts';
import type { LatticeConnection } from './connection.ts';
import {
  NoRespondersError,
  NotConnectedError,
  RequestTimeoutError,
  RevisionConflictError,
  WrpcTimeoutError,
} from './error.ts';
import { invoke } from './invoke.ts';
import { serve } from './serve.ts';

const upper: FuncType = { params: [{ name: 'text', type: { kind: 'string' } }], result: { kind: 'string' } };
const address = { lattice: 'default', target: 'upper', instance: 'test:calls/api', func: 'run' };
const soon = { timeoutMs: 2_000 };

let nats: NatsServer;
let client: LatticeConnection;
let server: LatticeConnection;

beforeAll(async () => {
  nats = await startNats({ jetstream: true });
  client = await connectLattice({ servers: nats.url, name: 'client' });
  server = await connectLattice({ servers: nats.url, name: 'server' });
});
afterAll(async () => {
  await client.close();
  await server.close();
  await nats.close();
});

test('requests, answers and their absence', async () => {
  const subscription = server.subscribe('ask.me', (message) => {
    if (message.header('quiet') === undefined) server.publish(message.reply ?? '', message.data);
  });
  await server.flush(soon);
  const data = Uint8Array.of(1, 2);
  expect((await client.request('ask.me', data, soon)).data).toEqual(data);
  await expect(client.request('ask.nobody', data, soon)).rejects.toThrow(NoRespondersError);
  await expect(client.request('ask.me', data, { timeoutMs: 50, headers: { quiet: '1' } })).rejects.toThrow(
    RequestTimeoutError,
  );
  subscription.close();
});

test('a scattered question is answered by all who are there', async () => {
  const subscriptions = [client, server].map((connection, i) =>
    connection.subscribe('who', ({ reply = '' }) => connection.publish(reply, Uint8Array.of(i))),
  );
  await server.flush(soon);
  const answers = await client.scatter('who', new Uint8Array(0), { waitMs: 200 });
  expect(answers.map(({ data }) => data[0] ?? 0).toSorted((a, b) => a - b)).toEqual([0, 1]);
  expect(await client.scatter('nobody', new Uint8Array(0), { waitMs: 60_000 })).toEqual([]);
  for (const one of subscriptions) one.close();
});

test('the round trip is measured', async () => {
  expect(await client.rtt(soon)).toBeGreaterThanOrEqual(0);
});

test('a handler that throws does not end the subscription', async () => {
  const seen: number[] = [];
  const subscription = server.subscribe('fragile', ({ data }) => {
    seen.push(data[0] ?? 0);
    throw new Error('handler');
  });
  await server.flush(soon);
  client.publish('fragile', Uint8Array.of(1));
  client.publish('fragile', Uint8Array.of(2));
  await expect.poll(() => seen).toEqual([1, 2]);
  subscription.close();
});

test('a bucket keeps, guards and tells its keys', async () => {
  const bucket = await openBucket(client, 'LATTICEDATA_default', soon);
  const other = await openBucket(server, 'LATTICEDATA_default', soon);
  expect(await bucket.get('COMPONENT_a')).toBeUndefined();
  const first = await bucket.put('COMPONENT_a', Uint8Array.of(1));
  expect(await other.get('COMPONENT_a')).toEqual({ key: 'COMPONENT_a', value: Uint8Array.of(1), revision: first });

  const stop = new AbortController();
  const changes: BucketEntry[] = [];
  const watching = (async () => {
    for await (const change of other.watch(stop.signal)) changes.push(change);
  })();
  await expect.poll(() => changes.length).toBe(1);
  const second = await bucket.update('COMPONENT_a', Uint8Array.of(2), first);
  await expect(bucket.update('COMPONENT_a', Uint8Array.of(3), first)).rejects.toThrow(RevisionConflictError);
  await expect(bucket.update('COMPONENT_a', Uint8Array.of(3), 0)).rejects.toThrow(RevisionConflictError);
  await bucket.update('COMPONENT_b', Uint8Array.of(4), 0);
  expect((await other.keys()).toSorted()).toEqual(['COMPONENT_a', 'COMPONENT_b']);
  await bucket.purge('COMPONENT_a');
  await expect.poll(() => changes.length).toBe(4);
  expect(changes.map(({ key, value, revision }) => [key, value?.[0], revision])).toEqual([
    ['COMPONENT_a', 1, first],
    ['COMPONENT_a', 2, second],
    ['COMPONENT_b', 4, second + 1],
    ['COMPONENT_a', undefined, second + 2],
  ]);
  stop.abort();
  await watching;
});

test('a connection that closes ends the calls that it serves', async () => {
  const closing = await connectLattice({ servers: nats.url, name: 'closing' });
  const faults: unknown[] = [];
  const { promise: finished, resolve } = Promise.withResolvers<void>();
  const handler = async (): Promise<string> => {
    await sleep(100);
    resolve();
    return 'too late';
  };
  serve(closing, { ...address, target: 'closing' }, upper, handler, { onError: (error) => faults.push(error) });
  await closing.flush(soon);
  const call = invoke(client, { ...address, target: 'closing' }, upper, ['a'], { timeoutMs: 500 });
  const outcome = call.catch((error: unknown) => error);
  await sleep(30);
  await closing.close();
  await finished;
  expect(await outcome).toBeInstanceOf(WrpcTimeoutError);
  expect(faults).toHaveLength(1);
  expect(closing.isConnected).toBe(false);
});

test('nothing answers at the address', async () => {
  const connecting = connectLattice({ servers: 'nats://127.0.0.1:1', name: 'lost', timeoutMs: 300 });
  await expect(connecting).rejects.toThrow(NotConnectedError);
});

test('the server is killed: calls under way fail, later ones wait for it and resume', async () => {
  const served = serve(server, address, upper, async ([text]) => {
    if (text === 'slow') await sleep(5_000, undefined, { ref: false });
    return String(text).toUpperCase();
  });
  await server.flush(soon);
  expect(await invoke(client, address, upper, ['a'])).toBe('A');

  const underWay = invoke(client, address, upper, ['slow']).catch((error: unknown) => error);
  await sleep(50);
  const statuses: string[] = [];
  const stop = client.onStatus((status) => statuses.push(status));
  await nats.stop('SIGKILL');
  expect(await underWay).toBeInstanceOf(NotConnectedError);
  expect(client.isConnected).toBe(false);
  expect(() => client.publish('x')).toThrow(NotConnectedError);
  await expect(invoke(client, address, upper, ['b'], { timeoutMs: 100 })).rejects.toThrow(RequestTimeoutError);

  const waiting = invoke(client, address, upper, ['c'], { timeoutMs: 10_000 }).catch((error: unknown) => error);
  await nats.restart();
  // The callee may be back later than the caller; then nobody serves the call yet.
  const first = await waiting;
  expect(first === 'C' || first instanceof NoRespondersError).toBe(true);
  await server.connected(soon);
  await server.flush(soon);
  expect(await invoke(client, address, upper, ['d'])).toBe('D');
  expect(statuses).toEqual(['disconnected', 'connected']);
  stop();
  served.close();

  const bucket = await openBucket(client, 'LATTICEDATA_default', soon);
  expect((await bucket.get('COMPONENT_b'))?.value).toEqual(Uint8Array.of(4));
});
