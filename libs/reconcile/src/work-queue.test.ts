import { FakeClock, settle } from '@kasmcloud/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WorkQueue } from './work-queue.ts';

const backoff = { baseMs: 100, maxMs: 1_000, jitter: 0 };

function make(): { clock: FakeClock; queue: WorkQueue; closing: AbortController } {
  const clock = new FakeClock();
  const closing = new AbortController();
  return { clock, closing, queue: new WorkQueue({ clock, random: () => 0, backoff, signal: closing.signal }) };
}

test('keys come out in the order they went in, each once', async () => {
  const { queue } = make();
  for (const key of ['b', 'a', 'b', 'c', 'a']) queue.add(key);
  expect([await queue.take(), await queue.take(), await queue.take()]).toEqual(['b', 'a', 'c']);
  expect(queue.ready).toBe(0);
  expect(queue.held).toBe(3);
});

test('a key added while held comes back once, after done', async () => {
  const { queue } = make();
  queue.add('a');
  await queue.take();
  queue.add('a');
  queue.add('a');
  expect(queue.ready).toBe(0);
  queue.done('a');
  expect(await queue.take()).toBe('a');
  queue.done('a');
  expect(queue.ready).toBe(0);
});

test('a waiting worker is handed the next key', async () => {
  const { queue } = make();
  const first = queue.take();
  const second = queue.take();
  queue.add('a');
  queue.add('b');
  expect(await Promise.all([first, second])).toEqual(['a', 'b']);
});

describe('addAfter', () => {
  test('of several wishes for one key the earliest wins', async () => {
    const { clock, queue } = make();
    queue.addAfter('a', 500);
    queue.addAfter('a', 200);
    queue.addAfter('a', 900);
    await clock.advance(199);
    expect(queue.ready).toBe(0);
    await clock.advance(1);
    expect(queue.ready).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('a look now is also the look that was due later', async () => {
    const { clock, queue } = make();
    queue.addAfter('a', 500);
    queue.add('a');
    queue.addAfter('a', 300);
    expect(clock.pending).toBe(0);
    expect(queue.ready).toBe(1);
  });

  test('a wish that falls due while the key is held waits for done', async () => {
    const { clock, queue } = make();
    queue.add('a');
    await queue.take();
    queue.addAfter('a', 10);
    await clock.advance(10);
    expect(queue.ready).toBe(0);
    queue.done('a');
    expect(queue.ready).toBe(1);
  });
});

test('failures double the wait up to the limit, and forget starts again', () => {
  const { queue } = make();
  expect([1, 2, 3, 4, 5, 6].map(() => queue.addFailed('a'))).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  expect(queue.failures('a')).toBe(6);
  queue.forget('a');
  expect(queue.addFailed('a')).toBe(100);
});

describe('an end', () => {
  test('the abort of the queue wakes every worker and cancels what was due', async () => {
    const { clock, queue, closing } = make();
    const waiting = [queue.take(), queue.take()];
    queue.addAfter('a', 100);
    closing.abort();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
    queue.add('b');
    queue.addAfter('c', 1);
    expect(await queue.take()).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  test('a worker that gave up is not handed a key', async () => {
    const { queue } = make();
    const leaving = new AbortController();
    const left = queue.take(leaving.signal);
    const stays = queue.take();
    leaving.abort();
    queue.add('a');
    expect(await left).toBeUndefined();
    expect(await stays).toBe('a');
  });
});

type Step =
  | { do: 'add'; key: string }
  | { do: 'addAfter'; key: string; ms: number }
  | { do: 'take' }
  | { do: 'done'; nth: number; failed: boolean }
  | { do: 'wait'; ms: number };

const keys = fc.constantFrom('a', 'b', 'c', 'd');
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key: keys }),
  fc.record({ do: fc.constant('addAfter' as const), key: keys, ms: fc.nat(2_000) }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('done' as const), nth: fc.nat(3), failed: fc.boolean() }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(3_000) }),
);

test('no key is lost and none is held twice, whatever happens in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 60 }), async (script) => {
      const { clock, queue } = make();
      const owed = new Set<string>();
      const held: string[] = [];
      const take = async (): Promise<void> => {
        if (queue.ready === 0) return;
        const key = await queue.take();
        if (key === undefined) throw new Error('an open queue with ready keys gave none');
        expect(held).not.toContain(key);
        held.push(key);
        owed.delete(key);
      };
      const finish = (nth: number, failed: boolean): void => {
        const [key] = held.splice(nth % Math.max(1, held.length), 1);
        if (key === undefined) return;
        if (failed) {
          queue.addFailed(key);
          owed.add(key);
        }
        queue.done(key);
      };

      for (const step of script) {
        switch (step.do) {
          case 'add':
            queue.add(step.key);
            owed.add(step.key);
            break;
          case 'addAfter':
            queue.addAfter(step.key, step.ms);
            owed.add(step.key);
            break;
          case 'take':
            await take();
            break;
          case 'done':
            finish(step.nth, step.failed);
            break;
          case 'wait':
            await clock.advance(step.ms);
            break;
        }
      }

      // Everything that was asked for is seen once the workers finish and time passes.
      while (held.length > 0) finish(0, false);
      await clock.advance(10_000);
      while (queue.ready > 0) {
        await take();
        finish(0, false);
      }
      await settle();
      expect(owed).toEqual(new Set());
      expect({ ready: queue.ready, held: queue.held, later: queue.later }).toEqual({ ready: 0, held: 0, later: 0 });
    }),
    { numRuns: 150 },
  );
});
