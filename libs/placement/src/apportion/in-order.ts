import type { Numbers } from './water-fill.ts';

/** Fills the places in the order given, each to its `hi`, above the `lo` that each keeps. Growing `total` takes nothing away. */
export function fillInOrder(total: number, lo: Numbers, hi: Numbers): number[] {
  const result = Array.from(lo);
  let left = total - result.reduce((a, b) => a + b, 0);
  for (let i = 0; i < result.length && left > 0; i++) {
    const given = Math.max(0, Math.min(left, (hi[i] ?? 0) - (lo[i] ?? 0)));
    result[i] = (lo[i] ?? 0) + given;
    left -= given;
  }
  return result;
}
