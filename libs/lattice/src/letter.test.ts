import { startNats, type NatsServer } from '@kasmcloud/testing';
import { wrpcSubject } from '@kasmcloud/wire';
import { WrpcDecodeError, type FuncType } from '@kasmcloud/wrpc';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connectLattice } from './connect.ts';
import type { LatticeConnection } from './connection.ts';
import { PeerTrapError } from './error.ts';
import { invoke, type WrpcAddress } from './invoke.ts';
import { answerLetter, canBeLetter, readLetter, type Letter } from './letter.ts';
import { serve, type Relay } from './serve.ts';

const upper: FuncType = { params: [{ name: 'text', type: { kind: 'string' } }], result: { kind: 'string' } };
const notify: FuncType = { params: [{ name: 'text', type: { kind: 'string' } }] };

let nats: NatsServer;
let caller: LatticeConnection;
let callee: LatticeConnection;
/** Of another thread, say. */
let other: LatticeConnection;

beforeAll(async () => {
  nats = await startNats();
  [caller, callee, other] = (await Promise.all(
    ['caller', 'callee', 'other'].map((name) => connectLattice({ servers: nats.url, name })),
  )) as [LatticeConnection, LatticeConnection, LatticeConnection];
});
afterAll(async () => {
  for (const one of [caller, callee, other]) await one.close();
  await nats.close();
});

let count = 0;
const served = async (type: FuncType, relay: Relay, maxCalls = 10): Promise<WrpcAddress> => {
  const address = { lattice: 'default', target: `letters-${count++}`, instance: 'test:letters/api@1.0.0', func: 'run' };
  serve(callee, address, type, ([text]) => `handled ${String(text)}`, { relay, maxCalls, onError });
  await callee.flush({ timeoutMs: 5_000 });
  return address;
};
const onError = vi.fn<(error: unknown) => void>();

test('a call in one message is answered over another connection', async () => {
  const traceparent = `00-${'1'.padStart(32, '0')}-00000000000000aa-01`;
  const seen: Letter[] = [];
  const address = await served(upper, async (letter) => {
    seen.push(structuredClone(letter));
    answerLetter(other, upper, letter.content, String(readLetter(upper, letter.content)[0]).toUpperCase());
    other.sendNow();
    return undefined;
  });
  expect(await invoke(caller, address, upper, ['ada'], { headers: { traceparent } })).toBe('ADA');
  expect(await invoke(caller, address, upper, ['grace'])).toBe('GRACE');
  expect(await invoke(caller, address, upper, ['zoë'])).toBe('ZOË');
  expect(seen.map(({ trace }) => trace)).toEqual([{ traceparent }, undefined, undefined]);
});

test('a result that is left is answered here, and so is none', async () => {
  const told: unknown[] = [];
  const loud = await served(upper, async (letter) => ({ result: `${String(readLetter(upper, letter.content)[0])}!` }));
  const silent = await served(notify, async (letter) => {
    told.push(readLetter(notify, letter.content)[0]);
    return { result: undefined };
  });
  expect(await invoke(caller, loud, upper, ['ada'])).toBe('ada!');
  expect(await invoke(caller, silent, notify, ['listen'])).toBeUndefined();
  expect(told).toEqual(['listen']);
});

test('what fails, and bytes that are something else, end the call without a result', async () => {
  const address = await served(upper, async (letter) => ({ result: readLetter(notify, letter.content).length }));
  await expect(invoke(caller, address, upper, ['ada'])).rejects.toThrow(PeerTrapError);
  const wrong: FuncType = { params: [{ name: 'number', type: { kind: 'u8' } }], result: { kind: 'string' } };
  await expect(invoke(caller, address, wrong, [255])).rejects.toThrow(PeerTrapError);
  expect(onError.mock.calls.at(-1)?.[0]).toBeInstanceOf(WrpcDecodeError);
});

test('calls of those who do not say that they are whole are handled as ever', async () => {
  const relay = vi.fn<Relay>();
  const address = await served(upper, relay);
  const stranger = await connect({ servers: nats.url });
  const accepted = Promise.withResolvers<string | undefined>();
  const answers: string[] = [];
  stranger.subscribe('_INBOX.stranger.>', {
    callback: (_, { subject, data, reply }) => {
      if (subject === '_INBOX.stranger.1') accepted.resolve(reply);
      else if (data.length > 0) answers.push(Buffer.from(data).toString());
    },
  });
  const subject = wrpcSubject(address.lattice, address.target, address.instance, address.func);
  stranger.publish(subject, Buffer.from('\x03ada'), { reply: '_INBOX.stranger.1' });
  expect(await accepted.promise).toMatch(/^_INBOX\./);
  await expect.poll(() => answers).toEqual(['\x0bhandled ada']);
  expect(relay).not.toHaveBeenCalled();
  await stranger.close();
});

test('more calls than there may be are refused', async () => {
  const gate = Promise.withResolvers<void>();
  const address = await served(upper, async () => gate.promise.then(() => ({ result: 'late' })), 1);
  const first = invoke(caller, address, upper, ['first']);
  await caller.flush({ timeoutMs: 5_000 });
  await expect(invoke(caller, address, upper, ['second'])).rejects.toThrow(PeerTrapError);
  gate.resolve();
  expect(await first).toBe('late');
});

test('only what comes and goes at once can be a letter', () => {
  expect(canBeLetter(upper)).toBe(true);
  expect(canBeLetter({ params: [{ name: 'body', type: { kind: 'stream' } }] })).toBe(false);
  expect(canBeLetter({ params: [], result: { kind: 'future' } })).toBe(false);
});
