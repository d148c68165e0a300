import { setTimeout as sleep } from 'node:timers/promises';
import { startNats, type NatsServer } from '@kasmcloud/testing';
import { wrpcSubject } from '@kasmcloud/wire';
import { WrpcEncodeError, type FuncType, type WitType } from '@kasmcloud/wrpc';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectLattice } from './connect.ts';
import type { LatticeConnection } from './connection.ts';
import { NoRespondersError, PeerTrapError, WrpcTimeoutError } from './error.ts';
import { invoke, type InvokeOptions, type RunningCall, type WrpcAddress } from './invoke.ts';
import { serve, type CallHandler, type ServeOptions } from './serve.ts';

const bytes: WitType = { kind: 'list', of: { kind: 'u8' } };
const string: WitType = { kind: 'string' };
const upper: FuncType = { params: [{ name: 'text', type: string }], result: string };
const echo: FuncType = { params: [{ name: 'data', type: bytes }], result: bytes };
const notify: FuncType = { params: [{ name: 'text', type: string }] };
const now: FuncType = { params: [], result: { kind: 'u64' } };

let nats: NatsServer;
let alice: LatticeConnection;
let bob: LatticeConnection;

beforeAll(async () => {
  nats = await startNats();
  alice = await connectLattice({ servers: nats.url, name: 'alice' });
  bob = await connectLattice({ servers: nats.url, name: 'bob' });
});
afterAll(async () => {
  await alice.close();
  await bob.close();
  await nats.close();
});

let count = 0;
/** A function that no other test serves. */
const fresh = (): WrpcAddress => ({
  lattice: 'default',
  target: `target-${count++}`,
  instance: 'test:calls/api@1.2.3',
  func: 'run',
});

const closing: { close(): void }[] = [];
const served = async (
  at: LatticeConnection,
  address: WrpcAddress,
  type: FuncType,
  handler: CallHandler,
  options?: ServeOptions,
): Promise<void> => {
  closing.push(serve(at, address, type, handler, options));
  // The subscription must reach the server before another connection's call does.
  await at.flush({ timeoutMs: 2_000 });
};
afterEach(() => {
  for (const one of closing.splice(0)) one.close();
});
const shout: CallHandler = ([text]) => String(text).toUpperCase();
/** Nothing of a finished call stays behind. */
const settled = async (): Promise<void> => {
  await expect.poll(() => alice.inbox.size + bob.inbox.size).toBe(0);
};

describe('calls', () => {
  test('go both ways', async () => {
    const [one, two] = [fresh(), fresh()];
    await served(alice, one, upper, shout);
    await served(bob, two, upper, shout);
    expect(await invoke(bob, one, upper, ['from bob'])).toBe('FROM BOB');
    expect(await invoke(alice, two, upper, ['from alice'])).toBe('FROM ALICE');
    await settled();
  });

  test('none is lost when one server takes over from another again and again', async () => {
    const address = fresh();
    let current = serve(alice, address, upper, shout);
    await alice.flush({ timeoutMs: 2_000 });
    const over = new AbortController();
    const answers: Promise<unknown>[] = [];
    const asking = (async () => {
      while (!over.signal.aborted) {
        for (let call = 0; call < 20; call++) answers.push(invoke(bob, address, upper, ['x'], { timeoutMs: 10_000 }));
        await sleep(1);
      }
    })();
    for (let change = 0; change < 40; change++) {
      const before = current;
      current = serve(alice, address, upper, shout);
      await before.drain();
    }
    over.abort();
    await asking;
    const settledAnswers = await Promise.allSettled(answers);
    expect(settledAnswers.filter(({ status }) => status === 'rejected')).toEqual([]);
    await current.drain();
    await expect(invoke(bob, address, upper, ['x'], { timeoutMs: 500 })).rejects.toThrow(NoRespondersError);
    await settled();
  });

  test('carry headers, no parameters, and no result', async () => {
    const [one, two] = [fresh(), fresh()];
    const seen: unknown[] = [];
    await served(alice, one, now, (_, call) => {
      seen.push(call.sourceId, call.linkName, call.header('traceparent'));
      return 7n;
    });
    await served(alice, two, notify, ([text], call) => {
      seen.push(text, call.sourceId, call.linkName);
    });
    const headers = { 'source-id': 'caller', 'link-name': 'backup', traceparent: '00-1' };
    expect(await invoke(bob, one, now, [], { headers })).toBe(7n);
    expect(await invoke(bob, two, notify, ['hello'])).toBeUndefined();
    expect(seen).toEqual(['caller', 'backup', '00-1', 'hello', undefined, 'default']);
    await settled();
  });

  test('1,000 at once', async () => {
    const address = fresh();
    await served(alice, address, upper, async ([text]) => {
      await sleep(Math.random() * 20);
      return String(text).toUpperCase();
    });
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => invoke(bob, address, upper, [`call ${i}`])),
    );
    expect(answers).toEqual(answers.map((_, i) => `CALL ${i}`));
    await settled();
  });

  test('3 MiB each way, over a server limit of 1 MiB', async () => {
    const address = fresh();
    await served(alice, address, echo, ([data]) => data);
    const data = new Uint8Array(3 * 1_048_576 + 17).map((_, i) => (i * 31) & 0xff);
    const answer = await invoke(bob, address, echo, [data], { headers: { 'source-id': 'x'.repeat(1_000) } });
    expect(Buffer.compare(answer as Uint8Array, data)).toBe(0);
    await settled();
  });

  test('are shared by those who serve the same target', async () => {
    const address = fresh();
    const hits = { alice: 0, bob: 0 };
    await served(alice, address, upper, () => `${hits.alice++}`);
    await served(bob, address, upper, () => `${hits.bob++}`);
    await Promise.all(Array.from({ length: 200 }, () => invoke(bob, address, upper, ['x'])));
    expect(hits.alice + hits.bob).toBe(200);
    expect(Math.min(hits.alice, hits.bob)).toBeGreaterThan(20);
  });
});

describe('failures', () => {
  test('nobody serves the target', async () => {
    const started = performance.now();
    await expect(invoke(bob, fresh(), upper, ['x'])).rejects.toThrow(NoRespondersError);
    expect(performance.now() - started).toBeLessThan(2_000);
    await settled();
  });

  test('the handler throws', async () => {
    const address = fresh();
    const faults: unknown[] = [];
    const fault = new Error('not today');
    await served(alice, address, upper, () => Promise.reject(fault), { onError: (error) => faults.push(error) });
    await expect(invoke(bob, address, upper, ['x'])).rejects.toThrow(PeerTrapError);
    expect(faults).toEqual([fault]);
    await settled();
  });

  test('the handler returns what its type forbids', async () => {
    const address = fresh();
    const faults: unknown[] = [];
    await served(alice, address, upper, () => 42, { onError: (error) => faults.push(error) });
    await expect(invoke(bob, address, upper, ['x'])).rejects.toThrow(PeerTrapError);
    expect(faults[0]).toBeInstanceOf(WrpcEncodeError);
  });

  test('the result is late', async () => {
    const address = fresh();
    await served(
      alice,
      address,
      upper,
      async (_, call) => {
        await sleep(60_000, undefined, { signal: call.signal });
      },
      { timeoutMs: 200 },
    );
    await expect(invoke(bob, address, upper, ['x'], { timeoutMs: 50 })).rejects.toThrow(WrpcTimeoutError);
    await expect(invoke(bob, address, upper, ['x'])).rejects.toThrow(PeerTrapError);
    await settled();
  });

  test('the caller gives up', async () => {
    const address = fresh();
    await served(alice, address, upper, () => sleep(100), { onError: () => undefined });
    const reason = new Error('enough');
    const options: InvokeOptions = { signal: AbortSignal.abort(reason) };
    await expect(invoke(bob, address, upper, ['x'], options)).rejects.toBe(reason);
    const later = new AbortController();
    setTimeout(() => later.abort(reason), 20);
    await expect(invoke(bob, address, upper, ['x'], { signal: later.signal })).rejects.toBe(reason);
    const running = new Set<RunningCall>();
    const [one, other] = ['x', 'y'].map((text) => invoke(bob, address, upper, [text], { running }));
    expect(running.size).toBe(2);
    for (const call of running) call.abort(reason);
    await expect(one).rejects.toBe(reason);
    await expect(other).rejects.toBe(reason);
    expect(running.size).toBe(0);
    await settled();
  });

  test('arguments of the wrong type are not sent', async () => {
    await expect(invoke(bob, fresh(), upper, [1])).rejects.toThrow(WrpcEncodeError);
  });

  test('too many calls at once are closed', async () => {
    const address = fresh();
    const faults: unknown[] = [];
    await served(
      alice,
      address,
      upper,
      async () => {
        await sleep(150);
        return 'ok';
      },
      { maxCalls: 2, onError: (error) => faults.push(error) },
    );
    const calls = Array.from({ length: 5 }, () => invoke(bob, address, upper, ['x']));
    const results = await Promise.allSettled(calls);
    expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(2);
    expect(faults).toHaveLength(3);
  });
});

describe('a hostile publisher', () => {
  const junk = [
    new Uint8Array(0),
    Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f),
    Uint8Array.of(2, 0xc3, 0x28),
    Uint8Array.of(1, 65, 66, 67),
    new Uint8Array(10_000).fill(0x80),
  ];

  test('sends malformed calls, and the function goes on', async () => {
    const address = fresh();
    await served(alice, address, upper, shout, { paramsTimeoutMs: 100 });
    const subject = wrpcSubject(address.lattice, address.target, address.instance, address.func);
    for (const data of junk) {
      bob.publish(subject, data);
      bob.publish(subject, data, { reply: 'wasmbus.ctl.v1.default.host.stop.N' });
      bob.publish(subject, data, { reply: '_INBOX.nobody.there' });
    }
    expect(await invoke(bob, address, upper, ['still here'])).toBe('STILL HERE');
    await settled();
  });

  test('cannot make the server publish outside an inbox', async () => {
    const address = fresh();
    await served(alice, address, upper, shout);
    const heard: string[] = [];
    const spy = bob.subscribe('wasmbus.>', (message) => heard.push(message.subject));
    const subject = wrpcSubject(address.lattice, address.target, address.instance, address.func);
    bob.publish(subject, Uint8Array.of(1, 65), { reply: 'wasmbus.ctl.v1.default.host.stop.N' });
    expect(await invoke(bob, address, upper, ['x'])).toBe('X');
    spy.close();
    expect(heard).toEqual([]);
  });

  test.for([
    ['a result of another type', [Uint8Array.of(0x02, 0xc3, 0x28)], 'WrpcDecodeError'],
    ['a huge length', [Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)], 'WrpcDecodeError'],
    ['half a result', [Uint8Array.of(5, 65), new Uint8Array(0)], 'PeerTrapError'],
    ['nothing', [new Uint8Array(0)], 'PeerTrapError'],
  ] as const)('answers with %s', async ([, answers, name]) => {
    const address = fresh();
    const subject = wrpcSubject(address.lattice, address.target, address.instance, address.func);
    const subscription = alice.subscribe(subject, ({ reply = '' }) => {
      alice.publish(reply, undefined, { reply: '_INBOX.peer.1' });
      // Ends of subjects that this call does not have, as some peers send them.
      alice.publish(`${reply}.results.0`);
      alice.publish(`${reply}.results.7.7`);
      for (const data of answers) alice.publish(`${reply}.results`, data);
    });
    closing.push(subscription);
    await alice.flush({ timeoutMs: 2_000 });
    await expect(invoke(bob, address, upper, ['x'])).rejects.toThrow(expect.objectContaining({ name }));
    await settled();
  });

  test('accepts without saying where', async () => {
    const address = fresh();
    const subject = wrpcSubject(address.lattice, address.target, address.instance, address.func);
    closing.push(alice.subscribe(subject, ({ reply = '' }) => alice.publish(reply)));
    await alice.flush({ timeoutMs: 2_000 });
    await expect(invoke(bob, address, upper, ['x'])).rejects.toThrow(/without a reply subject/);
  });
});

describe('on the wire', () => {
  const address = { lattice: 'default', target: 'hello', instance: 'wrpc:keyvalue/store@0.2.0-draft', func: 'get' };
  const subject = 'default.hello.wrpc.0.0.1.wrpc:keyvalue/store@0.2.0-draft.get';
  const get: FuncType = {
    params: [
      { name: 'bucket', type: string },
      { name: 'key', type: string },
    ],
    result: { kind: 'result', ok: { kind: 'option', of: bytes }, err: string },
  };
  const params = Buffer.from('0764656661756c7407636f756e746572', 'hex');
  const result = Buffer.from('0001023432', 'hex');
  const found = { tag: 'ok', val: Uint8Array.of(0x34, 0x32) };
  const args = ['default', 'counter'];
  const headers = { 'source-id': 'x' };

  let trace: string[];
  let spy: LatticeConnection;
  beforeEach(async () => {
    trace = [];
    const inboxes: string[] = [];
    spy = await connectLattice({ servers: nats.url, name: 'spy' });
    const short = (name: string): string => {
      const [, inbox, rest = ''] = /^(_INBOX\.[^.]+\.[^.]+)(.*)$/.exec(name) ?? [];
      if (inbox === undefined) return name;
      if (!inboxes.includes(inbox)) inboxes.push(inbox);
      return `${inboxes.indexOf(inbox) === 0 ? 'caller' : 'callee'}${rest}`;
    };
    spy.subscribe('>', ({ subject: to, reply, data }) => {
      // The reply subject names the caller's inbox first, so it is looked at before the subject.
      const answer = reply === undefined ? '' : ` reply=${short(reply)}`;
      trace.push(`${short(to)}${answer} ${Buffer.from(data).toString('hex')}`);
    });
    await spy.flush({ timeoutMs: 2_000 });
  });
  afterEach(() => spy.close());

  const of = (side: string): string[] => trace.filter((line) => line.startsWith(`${side}.`));
  const call = `${subject} reply=caller ${params.toString('hex')}`;
  const accepted = 'caller reply=callee ';

  test('a call by anybody is answered with the messages of wRPC 0.0.1', async () => {
    await served(alice, address, get, () => found);
    const accept = Promise.withResolvers<string>();
    const over = Promise.withResolvers<void>();
    const inbox = `${bob.newInbox()}.1`;
    bob.subscribe(inbox, ({ reply }) => accept.resolve(reply ?? ''));
    bob.subscribe(`${inbox}.results`, ({ data }) => data.length === 0 && over.resolve());
    bob.publish(subject, params, { reply: inbox, headers });
    bob.publish(`${await accept.promise}.params`);
    await over.promise;
    await expect.poll(() => trace.length).toBe(5);
    expect(trace.slice(0, 2)).toEqual([call, accepted]);
    expect(of('caller')).toEqual([`caller.results ${result.toString('hex')}`, 'caller.results ']);
    expect(of('callee')).toEqual(['callee.params ']);
  });

  test('anybody is called with the messages of wRPC 0.0.1', async () => {
    const inbox = `${alice.newInbox()}.1`;
    let caller = '';
    closing.push(
      alice.subscribe(subject, ({ reply = '' }) => {
        caller = reply;
        alice.publish(caller, undefined, { reply: inbox });
      }),
      alice.subscribe(`${inbox}.params`, ({ data }) => {
        if (data.length > 0) return;
        alice.publish(`${caller}.results`, result);
        alice.publish(`${caller}.results`);
      }),
    );
    await alice.flush({ timeoutMs: 2_000 });
    expect(await invoke(bob, address, get, args, { headers })).toEqual(found);
    await expect.poll(() => trace.length).toBe(5);
    expect(trace.slice(0, 3)).toEqual([call, accepted, 'callee.params ']);
    await settled();
  });

  test('between two of us a call is its parameters and its result', async () => {
    await served(alice, address, get, () => found);
    expect(await invoke(bob, address, get, args, { headers })).toEqual(found);
    await bob.flush({ timeoutMs: 2_000 });
    await expect.poll(() => trace).toEqual([call, `caller.results ${result.toString('hex')}`]);
    await settled();
  });

  test('between two of us a call that fails, or returns nothing, is ended', async () => {
    const [failing, quiet] = [fresh(), fresh()];
    await served(alice, failing, get, () => Promise.reject(new Error('no')));
    await served(alice, quiet, notify, () => undefined);
    await expect(invoke(bob, failing, get, args)).rejects.toThrow(PeerTrapError);
    expect(await invoke(bob, quiet, notify, ['hello'])).toBeUndefined();
    await expect.poll(() => trace.filter((line) => line.endsWith('.results ')).length).toBe(2);
    expect(trace.length).toBe(4);
    await settled();
  });

  test('a caller that says to have sent all its parameters has', async () => {
    await served(alice, address, get, () => found);
    const over = Promise.withResolvers<number>();
    const inbox = `${bob.newInbox()}.1`;
    bob.subscribe(`${inbox}.results`, ({ data }) => over.resolve(data.length));
    bob.publish(subject, params.subarray(0, 9), { reply: inbox, headers: { 'kasmcloud-whole': '1' } });
    expect(await over.promise).toBe(0);
    await settled();
  });
});
