import { startNats, type NatsServer } from '@kasmcloud/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { encodedHeaders } from './headers.ts';
import { SendQueue } from './send-queue.ts';

let server: NatsServer;
let nats: NatsConnection;
let heard: string[];
beforeAll(async () => {
  server = await startNats();
  nats = await connect({ servers: server.url });
  nats.subscribe('>', {
    callback: (_, { subject, data, reply, headers }) => {
      heard.push(`${subject} ${Buffer.from(data).toString()} ${reply ?? ''} ${headers?.get('a') ?? ''}`.trim());
    },
  });
});
afterAll(async () => {
  await nats.close();
  await server.close();
});
beforeEach(() => {
  heard = [];
});

const bytes = (text: string): Uint8Array => Buffer.from(text);
const message = (subject: string, payload?: Uint8Array): Parameters<SendQueue['push']>[0] => ({
  subject,
  payload,
  reply: undefined,
  headers: undefined,
});
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const sent = (): bigint | number => nats.stats().outMsgs;

test('messages of a turn leave at its end, in their order', async () => {
  const queue = new SendQueue(nats);
  const before = sent();
  queue.push({ subject: 'one', payload: bytes('1'), reply: 'to', headers: encodedHeaders({ a: 'b' }) });
  await Promise.resolve();
  queue.push(message('two'));
  expect(sent()).toBe(before);
  await turn();
  await nats.flush();
  expect(heard).toEqual(['one 1 to b', 'two']);
});

test('many bytes do not wait', async () => {
  const queue = new SendQueue(nats);
  const before = sent();
  queue.push(message('small', bytes('x')));
  queue.push(message('large', new Uint8Array(65_536)));
  expect(Number(sent()) - Number(before)).toBe(2);
  await nats.flush();
});

test('what is cleared does not leave, nor does anything on a closed connection', async () => {
  const queue = new SendQueue(nats);
  queue.push(message('gone'));
  queue.clear();
  const other = await connect({ servers: server.url });
  await other.close();
  const late = new SendQueue(other);
  late.push(message('late'));
  await turn();
  await nats.flush();
  expect(heard).toEqual([]);
});
