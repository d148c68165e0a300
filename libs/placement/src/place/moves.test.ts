import { expect, test } from 'vitest';
import { Holding } from './holding.ts';
import { planMoves } from './moves.ts';

test('one move for each replica, in order of host', () => {
  const held = new Holding([0, 1, 2], [3, 1, 1]);
  const target = new Holding([0, 2, 3], [1, 2, 2]);
  expect(planMoves(held, target)).toEqual([
    { from: 0, to: 2 },
    { from: 0, to: 3 },
    { from: 1, to: 3 },
  ]);
});

test('what only comes, or only goes, moves nothing', () => {
  expect(planMoves(Holding.none, new Holding([0], [2]))).toEqual([]);
  expect(planMoves(new Holding([0], [2]), Holding.none)).toEqual([]);
  expect(planMoves(new Holding([0], [1]), new Holding([1], [2]))).toEqual([{ from: 0, to: 1 }]);
});
