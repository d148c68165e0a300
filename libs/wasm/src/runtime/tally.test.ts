import { expect, test } from 'vitest';
import { noteCall, readTally, tallyTable } from './tally.ts';

test('calls are counted by how they ended and how long they ran', () => {
  const table = tallyTable();
  for (const [ending, ms] of [
    ['value', 0.2],
    ['value', 0.5],
    ['error', 3],
    ['trap', 20_000],
    ['abandoned', 10_000],
  ] as const)
    noteCall(table, ending, ms);
  const { ended, seconds, buckets } = readTally(table);
  expect(ended).toEqual({ value: 2, error: 1, trap: 1, abandoned: 1 });
  expect(seconds).toBeCloseTo(30.0037);
  const of = new Map(buckets);
  expect([of.get(0.0005), of.get(0.0025), of.get(0.005), of.get(10), of.get(Infinity)]).toEqual([2, 2, 3, 4, 5]);
});

test('a count that wrapped around is not negative', () => {
  const table = tallyTable();
  table[0] = -1;
  expect(readTally(table).ended.value).toBe(2 ** 32 - 1);
});
