import { expect, test } from 'vitest';
import { MoveBudget } from './move-budget.ts';

test('moves count for a minute, each for itself', () => {
  const budget = new MoveBudget();
  expect(budget.left('web', 5, 0)).toBe(5);
  budget.made('web', 2, 0);
  budget.made('web', 2, 30_000);
  expect(budget.left('web', 5, 30_000)).toBe(1);
  expect(budget.left('api', 5, 30_000)).toBe(5);
  expect(budget.nextAt('web', 30_000)).toBe(60_000);
  expect(budget.left('web', 5, 60_000)).toBe(3);
  expect(budget.left('web', 1, 60_000)).toBe(0);
  expect(budget.nextAt('web', 90_000)).toBeUndefined();
});
