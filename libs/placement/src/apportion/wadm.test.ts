import { expect, test } from 'vitest';
import { wadmCounts } from './wadm.ts';

// The vectors of wadm's own tests.
test.for([
  [1, [100], [1]],
  [10, [100, 100], [5, 5]],
  [7, [30, 40], [3, 4]],
  [7, [100, 100], [4, 3]],
  [103, [42, 3, 37, 384], [10, 0, 8, 85]],
  [103, [42, 3, 37], [53, 3, 47]],
  [5, [0, 100], [0, 5]],
  [5, [0, 0], [0, 0]],
  [12, [], []],
] as const)('%i over weights %j', ([instances, weights, counts]) => {
  expect(wadmCounts(instances, weights)).toEqual(counts);
});
