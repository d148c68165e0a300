import { setTimeout as sleep } from 'node:timers/promises';
import { wrpcSubject } from '@kasmcloud/wire';
import { WrpcEncodeError, type FuncType } from '@kasmcloud/wrpc';
import { headers } from '@nats-io/nats-core';
import { describe, expect, test } from 'vitest';
import { NoRespondersError, PeerTrapError, WrpcTimeoutError } from './error.ts';
import { invoke, type InvokeOptions, type RunningCall, type WrpcAddress } from './invoke.ts';
import { serve, type CallHandler } from './serve.ts';
import { alice, bob, bytes, closing, fresh, served, settled, upper, notify } from './two-ends.fixture.ts';

const echo: FuncType = { params: [{ name: 'data', type: bytes }], result: bytes };
const now: FuncType = { params: [], result: { kind: 'u64' } };

const shout: CallHandler = ([text]) => String(text).toUpperCase();
const subjectOf = ({ lattice, target, instance, func }: WrpcAddress): string =>
  wrpcSubject(lattice, target, instance, func);

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

  test('a call that was handed to nobody is sent once more, and no oftener', async () => {
    const [late, never] = [fresh(), fresh()];
    const sent = new Map([late, never].map((address) => [address, 0]));
    for (const address of [late, never])
      closing.push(
        alice.subscribe(subjectOf(address), ({ reply = '' }) => {
          const times = (sent.get(address) ?? 0) + 1;
          sent.set(address, times);
          // As the server says it.
          if (times === 1 || address === never)
            alice.nats.publish(reply, undefined, { headers: headers(503, 'No Responders') });
          else alice.publish(`${reply}.results`, Uint8Array.of(1, 65));
        }),
      );
    await alice.flush({ timeoutMs: 2_000 });
    expect(await invoke(bob, late, upper, ['x'])).toBe('A');
    await expect(invoke(bob, never, upper, ['x'])).rejects.toThrow(NoRespondersError);
    expect([...sent.values()]).toEqual([2, 2]);
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
    const subject = subjectOf(address);
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
    const subject = subjectOf(address);
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
    const subject = subjectOf(address);
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
    const subject = subjectOf(address);
    closing.push(alice.subscribe(subject, ({ reply = '' }) => alice.publish(reply)));
    await alice.flush({ timeoutMs: 2_000 });
    await expect(invoke(bob, address, upper, ['x'])).rejects.toThrow(/without a reply subject/);
  });
});
