import { describe, expect, test } from 'vitest';
import { WitError } from '../../error.ts';
import { bodyWindow, type BodyPart } from '../../runtime/protocol.ts';
import { BodyReceiver, BodySender } from '../body.ts';
import { Gate } from '../gate.ts';
import type { Guest, GuestLogLevel } from '../guest.ts';
import { localInterfaces } from '../local.ts';
import { InputStream, IoError, OutputStream, Pollable } from './io.ts';

const chunk = (text: string): BodyPart => ({ kind: 'chunk', bytes: Buffer.from(text) });
const payloadOf = async (act: () => unknown): Promise<unknown> => {
  try {
    await act();
  } catch (error) {
    return error instanceof WitError ? error.payload : error;
  }
  return undefined;
};

const lines: [GuestLogLevel, string, string][] = [];
const gate = new Gate();
const guest: Guest = {
  gate,
  sendsHttp: false,
  isInCall: false,
  config: () => new Map(),
  log: (level, context, message) => lines.push([level, context, message]),
  send: () => {
    throw new Error('this guest sends nothing');
  },
  invoke: () => Promise.resolve(),
};
const member = (name: string, func: string): ((...args: unknown[]) => unknown) => {
  const found = localInterfaces(guest).get(name)?.[func];
  if (typeof found !== 'function') throw new Error(`no ${name} ${func}`);
  return (...args) => found(...args);
};

describe('input streams', () => {
  test('give what is there, wait for more, and end', async () => {
    const taken: number[] = [];
    const body = new BodyReceiver((bytes) => taken.push(bytes));
    const stream = new InputStream(body);
    expect(stream.read(10n)).toHaveLength(0);
    body.push(chunk('hello'));
    expect(Buffer.from(stream.read(2n)).toString()).toBe('he');
    expect(Buffer.from(await stream.blockingRead(2n ** 63n)).toString()).toBe('llo');
    const waiting = stream.blockingRead(4n);
    body.push(chunk('more'));
    expect(Buffer.from(await waiting).toString()).toBe('more');
    body.push({ kind: 'end' });
    expect(await payloadOf(() => stream.blockingRead(1n))).toEqual({ tag: 'closed' });
    expect(taken).toEqual([2, 3, 4]);
  });

  test('tell why they broke, after what had come', async () => {
    const body = new BodyReceiver(() => undefined);
    const stream = new InputStream(body);
    body.push(chunk('x'));
    body.push({ kind: 'broken', reason: 'client went away' });
    expect(stream.read(1n)).toHaveLength(1);
    const payload = await payloadOf(() => stream.read(1n));
    expect(payload).toMatchObject({ tag: 'last-operation-failed', val: expect.any(IoError) });
  });

  test('let go of what nobody reads', () => {
    const taken: number[] = [];
    const body = new BodyReceiver((bytes) => taken.push(bytes));
    body.push(chunk('abc'));
    body.drop();
    body.push(chunk('de'));
    expect(taken).toEqual([3, 2]);
  });
});

describe('output streams', () => {
  test('wait for the reader when the window is full', async () => {
    const sender = new BodySender();
    const sent: BodyPart[] = [];
    sender.attach((parts) => sent.push(...parts));
    const stream = new OutputStream(sender);
    const written = stream.blockingWriteAndFlush(new Uint8Array(bodyWindow + 10));
    await expect(Promise.race([written, Promise.resolve('waits')])).resolves.toBe('waits');
    expect(stream.checkWrite()).toBe(0n);
    sender.taken(100);
    await written;
    expect(stream.checkWrite()).toBe(90n);
    sender.finish();
    sender.flush();
    const bytes = sent.map((part) => (part.kind === 'chunk' ? part.bytes.length : 0));
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBe(bodyWindow + 10);
    expect(sent.at(-1)).toEqual({ kind: 'end', trailers: undefined });
  });

  test('trap a guest that writes more than it was permitted', () => {
    const stream = new OutputStream(new BodySender());
    expect(() => stream.write(new Uint8Array(bodyWindow))).toThrow('were permitted');
  });

  test('fail once nobody reads', async () => {
    const sender = new BodySender();
    sender.unwanted();
    expect(await payloadOf(() => new OutputStream(sender).blockingWriteAndFlush(Buffer.from('x')))).toEqual({
      tag: 'closed',
    });
  });
});

describe('poll', () => {
  const poll = member('wasi:io/poll', 'poll');
  const after = member('wasi:clocks/monotonic-clock', 'subscribeDuration');

  test('says which are ready, when one is', async () => {
    const body = new BodyReceiver(() => undefined);
    const pollables = [after(5_000_000n), new Pollable(body), after(60_000_000_000n)];
    expect(await poll(pollables)).toEqual(Uint32Array.of(0));
    body.push({ kind: 'end' });
    expect(await poll(pollables)).toEqual(Uint32Array.of(0, 1));
    gate.close();
  });

  test('of nothing traps', async () => {
    await expect(poll([])).rejects.toThrow('empty list');
  });

  test('never ends for an instance that was given up', async () => {
    const waiting = poll([after(1_000_000n)]);
    const late = new Promise((resolve) => setTimeout(resolve, 30, 'late'));
    await expect(Promise.race([waiting, late])).resolves.toBe('late');
  });
});

describe('what a guest prints', () => {
  test('is logged by line, and long lines are cut', () => {
    const out = member('wasi:cli/stdout', 'getStdout')();
    if (!(out instanceof OutputStream)) throw new Error('not a stream');
    out.write(Buffer.from('one\ntw'));
    out.write(Buffer.from('o\n\n'));
    out.write(Buffer.alloc(4096, 'x'));
    expect(lines.map(([level, context, line]) => [level, context, line.slice(0, 4)])).toEqual([
      ['info', 'stdout', 'one'],
      ['info', 'stdout', 'two'],
      ['info', 'stdout', 'xxxx'],
    ]);
  });
});

describe('what a guest may not do', () => {
  test.for([
    ['wasi:cli/exit', 'exit', [{ tag: 'ok' }], 'guest called exit: ok'],
    ['wasi:random/random', 'getRandomBytes', [2n ** 40n], 'is the most'],
  ] as const)('%s.%s traps', ([name, func, args, message]) => {
    expect(() => member(name, func)(...args)).toThrow(message);
  });

  test.for([
    ['wasi:sockets/tcp-create-socket', 'createTcpSocket', 'access-denied'],
    ['wasi:sockets/ip-name-lookup', 'resolveAddresses', 'access-denied'],
    ['wasi:http/outgoing-handler', 'handle', { tag: 'HTTP-request-denied' }],
  ] as const)('%s.%s is refused', async ([name, func, error]) => {
    expect(await payloadOf(member(name, func))).toEqual(error);
  });

  test('see files, an environment or arguments', () => {
    expect(member('wasi:filesystem/preopens', 'getDirectories')()).toEqual([]);
    expect(member('wasi:cli/environment', 'getEnvironment')()).toEqual([]);
    expect(member('wasi:cli/environment', 'getArguments')()).toEqual([]);
  });
});
