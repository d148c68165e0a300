import { describe, expect, test } from 'vitest';
import { webster, websterInto } from './webster.ts';

const byIndex = (i: number): number => i;
const lastFirst = (i: number): number => -i;

/** Both ways to the same shares: at once, and in place over a part of longer lists. */
function shares(total: number, weights: number[], lo: number[], hi: number[], rank = byIndex): number[] {
  const at = 2;
  const figures = (numbers: readonly number[]): Float64Array => Float64Array.of(3, 3, ...numbers, 3);
  const result = new Float64Array(lo.length + 3).fill(-1);
  const end = at + lo.length;
  websterInto(result, total, Float64Array.from(weights), figures(lo), figures(hi), at, end, (i) => rank(i - at));
  const inPlace = Array.from(result.subarray(at, end));
  expect([result[0], result[1], result[end]]).toEqual([-1, -1, -1]);
  expect(webster(total, weights, lo, hi, rank)).toEqual(inPlace);
  return inPlace;
}

describe("Webster's shares", () => {
  const cases: { name: string; total: number; weights: number[]; lo?: number[]; hi?: number[]; want: number[] }[] = [
    { name: 'by weight', total: 8, weights: [3, 1], want: [6, 2] },
    { name: 'seats are due at (k + ½) / weight', total: 5, weights: [53, 24, 23], want: [3, 1, 1] },
    { name: 'no seat without weight', total: 4, weights: [0, 1], want: [0, 4] },
    { name: 'no weight at all', total: 4, weights: [0, 0], want: [0, 0] },
    { name: 'none to give', total: 0, weights: [1, 1], want: [0, 0] },
    { name: 'what is held stays, whatever is due', total: 6, weights: [3, 1], lo: [0, 4], want: [2, 4] },
    { name: 'and without weight, too', total: 6, weights: [3, 0], lo: [0, 4], want: [2, 4] },
    { name: 'less than is held', total: 2, weights: [3, 1], lo: [0, 4], want: [0, 4] },
    { name: 'a full one leaves its seats to the others', total: 8, weights: [3, 1], hi: [4, 9], want: [4, 4] },
    { name: 'all full', total: 9, weights: [3, 1], hi: [4, 2], want: [4, 2] },
    { name: 'many', total: 1000, weights: [3, 1, 1], want: [600, 200, 200] },
    { name: 'many, one of them full', total: 1000, weights: [3, 1, 1], hi: [9999, 9999, 5], want: [746, 249, 5] },
    { name: 'many, more than fit', total: 1000, weights: [3, 1], hi: [400, 100], want: [400, 100] },
    { name: 'many, one of them held', total: 1000, weights: [3, 1], lo: [0, 500], want: [500, 500] },
    { name: 'many for none', total: 1000, weights: [0, 0], want: [0, 0] },
  ];
  test.for(cases)('$name', ({ total, weights, lo, hi, want }) => {
    const none = weights.map(() => 0);
    const endless = weights.map(() => 9999);
    expect(shares(total, weights, lo ?? none, hi ?? endless)).toEqual(want);
  });

  test('ties go by rank, and where ranks are equal by index', () => {
    for (const total of [1, 61]) {
      const each = Math.floor(total / 2);
      expect(shares(total, [1, 1], [0, 0], [99, 99])).toEqual([each + 1, each]);
      expect(shares(total, [1, 1], [0, 0], [99, 99], lastFirst)).toEqual([each, each + 1]);
      expect(shares(total, [1, 1], [0, 0], [99, 99], () => 0)).toEqual([each + 1, each]);
      expect(shares(total + 1, [1, 1, 1], [0, 0, 0], [99, 99, 99], lastFirst)[0]).toBe(Math.floor((total + 1) / 3));
    }
  });

  test('a rank is asked for the seat that is due', () => {
    const asked: [number, number][] = [];
    const noted = (i: number, seat: number): number => {
      asked.push([i, seat]);
      return i;
    };
    const result = new Float64Array(2);
    websterInto(result, 4, Float64Array.of(1, 1), Float64Array.of(1, 1), Float64Array.of(9, 9), 0, 2, noted);
    expect(asked).toEqual([
      [0, 2],
      [1, 2],
    ]);
    asked.length = 0;
    webster(3, [1, 1], [1, 1], [9, 9], noted);
    expect(new Set(asked.map(([, seat]) => seat))).toEqual(new Set([2]));
  });
});
