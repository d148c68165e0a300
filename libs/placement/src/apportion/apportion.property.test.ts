import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { assign } from './assign.ts';
import { fillInOrder } from './in-order.ts';
import { pack, unpack } from './pack.ts';
import { movesToRepair, placeableUnderSkew } from './skew.ts';
import { waterFill } from './water-fill.ts';
import { webster } from './webster.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const byIndex = (i: number): number => i;

const parties = fc.array(
  fc.record({ weight: fc.nat(9), lo: fc.nat(4), room: fc.nat(12) }).map((one) => ({ ...one, hi: one.lo + one.room })),
  { minLength: 1, maxLength: 5 },
);

/** Webster as the books tell it: one seat after the other to whom it is due first. */
function seatBySeat(total: number, weights: number[], lo: number[], hi: number[]): number[] {
  const seats = [...lo];
  while (sum(seats) < total) {
    let best: number | undefined;
    for (const [i, weight] of weights.entries()) {
      if (weight === 0 || (seats[i] ?? 0) >= (hi[i] ?? 0)) continue;
      if (best === undefined) best = i;
      else if (weight * (2 * (seats[best] ?? 0) + 1) > (weights[best] ?? 0) * (2 * (seats[i] ?? 0) + 1)) best = i;
    }
    if (best === undefined) break;
    seats[best] = (seats[best] ?? 0) + 1;
  }
  return seats;
}

/** Every division of at most `capacity`. */
function* divisions(capacity: readonly number[]): Generator<number[]> {
  const [first, ...rest] = capacity;
  if (first === undefined) {
    yield [];
    return;
  }
  for (let count = 0; count <= first; count++) for (const tail of divisions(rest)) yield [count, ...tail];
}

const isWithin = (counts: readonly number[], skew: number): boolean =>
  Math.max(...counts) - Math.min(...counts) <= skew;

test('Webster gives what seat by seat gives', () => {
  fc.assert(
    fc.property(parties, fc.nat(60), (list, total) => {
      const weights = list.map(({ weight }) => weight);
      const lo = list.map(({ lo: least }) => least);
      const hi = list.map(({ hi: most }) => most);
      expect(webster(total, weights, lo, hi, byIndex)).toEqual(seatBySeat(total, weights, lo, hi));
    }),
    { numRuns: 2000 },
  );
});

test('Webster is exact for large totals and weights, and takes no seat away when the total grows', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(weights, fc.nat(1_000_000), (list, total) => {
      const none = list.map(() => 0);
      const most = list.map(() => total + 1);
      const seats = webster(total, list, none, most, byIndex);
      const more = webster(total + 1, list, none, most, byIndex);
      expect(sum(seats)).toBe(total);
      expect(more.every((count, i) => count >= (seats[i] ?? 0))).toBe(true);
    }),
  );
});

test('the water is as level as its bounds allow', () => {
  fc.assert(
    fc.property(parties, fc.nat(60), (list, total) => {
      const lo = list.map(({ lo: least }) => least);
      const hi = list.map(({ hi: most }) => most);
      expect(waterFill(total, lo, hi, byIndex)).toEqual(
        seatBySeat(
          total,
          list.map(() => 1),
          lo,
          hi,
        ),
      );
    }),
    { numRuns: 2000 },
  );
});

test('packing, unpacking and filling in order keep to their bounds and their total', () => {
  fc.assert(
    fc.property(parties, fc.nat(60), (list, total) => {
      const lo = list.map(({ lo: least }) => least);
      const hi = list.map(({ hi: most }) => most);
      const want = Math.max(sum(lo), Math.min(total, sum(hi)));
      for (const result of [pack(total, lo, hi, byIndex), unpack(total, lo, hi, byIndex), fillInOrder(total, lo, hi)]) {
        expect(sum(result)).toBe(want);
        expect(result.every((count, i) => count >= (lo[i] ?? 0) && count <= (hi[i] ?? 0))).toBe(true);
      }
    }),
  );
});

test('packing from nothing takes the fewest places', () => {
  const capacities = fc.array(fc.nat(6), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(capacities, fc.nat(20), (hi, total) => {
      const none = hi.map(() => 0);
      const used = pack(total, none, hi, byIndex).filter((count) => count > 0).length;
      const largest = hi.toSorted((a, b) => b - a);
      let fewest = 0;
      while (sum(largest.slice(0, fewest)) < Math.min(total, sum(hi))) fewest += 1;
      expect(used).toBe(fewest);
    }),
  );
});

const capacities = fc.array(fc.nat(4), { minLength: 1, maxLength: 4 });
const skews = fc.integer({ min: 1, max: 3 });

test('the closed form of what a hard skew lets in is what trying everything finds', () => {
  fc.assert(
    fc.property(capacities, skews, (capacity, skew) => {
      let most = 0;
      for (const counts of divisions(capacity)) if (isWithin(counts, skew)) most = Math.max(most, sum(counts));
      expect(placeableUnderSkew(capacity, skew)).toBe(most);
    }),
  );
});

test('the closed form of the fewest moves is what trying everything finds', () => {
  const instances = capacities.chain((capacity) =>
    fc.tuple(fc.constant(capacity), fc.tuple(...capacity.map((room) => fc.nat(room))), skews),
  );
  fc.assert(
    fc.property(instances, ([capacity, held, skew]) => {
      let fewest: number | undefined;
      for (const counts of divisions(capacity)) {
        if (sum(counts) !== sum(held) || !isWithin(counts, skew)) continue;
        const moves = sum(held.map((count, i) => Math.max(0, count - (counts[i] ?? 0))));
        fewest = Math.min(fewest ?? moves, moves);
      }
      expect(movesToRepair(held, capacity, skew)).toBe(fewest);
    }),
  );
});

test('as much as possible is assigned', () => {
  const instances = fc.record({
    demands: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
    supplies: fc.array(fc.record({ amount: fc.nat(3), serves: fc.subarray([0, 1, 2]) }), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(instances, ({ demands, supplies }) => {
      const usable = supplies.map(({ amount, serves }) => ({
        amount,
        serves: serves.filter((d) => d < demands.length),
      }));
      const flow = assign(usable, demands);
      for (const [s, row] of flow.entries()) {
        expect(sum(row)).toBeLessThanOrEqual(usable[s]?.amount ?? 0);
        const served = [...row.keys()].filter((d) => (row[d] ?? 0) > 0);
        expect(usable[s]?.serves).toEqual(expect.arrayContaining(served));
      }
      for (const d of demands.keys()) expect(sum(flow.map((row) => row[d] ?? 0))).toBeLessThanOrEqual(demands[d] ?? 0);
      expect(sum(flow.map(sum))).toBe(mostServed(usable, demands));
    }),
  );
});

/** By Hall: the most that can be served is the least, over sets of demands, of what reaches the set and what is left of the others. */
function mostServed(
  supplies: readonly { amount: number; serves: readonly number[] }[],
  demands: readonly number[],
): number {
  let least = Infinity;
  for (let set = 0; set < 2 ** demands.length; set++) {
    const inside = (d: number): boolean => Math.floor(set / 2 ** d) % 2 === 1;
    const reaching = supplies.filter(({ serves }) => serves.some(inside)).map(({ amount }) => amount);
    const others = demands.filter((_, d) => !inside(d));
    least = Math.min(least, sum(reaching) + sum(others));
  }
  return least;
}
