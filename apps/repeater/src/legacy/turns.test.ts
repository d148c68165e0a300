import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

const never = new AbortController().signal;

test('so many work at a time, the others in the order in which they came', async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const all = ends.map(async ({ promise }, index) =>
    turns.take(never, async () => {
      begun.push(index);
      await promise;
      return index;
    }),
  );
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  ends[1]?.resolve();
  await all[1];
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  for (const { resolve } of ends) resolve();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
});

test('who gives up, or fails, holds up nobody', async () => {
  const turns = new Turns(1);
  const stop = new AbortController();
  const end = Promise.withResolvers<never>();
  const first = turns.take(never, async () => end.promise);
  const second = turns.take(stop.signal, async () => Promise.resolve('second'));
  const third = turns.take(never, async () => Promise.resolve('third'));
  stop.abort(new RangeError('enough'));
  await expect(second).rejects.toThrow('enough');
  end.reject(new TypeError('broken'));
  await expect(first).rejects.toThrow('broken');
  expect(await third).toBe('third');
  await expect(turns.take(stop.signal, async () => Promise.resolve())).rejects.toThrow('enough');
  expect(await turns.take(never, async () => Promise.resolve('free'))).toBe('free');
});
