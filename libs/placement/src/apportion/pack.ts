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
  const free = indices
    .filter((i) => (lo[i] ?? 0) === 0 && (hi[i] ?? 0) > 0)
    .toSorted((a, b) => (hi[b] ?? 0) - (hi[a] ?? 0) || rank(a, 1) - rank(b, 1) || a - b);
  for (const [position, i] of free.entries()) {
    if (left <= 0) break;
    if ((hi[i] ?? 0) < left) {
      give(i);
      continue;
    }
    let tightest = i;
    for (const j of free.slice(position)) if ((hi[j] ?? 0) >= left && (hi[j] ?? 0) < (hi[tightest] ?? 0)) tightest = j;
    give(tightest);
  }
  return result;
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
