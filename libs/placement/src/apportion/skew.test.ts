import { expect, test } from 'vitest';
import { fillInOrder } from './in-order.ts';
import { movesToRepair, placeableUnderSkew, skewBounds } from './skew.ts';

test('a hard skew bounds every domain above the smallest, but for what it holds', () => {
  expect(skewBounds([9, 2, 1], [0, 0, 0], 1, 2)).toEqual([3, 2, 1]);
  expect(skewBounds([9, 9], [5, 0], 1, 1)).toEqual([5, 2]);
  expect(skewBounds([9], [], 0, 1)).toEqual([1]);
});

test('the most under a hard skew', () => {
  expect(placeableUnderSkew([], 1)).toBe(0);
  expect(placeableUnderSkew([5], 1)).toBe(5);
  expect(placeableUnderSkew([5, 2, 3], 1)).toBe(8);
});

test('the fewest moves that repair a skew', () => {
  expect(movesToRepair([4, 0], [9, 9], 1)).toBe(2);
  expect(movesToRepair([3, 2], [9, 9], 1)).toBe(0);
  expect(movesToRepair([5, 0, 0], [9, 1, 9], 1)).toBe(3);
  // The small domain cannot hold what would make it level.
  expect(movesToRepair([4, 0], [4, 0], 1)).toBeUndefined();
});

test('in order, each full before the next', () => {
  expect(fillInOrder(5, [0, 0, 0], [2, 2, 9])).toEqual([2, 2, 1]);
  expect(fillInOrder(6, [0, 3, 0], [2, 4, 9])).toEqual([2, 4, 0]);
  expect(fillInOrder(2, [0, 3], [2, 4])).toEqual([0, 3]);
  expect(fillInOrder(6, [3, 0], [1, 9])).toEqual([3, 3]);
});
