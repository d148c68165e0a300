/** Numbers by index; typed arrays and lists alike. */
export type Numbers = ArrayLike<number>;

/** Who gets a seat that several have an equal right to: the smaller comes first, equal ranks go by index. `seat` counts from 1. */
export type Rank = (index: number, seat: number) => number;

/**
 * Whole numbers y with lo ≤ y ≤ hi and Σy = total (or as near as the bounds let it), as level as possible.
 * What is left after the last full level goes one each by rank. Growing `total` never lowers a number.
 * O(D log max hi), independent of `total`.
 */
export function waterFill(total: number, lo: Numbers, hi: Numbers, rank: Rank): number[] {
  const at = (level: number): number => sum(lo, hi, level);
  let low = Infinity;
  let high = 0;
  for (let i = 0; i < lo.length; i++) {
    low = Math.min(low, lo[i] ?? 0);
    high = Math.max(high, Math.min(hi[i] ?? 0, (lo[i] ?? 0) + total));
  }
  if (lo.length === 0 || total <= at(low)) return level(lo, hi, low);
  if (total >= at(high)) return level(lo, hi, high);
  // Largest level whose sum does not exceed the total: at(low) ≤ total < at(high).
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (at(middle) <= total) low = middle;
    else high = middle;
  }
  const result = level(lo, hi, low);
  const next: number[] = [];
  for (let i = 0; i < result.length; i++) if ((lo[i] ?? 0) <= low && (hi[i] ?? 0) > low) next.push(i);
  for (const i of firstByRank(next, total - at(low), (i) => rank(i, low + 1))) result[i] = low + 1;
  return result;
}

const clamp = (value: number, lo: number, hi: number): number => Math.max(lo, Math.min(value, hi));

function level(lo: Numbers, hi: Numbers, at: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < lo.length; i++) result.push(clamp(at, lo[i] ?? 0, hi[i] ?? 0));
  return result;
}

function sum(lo: Numbers, hi: Numbers, at: number): number {
  let total = 0;
  for (let i = 0; i < lo.length; i++) total += clamp(at, lo[i] ?? 0, hi[i] ?? 0);
  return total;
}

/** The `count` indices of lowest rank. */
function firstByRank(indices: readonly number[], count: number, rank: (index: number) => number): number[] {
  if (count <= 0) return [];
  if (count >= indices.length) return [...indices];
  const ranks = new Float64Array(indices.length);
  for (const [position, i] of indices.entries()) ranks[position] = rank(i);
  // Few of many: look for the lowest again and again. Else sort numbers, which is far cheaper than sorting with a comparison.
  const cut = count <= 8 ? nthLowest(ranks, count) : (ranks.toSorted()[count - 1] ?? Infinity);
  const below = indices.filter((_, position) => (ranks[position] ?? 0) < cut);
  const tied = indices.filter((_, position) => ranks[position] === cut);
  return [...below, ...tied.slice(0, count - below.length)];
}

function nthLowest(ranks: Float64Array, n: number): number {
  let lowest = -Infinity;
  for (let left = n; left > 0;) {
    let next = Infinity;
    let equal = 0;
    for (const rank of ranks) {
      if (rank <= lowest || rank > next) continue;
      equal = rank < next ? 1 : equal + 1;
      next = rank;
    }
    lowest = next;
    left -= Math.max(1, equal);
  }
  return lowest;
}
