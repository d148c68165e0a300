import { describe, expect, test } from 'vitest';
import { differences, Holding, holdingOf, HoldingList, together } from './holding.ts';

const pairsOf = (holding: Holding): [number, number][] => [...holding];

test('a holding knows its sum, its size and what each host has', () => {
  const holding = new Holding([2, 5, 9], [1, 4, 3]);
  expect([holding.sum, holding.size]).toEqual([8, 3]);
  expect([0, 2, 3, 5, 9, 10].map((host) => holding.get(host))).toEqual([0, 1, 0, 4, 3, 0]);
  expect(pairsOf(holding)).toEqual([
    [2, 1],
    [5, 4],
    [9, 3],
  ]);
  expect([Holding.none.sum, Holding.none.size, Holding.none.get(0)]).toEqual([0, 0, 0]);
});

test('of counts in any order, those of one host are added up and zeros left out', () => {
  const pairs: [number, number][] = [
    [9, 1],
    [10, 2],
    [2, 3],
    [9, 4],
    [5, 0],
    [7, 1],
    [7, -1],
  ];
  expect(pairsOf(holdingOf(pairs))).toEqual([
    [2, 3],
    [9, 5],
    [10, 2],
  ]);
  expect(holdingOf([])).toBe(Holding.none);
  expect(holdingOf([[1, 0]])).toBe(Holding.none);
});

test('a list in the making leaves zeros out', () => {
  const list = new HoldingList();
  expect(list.holding()).toBe(Holding.none);
  list.add(1, 0);
  list.add(3, 2);
  expect(pairsOf(list.holding())).toEqual([[3, 2]]);
});

test('all together; a single one is itself', () => {
  const one = new Holding([1], [2]);
  expect(together([])).toBe(Holding.none);
  expect(together([Holding.none, one, Holding.none])).toBe(one);
  expect(pairsOf(together([one, new Holding([1, 4], [1, 1])]))).toEqual([
    [1, 3],
    [4, 1],
  ]);
});

describe('differences', () => {
  const told = (before: Holding, now: Holding): [number, number][] => {
    const changes: [number, number][] = [];
    differences(before, now, (host, change) => changes.push([host, change]));
    return changes;
  };

  test('are told in order of host, and only where there are some', () => {
    const before = new Holding([1, 3, 5, 8], [2, 2, 2, 2]);
    const now = new Holding([2, 3, 5, 9], [4, 2, 1, 1]);
    expect(told(before, now)).toEqual([
      [1, -2],
      [2, 4],
      [5, -1],
      [8, -2],
      [9, 1],
    ]);
  });

  test('with nothing are everything', () => {
    const some = new Holding([0, 4], [1, 2]);
    expect(told(Holding.none, some)).toEqual([
      [0, 1],
      [4, 2],
    ]);
    expect(told(some, Holding.none)).toEqual([
      [0, -1],
      [4, -2],
    ]);
    expect(told(some, some)).toEqual([]);
  });
});
