import { FakeClock, settle } from '@kasmcloud/testing';
import { expect, test } from 'vitest';
import { BatchQueue } from './batch-queue.ts';

const never = new AbortController().signal;

test('keys gather for the window after the first one, then come as one set', async () => {
  const clock = new FakeClock();
  const queue = new BatchQueue({ clock, windowMs: 50 });
  const batch = queue.next(never);
  queue.add('a');
  await clock.advance(40);
  queue.add('b', 'a');
  await clock.advance(9);
  expect(queue.size).toBe(2);
  await clock.advance(1);
  expect(await batch).toEqual(new Set(['a', 'b']));
  expect(queue.size).toBe(0);
});

test('keys that come while a batch is worked on make the next one, at once when their window has passed', async () => {
  const clock = new FakeClock();
  const queue = new BatchQueue({ clock, windowMs: 50 });
  queue.add('a');
  await clock.advance(50);
  expect(await queue.next(never)).toEqual(new Set(['a']));
  queue.add('b');
  await clock.advance(200);
  queue.add('c');
  expect(await queue.next(never)).toEqual(new Set(['b', 'c']));

  let early = false;
  const next = queue.next(never).then((batch) => {
    early = true;
    return batch;
  });
  queue.add('d');
  await settle();
  expect(early).toBe(false);
  await clock.advance(50);
  expect(await next).toEqual(new Set(['d']));
});

test('an abort ends the wait and keeps the keys', async () => {
  const clock = new FakeClock();
  const queue = new BatchQueue({ clock, windowMs: 50 });
  const stopping = new AbortController();
  const batch = queue.next(stopping.signal);
  queue.add('a');
  stopping.abort();
  expect(await batch).toBeUndefined();
  expect(queue.size).toBe(1);
});

test('a second consumer is refused', async () => {
  const queue = new BatchQueue({ clock: new FakeClock(), windowMs: 50 });
  const stopping = new AbortController();
  const first = queue.next(stopping.signal);
  await expect(queue.next(never)).rejects.toThrow(TypeError);
  stopping.abort();
  await first;
});
