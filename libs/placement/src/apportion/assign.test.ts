import { expect, test } from 'vitest';
import { assign } from './assign.ts';

test('a supply serves what it can, in order', () => {
  expect(assign([{ amount: 5, serves: [0, 1] }], [2, 9])).toEqual([[2, 3]]);
  expect(assign([{ amount: 5, serves: [1] }], [2, 4])).toEqual([[0, 4]]);
  expect(assign([{ amount: 5, serves: [] }], [2])).toEqual([[0]]);
  expect(assign([], [2])).toEqual([]);
});

test('one moves aside for another that has nowhere else to go', () => {
  const supplies = [
    { amount: 3, serves: [0, 1] },
    { amount: 2, serves: [0] },
  ];
  expect(assign(supplies, [3, 2])).toEqual([
    [1, 2],
    [2, 0],
  ]);
  // There is room for one only.
  expect(assign(supplies, [3, 1])).toEqual([
    [2, 1],
    [1, 0],
  ]);
});

test('and so on, along a chain', () => {
  const supplies = [
    { amount: 1, serves: [1, 2] },
    { amount: 1, serves: [0, 1] },
    { amount: 1, serves: [0] },
  ];
  expect(assign(supplies, [1, 1, 1])).toEqual([
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
  ]);
});
