/**
 * Closed forms of apportionment under one maxSkew s, x and c per domain (laminar bounds keep the greedy optimal:
 * Federgruen and Groenevelt 1986).
 */

const total = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** T = Σ min(c, min c + s): what domains of capacity c hold at most, every domain counted. */
export function mostUnderSkew(capacity: readonly number[], skew: number): number {
  const smallest = Math.min(...capacity);
  return total(capacity.map((room) => Math.min(room, smallest + skew)));
}

/** min over m of max(Σ (x − min(c, m+s))⁺, Σ (m − x)⁺): the fewest moves that bring x within s. */
export function fewestMoves(held: readonly number[], capacity: readonly number[], skew: number): number {
  const sum = total(held);
  let fewest = Infinity;
  for (let floor = 0; floor <= Math.min(...capacity); floor++) {
    const ceilings = capacity.map((room) => Math.min(room, floor + skew));
    if (floor * held.length > sum || total(ceilings) < sum) continue;
    const over = total(held.map((count, i) => Math.max(0, count - (ceilings[i] ?? 0))));
    const under = total(held.map((count) => Math.max(0, floor - count)));
    fewest = Math.min(fewest, Math.max(over, under));
  }
  return fewest;
}

/** wadm's arithmetic as its authors describe it: everyone the floor, then one each, heaviest first, until none is left. */
export function wadmShares(instances: number, weights: readonly number[]): number[] {
  const whole = total(weights);
  const shares = weights.map((weight) => ({ weight, count: Math.floor((instances * weight) / whole) }));
  const byWeight = shares.toSorted((a, b) => b.weight - a.weight);
  for (let rest = instances - total(shares.map(({ count }) => count)), i = 0; rest > 0; rest--, i++) {
    const next = byWeight[i];
    if (next !== undefined) next.count += 1;
  }
  return shares.map(({ count }) => count);
}
