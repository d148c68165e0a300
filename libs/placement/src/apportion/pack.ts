import type { Numbers, Rank } from './water-fill.ts';

/**
 * As few places as possible: those that hold something are filled first, fullest first; then the largest ones, until the
 * rest fits into one, for which the tightest is taken. `lo` is what each holds and keeps.
 */
export function pack(total: number, lo: Numbers, hi: Numbers, rank: Rank): number[] {
  const result = Array.from(lo);
  let left = total - result.reduce((a, b) => a + b, 0);
  const give = (i: number): void => {
    const given = Math.max(0, Math.min(left, (hi[i] ?? 0) - (result[i] ?? 0)));
    result[i] = (result[i] ?? 0) + given;
    left -= given;
  };
  const used: number[] = [];
  const free: number[] = [];
  let roomiest = 0;
  for (let i = 0; i < result.length; i++) {
    const most = hi[i] ?? 0;
    if ((lo[i] ?? 0) > 0) used.push(i);
    else if (most > 0) free.push(i);
    if ((lo[i] ?? 0) <= 0 && most > roomiest) roomiest = most;
  }
  for (const i of inOrder(used, lo, rank)) give(i);
  if (left > roomiest) {
    for (const i of inOrder(free, hi, rank)) {
      if ((hi[i] ?? 0) >= left) break;
      give(i);
    }
  }
  if (left > 0) {
    const last = tightest(free, (i) => result[i] === 0 && (hi[i] ?? 0) >= left, hi, rank);
    if (last !== undefined) give(last);
  }
  return result;
}

/** The largest figure first; ranks are asked for once. */
function inOrder(indices: readonly number[], figures: Numbers, rank: Rank): readonly number[] {
  if (indices.length < 2) return indices;
  const ranks = new Float64Array(figures.length);
  for (const i of indices) ranks[i] = rank(i, 1);
  return indices.toSorted(
    (a, b) => (figures[b] ?? 0) - (figures[a] ?? 0) || (ranks[a] ?? 0) - (ranks[b] ?? 0) || a - b,
  );
}

/** The smallest of those that will do. */
function tightest(
  indices: readonly number[],
  willDo: (i: number) => boolean,
  hi: Numbers,
  rank: Rank,
): number | undefined {
  let best = -1;
  for (const i of indices) {
    if (!willDo(i)) continue;
    const order = best < 0 ? -1 : (hi[i] ?? 0) - (hi[best] ?? 0) || rank(i, 1) - rank(best, 1);
    if (order < 0) best = i;
  }
  return best < 0 ? undefined : best;
}

/** Takes away down to `total`, from the emptiest place first, and never below `lo`. `hi` is what each holds. */
export function unpack(total: number, lo: Numbers, hi: Numbers, rank: Rank): number[] {
  const result = Array.from(hi);
  let surplus = result.reduce((a, b) => a + b, 0) - total;
  const order = result
    .map((_, i) => i)
    .toSorted((a, b) => (hi[a] ?? 0) - (hi[b] ?? 0) || rank(b, 1) - rank(a, 1) || b - a);
  for (const i of order) {
    const taken = Math.max(0, Math.min(surplus, (hi[i] ?? 0) - (lo[i] ?? 0)));
    result[i] = (hi[i] ?? 0) - taken;
    surplus -= taken;
  }
  return result;
}
