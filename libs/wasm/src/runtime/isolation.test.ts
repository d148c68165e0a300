import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { ClosedError, DeadlineError, OverloadedError, TrapError, WitError } from '../error.ts';
import { openRuntime } from '../testing/harness.ts';
import type { HostFunctions, InvokeContext } from './types.ts';

const faults = 'example:fixtures/faults@0.1.0';
const runtime = await openRuntime({ graceMs: 100 });
/** However slow the machine is, no other worker helps out: it would have an instance of its own. */
const patient = await openRuntime({ graceMs: 100, patienceMs: 60_000 });
afterAll(() => Promise.all([runtime.close(), patient.close()]));

/** Serves the waiter: `pause` waits, `relay` fails with a result or succeeds. */
const waiter = (seen: InvokeContext[] = []): HostFunctions => ({
  provides: () => true,
  invoke: async (_instance, func, [argument], context) => {
    seen.push(context);
    if (func === 'pause') return sleep(Number(argument), undefined, { signal: context.signal });
    if (argument === true) throw new WitError('asked to fail');
    return 42;
  },
  log: () => undefined,
});

describe('calls', () => {
  test('return values, and error cases as WitError', async () => {
    const faulty = await runtime.load('faulty', { host: waiter() });
    expect(await faulty.call(faults, 'relay', [false])).toBe(42);
    await expect(faulty.call(faults, 'relay', [true])).rejects.toThrow(new WitError('asked to fail'));
    expect(await faulty.call(faults, 'relay', [false])).toBe(42);
  });

  test('one at a time in an instance, many instances at once', async () => {
    const all = Promise.withResolvers<void>();
    let waiting = 0;
    const host: HostFunctions = {
      ...waiter(),
      invoke: () => {
        waiting += 1;
        if (waiting === 20) all.resolve();
        return all.promise;
      },
    };
    const faulty = await runtime.load('faulty', { host, instances: 20 });
    const counts = await Promise.all(Array.from({ length: 20 }, () => faulty.call(faults, 'pause', [1])));
    // Two were warm; none was shared, or one would have counted twice.
    expect(counts).toEqual(Array.from({ length: 20 }, () => 1));
  });

  test('wait for a free instance, in order, and reuse it', async () => {
    const faulty = await patient.load('faulty', { host: waiter(), instances: 1 });
    const counts = await Promise.all([1, 2, 3].map(() => faulty.call(faults, 'pause', [5])));
    expect(counts).toEqual([1, 2, 3]);
  });

  test('are refused when the queue is full', async () => {
    const faulty = await runtime.load('faulty', { host: waiter(), instances: 1, limits: { queue: 1 } });
    const running = [faulty.call(faults, 'pause', [100]), faulty.call(faults, 'pause', [1])];
    await expect(faulty.call(faults, 'pause', [1])).rejects.toThrow(OverloadedError);
    await Promise.all(running);
  });

  test('of functions that do not exist, or with other arguments, are refused', async () => {
    const faulty = await runtime.load('faulty', { host: waiter() });
    await expect(faulty.call(faults, 'nothing', [])).rejects.toThrow(`faulty exports no ${faults}.nothing`);
    await expect(faulty.call(faults, 'pause', [])).rejects.toThrow('takes 1 arguments, not 0');
    await expect(faulty.call(faults, 'pause', [() => 1])).rejects.toThrow(TrapError);
  });
});

describe('a trap', () => {
  test('costs the instance and nobody else', async () => {
    const faulty = await runtime.load('faulty', { host: waiter(), instances: 1 });
    expect(await faulty.call(faults, 'pause', [1])).toBe(1);
    expect(await faulty.call(faults, 'pause', [1])).toBe(2);
    await expect(faulty.call(faults, 'crash', [])).rejects.toThrow(TrapError);
    expect(await faulty.call(faults, 'pause', [1])).toBe(1);
  });

  test('of an import that fails without a result names the import', async () => {
    const host = { ...waiter(), invoke: () => Promise.reject(new Error('link is down')) };
    const faulty = await runtime.load('faulty', { host });
    await expect(faulty.call(faults, 'pause', [1])).rejects.toThrow(
      `faulty ${faults}.pause trapped: example:fixtures/waiter@0.1.0.pause failed: link is down`,
    );
    await expect(faulty.call(faults, 'relay', [false])).rejects.toThrow(TrapError);
  });
});

describe('a deadline', () => {
  test('ends a call that waits, tells the host, and costs the instance', async () => {
    const seen: InvokeContext[] = [];
    const faulty = await runtime.load('faulty', { host: waiter(seen), instances: 1 });
    await expect(faulty.call(faults, 'pause', [5000], { deadlineMs: 50 })).rejects.toThrow(DeadlineError);
    expect(seen[0]?.signal.aborted).toBe(true);
    expect(seen[0]?.deadlineMs).toBeLessThanOrEqual(50);
    expect(await faulty.call(faults, 'pause', [1])).toBe(1);
  });

  test('is never later than the limit of the component', async () => {
    const faulty = await runtime.load('faulty', { host: waiter(), limits: { executionMs: 60 } });
    await expect(faulty.call(faults, 'pause', [5000], { deadlineMs: 10_000 })).rejects.toThrow('within 60 ms');
  });

  test('counts while a call waits for an instance', async () => {
    const faulty = await runtime.load('faulty', { host: waiter(), instances: 1 });
    const running = faulty.call(faults, 'pause', [300]);
    await expect(faulty.call(faults, 'pause', [1], { deadlineMs: 50 })).rejects.toThrow(DeadlineError);
    await running;
  });

  test('ends a guest that spins, and a call beside it that did not start goes to another worker', async () => {
    const faulty = await runtime.load('faulty', { host: waiter(), instances: 100 });
    const spinning = [1, 2].map(() => faulty.call(faults, 'spin', [], { deadlineMs: 1_500 }));
    await sleep(500);
    // Both workers spin now: these are run by a spare one, or when the first is replaced.
    const others = [1, 2, 3, 4].map(() => faulty.call(faults, 'pause', [1], { deadlineMs: 10_000 }));
    const spun = await Promise.allSettled(spinning);
    expect(spun.map((one) => one.status === 'rejected' && one.reason instanceof DeadlineError)).toEqual([true, true]);
    expect(await Promise.all(others)).toHaveLength(4);
    await faulty.drain();
    expect(faulty.inFlight).toBe(0);
  });

  test('a spinning component does not stop one in another worker', async () => {
    const faulty = await runtime.load('faulty', { host: waiter() });
    const stop = new AbortController();
    const spinning = faulty.call(faults, 'spin', [], { signal: stop.signal }).catch((error: unknown) => error);
    const beside = faulty.call(faults, 'pause', [1]);
    expect(await Promise.race([beside, spinning])).toBeTypeOf('number');
    const reason = new Error('seen enough');
    stop.abort(reason);
    expect(await spinning).toBe(reason);
  });
});

describe('a caller', () => {
  test('that gives up gets its own reason', async () => {
    const faulty = await runtime.load('faulty', { host: waiter(), instances: 1 });
    const reason = new Error('client closed');
    await expect(faulty.call(faults, 'pause', [5000], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const call = faulty.call(faults, 'pause', [5000], { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await expect(call).rejects.toBe(reason);
    expect(await faulty.call(faults, 'pause', [1])).toBe(1);
  });
});

describe('memory', () => {
  test('grows to its limit and not past it', async () => {
    const faulty = await runtime.load('faulty', { host: waiter(), limits: { memoryBytes: 1024 * 1024 } });
    expect(await faulty.call(faults, 'grow', [10])).toBe(true);
    expect(await faulty.call(faults, 'grow', [16])).toBe(false);
  });

  test('of instances that were needed at once is given back when they are not', async () => {
    const all = Promise.withResolvers<void>();
    let waiting = 0;
    let most = 0;
    const host: HostFunctions = {
      ...waiter(),
      invoke: () => {
        waiting += 1;
        if (waiting < 300) return all.promise;
        most = faulty.usage.memoryBytes;
        all.resolve();
        return all.promise;
      },
    };
    const faulty = await runtime.load('faulty', { host, instances: 300 });
    const one = faulty.usage.memoryBytes;
    await Promise.all(Array.from({ length: 300 }, () => faulty.call(faults, 'pause', [1])));
    expect(most).toBeGreaterThanOrEqual(one * 300);
    // Two workers and two spare ones keep 64 each.
    await expect.poll(() => faulty.usage.memoryBytes, { timeout: 60_000 }).toBeLessThanOrEqual(one * 256);
    expect(await faulty.call(faults, 'pause', [1])).toBeGreaterThan(1);
  });

  test('is counted while an instance has it', async () => {
    const faulty = await patient.load('faulty', { host: waiter(), instances: 1 });
    const first = faulty.usage.memoryBytes;
    expect(first).toBeGreaterThanOrEqual(64 * 1024);
    expect(await faulty.call(faults, 'grow', [10])).toBe(true);
    expect(faulty.usage.memoryBytes).toBe(first + 10 * 64 * 1024);
    await expect(faulty.call(faults, 'crash', [])).rejects.toThrow(TrapError);
    expect(faulty.usage.memoryBytes).toBe(0);
    await faulty.call(faults, 'pause', [1]);
    expect(faulty.usage.memoryBytes).toBe(first);
    await expect(faulty.call(faults, 'spin', [], { deadlineMs: 50 })).rejects.toThrow(DeadlineError);
    await expect.poll(() => faulty.usage.memoryBytes, { timeout: 30_000 }).toBe(0);
  });
});

describe('ending', () => {
  test('drain lets calls end and takes no new ones', async () => {
    const faulty = await runtime.load('faulty', { host: waiter(), instances: 1 });
    const calls = [faulty.call(faults, 'pause', [50]), faulty.call(faults, 'pause', [1])];
    const drained = faulty.drain();
    await expect(faulty.call(faults, 'pause', [1])).rejects.toThrow(ClosedError);
    await drained;
    expect(await Promise.all(calls)).toEqual([1, 2]);
    expect(faulty.inFlight).toBe(0);
  });

  test('close ends calls', async () => {
    const faulty = await runtime.load('faulty', { host: waiter(), instances: 1 });
    const calls = [faulty.call(faults, 'pause', [5000]), faulty.call(faults, 'pause', [1])];
    const ended = Promise.allSettled(calls);
    await sleep(20);
    faulty.close();
    const reasons = (await ended).map((one) => one.status === 'rejected' && one.reason instanceof ClosedError);
    expect(reasons).toEqual([true, true]);
  });

  test('fewer instances take effect with the next call', async () => {
    const faulty = await patient.load('faulty', { host: waiter(), instances: 5 });
    faulty.resize(1);
    expect(await Promise.all([1, 2].map(() => faulty.call(faults, 'pause', [5])))).toEqual([1, 2]);
  });
});
