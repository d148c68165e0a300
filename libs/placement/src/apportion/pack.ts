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
  const indices = result.map((_, i) => i);
  const used = indices.filter((i) => (lo[i] ?? 0) > 0);
  for (const i of used.toSorted((a, b) => (lo[b] ?? 0) - (lo[a] ?? 0) || rank(a, 1) - rank(b, 1) || a - b)) give(i);
  const isFree = (i: number): boolean => result[i] === 0 && (hi[i] ?? 0) > 0;
  const fits = (i: number): boolean => isFree(i) && (hi[i] ?? 0) >= left;
  if (left > 0 && !indices.some(fits))
    for (const i of indices
      .filter(isFree)
      .toSorted((a, b) => (hi[b] ?? 0) - (hi[a] ?? 0) || rank(a, 1) - rank(b, 1) || a - b)) {
      if (fits(i)) break;
      give(i);
    }
  const last = left > 0 ? tightest(indices, fits, hi, rank) : undefined;
  if (last !== undefined) give(last);
  return result;
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
