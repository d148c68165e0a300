import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { DeadlineError } from '../error.ts';
import { get, openRuntime, textOf, type TestRuntime } from '../testing/harness.ts';
import { Call } from './call.ts';
import type { CallJob, FromWorker } from './protocol.ts';
import { Thread } from './thread.ts';
import type { HostFunctions, LoadedComponent } from './types.ts';

// Workers start, and are ended, in their own time.
vi.setConfig({ testTimeout: 120_000 });

const faults = 'example:fixtures/faults@0.1.0';

/** Serves the waiter: `pause` waits so many milliseconds. */
const host: HostFunctions = {
  provides: () => true,
  invoke: (_instance, _func, [argument], { signal }) => sleep(Number(argument), undefined, { signal }),
  log: () => undefined,
};

/** One worker for all, and a spare one. */
const together = async (act: (runtime: TestRuntime) => Promise<void>): Promise<void> => {
  const runtime = await openRuntime({ workers: 1, graceMs: 100 });
  try {
    await act(runtime);
  } finally {
    await runtime.close();
  }
};

/** How a spinning call ended, and when. */
const spin = async (component: LoadedComponent, deadlineMs: number): Promise<unknown> =>
  component.call(faults, 'spin', [], { deadlineMs }).catch((error: unknown) => error);

describe('beside a guest that spins', () => {
  test('answers that others gave before it in the same turn arrive', () =>
    together(async (runtime) => {
      const hello = await runtime.load('hello', { config: { greeting: 'hi' } });
      const counter = await runtime.load('faulty', { host, instances: 50 });
      const spinner = await runtime.load('faulty', { host });
      const answer = async (): Promise<string> => textOf(await hello.handleHttp(get('/')));
      await answer();
      const before = [answer(), answer(), counter.call(faults, 'grow', [1]), answer()];
      const spinning = spin(spinner, 1_500);
      const after = [counter.call(faults, 'grow', [1]), answer()];
      expect(await Promise.all(before)).toEqual(['hi\n', 'hi\n', true, 'hi\n']);
      expect(await Promise.all(after)).toEqual([true, 'hi\n']);
      expect(await spinning).toBeInstanceOf(DeadlineError);
    }));

  test('those that waited and come to their end are heard', () =>
    together(async (runtime) => {
      const waiting = Promise.withResolvers<void>();
      const spinner = await runtime.load('faulty', { host: { ...host, invoke: () => waiting.promise } });
      const beside = await runtime.load('faulty', { host: { ...host, invoke: () => waiting.promise }, instances: 20 });
      const first = Array.from({ length: 5 }, () => beside.call(faults, 'pause', [1]));
      // It spins while those are under way, and their imports are served meanwhile or at once with it.
      await sleep(200);
      const spinning = spinner.call(faults, 'pause', [1]).then(() => spin(spinner, 1_000));
      await sleep(200);
      waiting.resolve();
      expect(await Promise.all(first)).toEqual([1, 1, 1, 1, 1]);
      expect(await spinning).toBeInstanceOf(DeadlineError);
    }));

  test('a component is loaded elsewhere, or when its worker was replaced', () =>
    together(async (runtime) => {
      const spinners = await Promise.all([1, 2].map(() => runtime.load('faulty', { host })));
      const [first, second] = spinners.map((spinner) => spin(spinner, 3_000));
      await sleep(300);
      // One spins in each worker: what is loaded now was given to one that is ended.
      const hello = await runtime.load('hello', { config: { greeting: 'here' } });
      expect(await textOf(await hello.handleHttp(get('/')))).toBe('here\n');
      expect(await first).toBeInstanceOf(DeadlineError);
      expect(await second).toBeInstanceOf(DeadlineError);
    }));

  test('another whose time is up does not end it before its own', () =>
    together(async (runtime) => {
      const waiter = await runtime.load('faulty', { host });
      const spinner = await runtime.load('faulty', { host });
      const waits = waiter.call(faults, 'pause', [20_000], { deadlineMs: 800 }).catch((error: unknown) => error);
      await sleep(200);
      const spinning = spin(spinner, 2_500);
      expect(await waits).toBeInstanceOf(DeadlineError);
      // Past the grace of the other by far: it would have been lost with its worker.
      expect(await spinning).toBeInstanceOf(DeadlineError);
    }));

  test('others keep their worker once it is known for that', () =>
    together(async (runtime) => {
      const spinner = await runtime.load('faulty', { host });
      expect(await spin(spinner, 500)).toBeInstanceOf(DeadlineError);
      const counter = await runtime.load('faulty', { host, instances: 1 });
      for (let count = 1; count <= 3; count++) {
        const spinning = spin(spinner, 500);
        await sleep(100);
        expect(await counter.call(faults, 'pause', [1])).toBe(count);
        expect(await spinning).toBeInstanceOf(DeadlineError);
      }
    }));
});

describe('a thread that is ended', () => {
  test('is heard until its end: answers that nobody had read yet are not lost', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kasmcloud-last-words-'));
    const file = join(folder, 'worker.mjs');
    await writeFile(
      file,
      `import { parentPort } from 'node:worker_threads';
       parentPort.postMessage([{ kind: 'pong' }]);
       parentPort.on('message', (messages) => {
         for (const message of messages) {
           if (message.kind !== 'call') continue;
           parentPort.postMessage([{ kind: 'finished', call: message.call, outcome: { kind: 'value', value: 7 } }]);
           parentPort.postMessage([{ kind: 'invoke', invocation: 1, call: message.call }]);
           for (;;);
         }
       });`,
    );
    const heard: FromWorker['kind'][] = [];
    const gone = Promise.withResolvers<string>();
    const tracing = { sampling: undefined, take: () => undefined };
    const thread = new Thread(
      { url: pathToFileURL(file), heapMegabytes: 64, number: 0, tracing },
      { message: (message) => heard.push(message.kind), gone: gone.resolve },
    );
    await expect.poll(() => thread.isUp, { timeout: 60_000 }).toBe(true);
    heard.length = 0;
    const job: CallJob = { kind: 'function', instance: '', func: 'f', args: [] };
    thread.give(new Call({ id: 1, component: 1, job, what: 'f', deadlineMs: 1, endsAt: 0 }), job);
    await new Promise((resolve) => setImmediate(resolve));
    // This thread reads nothing while the other answers and spins.
    const until = performance.now() + 500;
    while (performance.now() < until);
    thread.stop('it spins');
    expect(heard).toEqual([]);
    expect(await gone.promise).toBe('it spins');
    // What it asked for is not done any more.
    expect(heard).toEqual(['finished']);
    await rm(folder, { recursive: true });
  });
});
