import { assert, double, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test('waits double up to the maximum', () => {
  expect([1, 2, 3, 4, 5].map((attempts) => backoffMs(attempts, 0.999_999, { minMs: 100, maxMs: 1_000 }))).toEqual([
    100, 200, 400, 800, 1_000,
  ]);
});

test('any wait is between half of the first and the maximum', () => {
  assert(
    property(
      integer({ min: 1, max: 10_000 }),
      double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempts, random) => {
        const wait = backoffMs(attempts, random);
        return wait >= 250 && wait <= 60_000;
      },
    ),
  );
});
