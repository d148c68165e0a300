import { expect, test } from 'vitest';
import { Figures, FigureShelf } from './figures.ts';

test('a host has the room of all, or its own as an exception, for one allocation', () => {
  const figures = new Figures(1, 3);
  figures.begin(1, Int32Array.of(5, 6, 7));
  expect([figures.except(0, 3), figures.except(0, 0), figures.except(1, 8)]).toEqual([-2, -3, 2]);
  expect([0, 1, 2].map((position) => figures.roomAt(position))).toEqual([0, 8, 7]);
  figures.begin(1, Int32Array.of(1, 2, 3));
  expect([0, 1, 2].map((position) => figures.roomAt(position))).toEqual([1, 2, 3]);
});

test('what is written is listed once, and forgotten by the next allocation', () => {
  const figures = new Figures(2, 3);
  figures.begin(2, new Int32Array(3));
  figures.write(2, 4);
  figures.write(0, 1);
  figures.write(2, 5);
  expect([figures.touched, figures.now[2], figures.isTouched(2), figures.isTouched(1)]).toEqual([
    [2, 0],
    5,
    true,
    false,
  ]);
  figures.holding[1] = 9;
  figures.dealt[1] = 1;
  figures.begin(2, new Int32Array(3));
  expect([figures.touched, figures.isTouched(2), figures.holding[1], figures.dealt[1]]).toEqual([[], false, 0, 0]);
  expect([...figures.level]).toEqual([-1, -1]);
});

test('figures are lent, and made anew only when they are too small', () => {
  const shelf = new FigureShelf();
  const first = shelf.take(3, 3);
  expect(shelf.take(64, 64)).toBe(first);
  const larger = shelf.take(65, 2);
  expect([larger.holding.length, larger.standing.length]).toEqual([65, 64]);
  const largest = shelf.take(2, 100);
  expect([largest.holding.length, largest.standing.length]).toEqual([65, 100]);
});
