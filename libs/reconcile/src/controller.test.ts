import { FakeClock, settle } from '@kasmcloud/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { done, requeueAfter, runController, TerminalError, type Reconciled, type Result } from './controller.ts';
import { WorkQueue } from './work-queue.ts';

const backoff = { baseMs: 100, maxMs: 1_000, jitter: 0 };

interface Rig {
  readonly clock: FakeClock;
  readonly queue: WorkQueue;
  readonly events: Reconciled[];
  readonly errors: unknown[];
  readonly seen: string[];
  stop(): Promise<void>;
}

function run(
  reconcile: (key: string, rig: Rig, signal: AbortSignal) => Promise<Result>,
  options: { workers?: number; resync?: { everyMs: number; keys: () => Iterable<string> } } = {},
): Rig {
  const clock = new FakeClock();
  const stopping = new AbortController();
  const queue = new WorkQueue({ clock, random: () => 0, backoff, signal: stopping.signal });
  const rig: Rig = {
    clock,
    queue,
    events: [],
    errors: [],
    seen: [],
    stop: async () => {
      stopping.abort();
      await finished;
    },
  };
  const finished = runController({
    name: 'test',
    queue,
    clock,
    workers: options.workers ?? 1,
    signal: stopping.signal,
    reconcile: async (key, signal) => {
      rig.seen.push(key);
      return reconcile(key, rig, signal);
    },
    onError: (_key, error) => rig.errors.push(error),
    onReconcile: (event) => rig.events.push(event),
    ...(options.resync === undefined ? {} : { resync: options.resync }),
  });
  return rig;
}

test('a failure is retried after the backoff, and success forgets it', async () => {
  let left = 2;
  const rig = run(() => (left-- > 0 ? Promise.reject(new Error('busy')) : Promise.resolve(done)));
  rig.queue.add('a');
  await settle();
  expect(rig.events.at(-1)).toMatchObject({
    controller: 'test',
    key: 'a',
    outcome: { kind: 'failed', failures: 1, retryInMs: 100 },
  });
  await rig.clock.advance(99);
  expect(rig.seen).toHaveLength(1);
  await rig.clock.advance(1 + 200);
  expect(rig.events.map((event) => event.outcome.kind)).toEqual(['failed', 'failed', 'done']);
  expect(rig.queue.failures('a')).toBe(0);
  expect(rig.errors).toHaveLength(2);
  await rig.stop();
});

test('a terminal error is told and not retried until the key changes', async () => {
  const rig = run(() => Promise.reject(new TerminalError('image is not a component')));
  rig.queue.add('a');
  await rig.clock.advance(1_000_000);
  expect(rig.seen).toEqual(['a']);
  expect(rig.errors).toHaveLength(1);
  rig.queue.add('a');
  await settle();
  expect(rig.seen).toEqual(['a', 'a']);
  await rig.stop();
});

test('requeueAfter looks again later, and a change before that counts as the look', async () => {
  const rig = run(() => Promise.resolve(requeueAfter(1_000)));
  rig.queue.add('a');
  await settle();
  await rig.clock.advance(400);
  rig.queue.add('a');
  await rig.clock.advance(999);
  expect(rig.seen).toHaveLength(2);
  await rig.clock.advance(1);
  expect(rig.seen).toHaveLength(3);
  await rig.stop();
});

test('resync adds the known keys again every so often, and ends with the controller', async () => {
  const rig = run(() => Promise.resolve(done), { resync: { everyMs: 60_000, keys: () => ['a', 'b'] } });
  await rig.clock.advance(120_000);
  expect(rig.seen).toEqual(['a', 'b', 'a', 'b']);
  await rig.stop();
  expect(rig.clock.pending).toBe(0);
});

test('stopping tells the look under way and waits for it', async () => {
  const told = Promise.withResolvers<void>();
  const release = Promise.withResolvers<Result>();
  const rig = run((_key, _rig, signal) => {
    signal.addEventListener('abort', () => told.resolve());
    return release.promise;
  });
  rig.queue.add('a');
  await settle();
  let stopped = false;
  const stop = rig.stop().then(() => (stopped = true));
  await told.promise;
  await settle();
  expect(stopped).toBe(false);
  release.resolve(done);
  await stop;
  expect(rig.events).toHaveLength(1);
});

test('with many workers, chance failures and chance durations, no key is worked twice at once and every change is seen', async () => {
  const changes = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), gap: fc.nat(50) }), { maxLength: 40 });
  const plays = fc.record({ changes, workers: fc.integer({ min: 1, max: 4 }), chance: fc.infiniteStream(fc.nat(99)) });
  await fc.assert(
    fc.asyncProperty(plays, async ({ changes, workers, chance }) => {
      const world = new Map<string, number>();
      const read = new Map<string, number>();
      const busy = new Set<string>();
      const roll = (): number => chance.next().value ?? 0;
      const rig = run(
        async (key, { clock }, signal) => {
          expect(busy).not.toContain(key);
          busy.add(key);
          const version = world.get(key) ?? 0;
          await clock.sleep(roll(), signal);
          busy.delete(key);
          if (roll() < 20) throw new Error('chance');
          read.set(key, version);
          return done;
        },
        { workers },
      );
      for (const { key, gap } of changes) {
        world.set(key, (world.get(key) ?? 0) + 1);
        rig.queue.add(key);
        await rig.clock.advance(gap);
      }
      await rig.clock.advance(60_000);
      expect(read).toEqual(world);
      expect(rig.errors.filter((error) => !(error instanceof Error) || error.message !== 'chance')).toEqual([]);
      await rig.stop();
      expect(rig.clock.pending).toBe(0);
    }),
    { numRuns: 60 },
  );
});
