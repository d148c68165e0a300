import { startNats, type NatsServer } from '@kasmcloud/testing';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { headersOf } from './headers.ts';

let server: NatsServer;
let nats: NatsConnection;
beforeAll(async () => {
  server = await startNats();
  nats = await connect({ servers: server.url });
});
afterAll(async () => {
  await nats.close();
  await server.close();
});

/** What arrives of messages with those headers, one after another. */
const arrived = async (sent: readonly (readonly (readonly [string, string])[])[], name: string): Promise<unknown[]> => {
  const found: unknown[] = [];
  const subscription = nats.subscribe('heard', {
    callback: (_, message) => void found.push(headersOf(message).get(name)),
  });
  for (const pairs of sent) {
    const all = headers();
    for (const [key, value] of pairs) all.append(key, value);
    nats.publish('heard', 'x', pairs.length === 0 ? {} : { headers: all });
  }
  await nats.flush();
  subscription.unsubscribe();
  return found;
};

test('each message has its own headers, whatever came before', async () => {
  const one = [['a', '1']] as const;
  const other = [['a', '2']] as const;
  expect(await arrived([one, other, one, [['b', '1']], [], one], 'a')).toEqual([
    '1',
    '2',
    '1',
    undefined,
    undefined,
    '1',
  ]);
});

test('the first value counts, an empty one too, under the very name', async () => {
  const twice = [
    ['a', '1'],
    ['a', '2'],
  ] as const;
  expect(await arrived([twice, [['a', '']], [['A', '1']]], 'a')).toEqual(['1', '', undefined]);
});

test('more different ones than are remembered, and longer ones, are read all the same', async () => {
  const values = Array.from({ length: 600 }, (_, at) => (at % 100 === 0 ? `${at}`.padEnd(1_000, '-') : `${at}`));
  expect(
    await arrived(
      [...values, ...values].map((value) => [['a', value]] as const),
      'a',
    ),
  ).toEqual([...values, ...values]);
});
