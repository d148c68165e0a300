import { describe, expect, test } from 'vitest';
import { pack, unpack } from './pack.ts';

const byIndex = (i: number): number => i;
const lastFirst = (i: number): number => -i;

describe('pack', () => {
  const cases: { name: string; total: number; lo: number[]; hi: number[]; want: number[] }[] = [
    { name: 'nothing to give', total: 0, lo: [0, 0], hi: [3, 3], want: [0, 0] },
    { name: 'what is held is kept, even above the total', total: 1, lo: [2, 1], hi: [5, 5], want: [2, 1] },
    { name: 'places in use before larger ones that are free', total: 4, lo: [1, 0], hi: [3, 9], want: [3, 1] },
    { name: 'the fullest in use comes first', total: 6, lo: [1, 2], hi: [9, 5], want: [1, 5] },
    { name: 'what is above its bound gets nothing and keeps all', total: 5, lo: [3, 0], hi: [2, 4], want: [3, 2] },
    { name: 'the tightest that holds the rest', total: 3, lo: [0, 0, 0], hi: [9, 3, 5], want: [0, 3, 0] },
    { name: 'as tight as can be where none is exact', total: 4, lo: [0, 0, 0], hi: [9, 3, 5], want: [0, 0, 4] },
    {
      name: 'the largest first, and the tightest for the rest',
      total: 11,
      lo: [0, 0, 0],
      hi: [2, 9, 4],
      want: [2, 9, 0],
    },
    { name: 'a place in use takes no second helping', total: 12, lo: [1, 0, 0], hi: [4, 5, 3], want: [4, 5, 3] },
    { name: 'full everywhere', total: 99, lo: [0, 1, 0], hi: [2, 3, 4], want: [2, 3, 4] },
    { name: 'a place without room stays empty', total: 2, lo: [0, 0], hi: [0, 2], want: [0, 2] },
    { name: 'no place', total: 2, lo: [], hi: [], want: [] },
  ];
  test.for(cases)('$name', ({ total, lo, hi, want }) => {
    expect(pack(total, lo, hi, byIndex)).toEqual(want);
  });

  test('ties go by rank: in use, free and large, and tightest', () => {
    expect(pack(4, [1, 1, 1], [2, 2, 2], lastFirst)).toEqual([1, 1, 2]);
    expect(pack(7, [0, 0, 0], [4, 4, 4], lastFirst)).toEqual([0, 3, 4]);
    expect(pack(2, [0, 0, 0], [2, 2, 2], lastFirst)).toEqual([0, 0, 2]);
  });

  test('and where ranks are equal, by index', () => {
    const equal = (): number => 0;
    expect(pack(4, [1, 1, 1], [2, 2, 2], equal)).toEqual([2, 1, 1]);
    expect(pack(7, [0, 0, 0], [4, 4, 4], equal)).toEqual([4, 3, 0]);
    expect(pack(2, [0, 0, 0], [2, 2, 2], equal)).toEqual([2, 0, 0]);
  });
});

describe('unpack', () => {
  const cases: { name: string; total: number; lo: number[]; hi: number[]; want: number[] }[] = [
    { name: 'nothing to take', total: 6, lo: [0, 0], hi: [2, 4], want: [2, 4] },
    { name: 'the total is above what is held', total: 9, lo: [0, 0], hi: [2, 4], want: [2, 4] },
    { name: 'the emptiest first', total: 5, lo: [0, 0, 0], hi: [3, 1, 4], want: [1, 0, 4] },
    { name: 'what is frozen stays', total: 2, lo: [0, 1, 0], hi: [3, 1, 4], want: [0, 1, 1] },
    { name: 'never below the least', total: 0, lo: [1, 2], hi: [3, 2], want: [1, 2] },
    {
      name: 'a least above what is held takes nothing and gives nothing',
      total: 1,
      lo: [4, 0],
      hi: [3, 2],
      want: [3, 0],
    },
  ];
  test.for(cases)('$name', ({ total, lo, hi, want }) => {
    expect(unpack(total, lo, hi, byIndex)).toEqual(want);
  });

  test('the worst of equals gives first, by rank, then by index', () => {
    expect(unpack(4, [0, 0, 0], [2, 2, 2], byIndex)).toEqual([2, 2, 0]);
    expect(unpack(4, [0, 0, 0], [2, 2, 2], lastFirst)).toEqual([0, 2, 2]);
    expect(unpack(4, [0, 0, 0], [2, 2, 2], () => 0)).toEqual([2, 2, 0]);
  });
});
