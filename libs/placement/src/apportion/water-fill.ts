/** Numbers by index; typed arrays and lists alike. */
export type Numbers = ArrayLike<number>;

/** Who gets a seat that several have an equal right to: the smaller comes first, equal ranks go by index. `seat` counts from 1. */
export type Rank = (index: number, seat: number) => number;

/**
 * Whole numbers y with lo ≤ y ≤ hi and Σy = total (or as near as the bounds let it), as level as possible.
 * What is left after the last full level goes one each by rank. Growing `total` never lowers a number.
 */
export function waterFill(total: number, lo: Numbers, hi: Numbers, rank: Rank): number[] {
  const result = new Float64Array(lo.length);
  waterFillInto(result, total, lo, hi, 0, lo.length, rank);
  return [...result];
}

/** The same over the figures `start ≤ i < end`, written into `result`. O(D log max hi), independent of `total`. */
export function waterFillInto(
  result: Float64Array,
  total: number,
  lo: Numbers,
  hi: Numbers,
  start: number,
  end: number,
  rank: Rank,
): void {
  let low = Infinity;
  let high = 0;
  let least = 0;
  let most = 0;
  for (let i = start; i < end; i++) {
    const from = lo[i] ?? 0;
    const to = Math.max(from, hi[i] ?? 0);
    if (from < low) low = from;
    if (to > high) high = to;
    least += from;
    most += to;
  }
  if (start === end || total <= least) return level(result, lo, hi, start, end, low);
  if (total - least <= FEW && total < most) return raiseOneByOne(result, total - least, lo, hi, start, end, rank);
  high = Math.min(high, low + total);
  if (total >= most) return level(result, lo, hi, start, end, high);
  // An equal share for each above the lowest cannot be too much, and often it is just right.
  low = Math.min(high, low + Math.floor((total - least) / (end - start)));
  // Largest level whose sum does not exceed the total.
  for (let step = 1; high - low > 1;) {
    const middle = step >= high - low ? Math.floor((low + high) / 2) : low + step;
    if (sum(lo, hi, start, end, middle) <= total) {
      low = middle;
      step *= 2;
    } else {
      high = middle;
      step = Infinity;
    }
  }
  level(result, lo, hi, start, end, low);
  let left = total;
  for (let i = start; i < end; i++) left -= result[i] ?? 0;
  if (left > 0) raiseFirst(result, left, lo, hi, start, end, low, rank);
}

/** Up to so many are given one after the other. */
const FEW = 3;

/** Each goes to the lowest that may have more; of several, to that of lowest rank. */
function raiseOneByOne(
  result: Float64Array,
  count: number,
  lo: Numbers,
  hi: Numbers,
  start: number,
  end: number,
  rank: Rank,
): void {
  for (let i = start; i < end; i++) result[i] = lo[i] ?? 0;
  for (let left = count; left > 0; left--) {
    let best = -1;
    let lowest = Infinity;
    // Ranks are asked for only where there is a tie.
    let isRanked = false;
    let first = 0;
    for (let i = start; i < end; i++) {
      const own = result[i] ?? 0;
      if (own > lowest || own >= (hi[i] ?? 0)) continue;
      if (own < lowest) {
        best = i;
        lowest = own;
        isRanked = false;
        continue;
      }
      if (!isRanked) first = rank(best, lowest + 1);
      isRanked = true;
      const place = rank(i, lowest + 1);
      if (place >= first) continue;
      best = i;
      first = place;
    }
    result[best] = lowest + 1;
  }
}

function level(result: Float64Array, lo: Numbers, hi: Numbers, start: number, end: number, at: number): void {
  for (let i = start; i < end; i++) result[i] = clamp(at, lo[i] ?? 0, hi[i] ?? 0);
}

function sum(lo: Numbers, hi: Numbers, start: number, end: number, at: number): number {
  let total = 0;
  for (let i = start; i < end; i++) total += clamp(at, lo[i] ?? 0, hi[i] ?? 0);
  return total;
}

const clamp = (value: number, lo: number, hi: number): number => {
  const top = value < hi ? value : hi;
  return top > lo ? top : lo;
};

/** One more for the `count` of lowest rank among those that stand at `low` and may have more. */
function raiseFirst(
  result: Float64Array,
  count: number,
  lo: Numbers,
  hi: Numbers,
  start: number,
  end: number,
  low: number,
  rank: Rank,
): void {
  const isAble = (i: number): boolean => result[i] === low && (lo[i] ?? 0) <= low && (hi[i] ?? 0) > low;
  // Few of few: look for the lowest again and again. Else sort numbers, which is far cheaper than sorting with a comparison.
  if (count * (end - start) <= MOST_LOOKS) {
    for (let left = count; left > 0; left--) {
      let best = -1;
      let lowest = Infinity;
      for (let i = start; i < end; i++) {
        if (!isAble(i)) continue;
        const own = rank(i, low + 1);
        if (best >= 0 && own >= lowest) continue;
        best = i;
        lowest = own;
      }
      if (best < 0) return;
      result[best] = low + 1;
    }
    return;
  }
  const able: number[] = [];
  for (let i = start; i < end; i++) if (isAble(i)) able.push(i);
  const ranks = Float64Array.from(able, (i) => rank(i, low + 1));
  const cut = ranks.toSorted()[count - 1] ?? Infinity;
  let left = count;
  for (const [at, i] of able.entries()) {
    if ((ranks[at] ?? 0) >= cut) continue;
    result[i] = low + 1;
    left -= 1;
  }
  for (const [at, i] of able.entries()) {
    if (left === 0) return;
    if (ranks[at] !== cut) continue;
    result[i] = low + 1;
    left -= 1;
  }
}

const MOST_LOOKS = 2048;
