import { describe, expect, test } from 'vitest';
import { waterFill, waterFillInto } from './water-fill.ts';

const byIndex = (i: number): number => i;
const lastFirst = (i: number): number => -i;
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

describe('water', () => {
  const cases: { name: string; total: number; lo: number[]; hi: number[]; want: number[] }[] = [
    { name: 'over nothing', total: 5, lo: [], hi: [], want: [] },
    { name: 'no more than is held', total: 3, lo: [1, 2], hi: [9, 9], want: [1, 2] },
    { name: 'less than is held', total: 1, lo: [1, 2], hi: [9, 9], want: [1, 2] },
    { name: 'a few, one by one to the lowest', total: 6, lo: [3, 0, 1], hi: [9, 9, 9], want: [3, 2, 1] },
    { name: 'a few, past what is full', total: 5, lo: [2, 0, 1], hi: [9, 1, 9], want: [2, 1, 2] },
    { name: 'a few, as many as there is room for', total: 3, lo: [0, 0], hi: [1, 2], want: [1, 2] },
    { name: 'many, level', total: 12, lo: [0, 0, 0], hi: [9, 9, 9], want: [4, 4, 4] },
    { name: 'many, and what is left by rank', total: 14, lo: [0, 0, 0], hi: [9, 9, 9], want: [5, 5, 4] },
    { name: 'many, around what stands high', total: 14, lo: [8, 0, 0], hi: [9, 9, 9], want: [8, 3, 3] },
    { name: 'many, around what is full', total: 14, lo: [0, 0, 0], hi: [2, 9, 9], want: [2, 6, 6] },
    { name: 'many, left over among those with room', total: 13, lo: [0, 0, 0], hi: [2, 9, 9], want: [2, 6, 5] },
    { name: 'more than fits', total: 99, lo: [0, 3], hi: [4, 5], want: [4, 5] },
    { name: 'a bound below what is held takes nothing away', total: 10, lo: [5, 0, 0], hi: [2, 9, 9], want: [5, 3, 2] },
    { name: 'only one may have more', total: 20, lo: [1, 1], hi: [1, 99], want: [1, 19] },
  ];
  test.for(cases)('$name', ({ total, lo, hi, want }) => {
    expect(waterFill(total, lo, hi, byIndex)).toEqual(want);
  });

  test('ties go by rank, be they few or many', () => {
    expect(waterFill(2, [0, 0, 0], [9, 9, 9], lastFirst)).toEqual([0, 1, 1]);
    expect(waterFill(8, [0, 0, 0], [9, 9, 9], lastFirst)).toEqual([2, 3, 3]);
    expect(waterFill(11, [0, 0, 4], [9, 9, 9], lastFirst)).toEqual([3, 4, 4]);
  });

  test('and where ranks are equal, by index', () => {
    expect(waterFill(2, [0, 0, 0], [9, 9, 9], () => 0)).toEqual([1, 1, 0]);
    expect(waterFill(8, [0, 0, 0], [9, 9, 9], () => 0)).toEqual([3, 3, 2]);
  });

  test('a rank is asked for the seat that is given', () => {
    const seats = new Set<number>();
    const noted = (i: number, seat: number): number => {
      seats.add(seat);
      return i;
    };
    waterFill(2, [3, 3, 3], [9, 9, 9], noted);
    waterFill(11, [3, 3, 3], [9, 9, 9], noted);
    expect([...seats]).toEqual([4]);
    waterFill(14, [3, 3, 3], [9, 9, 9], noted);
    expect([...seats]).toEqual([4, 5]);
  });

  // So many that the ranks are sorted instead of searched.
  describe('a hundred that are left over among two hundred', () => {
    const lo = zeros(200);
    const hi = lo.map(() => 9);

    test('go to the lowest ranks', () => {
      const counts = waterFill(500, lo, hi, lastFirst);
      expect(counts).toEqual(lo.map((_, i) => (i < 100 ? 2 : 3)));
    });

    test('and of equal ranks to the first', () => {
      const counts = waterFill(500, lo, hi, (i) => (i >= 150 ? 0 : 1));
      expect(counts).toEqual(lo.map((_, i) => (i < 50 || i >= 150 ? 3 : 2)));
    });

    test('but not to those that are full or stand higher', () => {
      const counts = waterFill(
        500,
        lo.map((_, i) => (i < 10 ? 3 : 0)),
        hi.map((_, i) => (i >= 190 ? 1 : 9)),
        byIndex,
      );
      expect(sum(counts)).toBe(500);
      expect(counts.slice(0, 10)).toEqual(zeros(10).map(() => 3));
      expect(counts.slice(190)).toEqual(zeros(10).map(() => 1));
      // 460 are left for 180: two each, and one more for the first hundred.
      expect(counts.slice(10, 190)).toEqual(zeros(180).map((_, i) => (i < 100 ? 3 : 2)));
    });
  });

  test('a million take a level, not a million steps', () => {
    let asked = 0;
    const counts = waterFill(1_000_000, [0, 0, 0], [2e6, 2e6, 10], (i) => {
      asked += 1;
      return i;
    });
    expect(counts).toEqual([499_995, 499_995, 10]);
    expect(asked).toBe(0);
  });

  test('figures outside the range are left alone', () => {
    for (const total of [2, 12]) {
      const result = Float64Array.of(-1, -1, -1, -1);
      waterFillInto(result, total, [5, 0, 0, 5], [9, 9, 9, 9], 1, 3, byIndex);
      expect([...result]).toEqual([-1, total / 2, total / 2, -1]);
    }
    const untouched = Float64Array.of(7);
    waterFillInto(untouched, 5, [1], [9], 0, 0, byIndex);
    expect([...untouched]).toEqual([7]);
  });
});
