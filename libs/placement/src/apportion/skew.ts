import type { Numbers } from './water-fill.ts';

/**
 * Most replicas that domains may hold under one hard maxSkew: each at most as much above the smallest as `maxSkew`.
 * `capacity` is what fits into a domain, `held` what it has (a violation that stands is nobody's death warrant),
 * `minimum` the level that the smallest domain can reach.
 */
export function skewBounds(capacity: Numbers, held: Numbers, minimum: number, maxSkew: number): number[] {
  return Array.from(capacity, (room, i) => Math.max(held[i] ?? 0, Math.min(room, minimum + maxSkew)));
}

/** Closed form of the largest total under one hard maxSkew from nothing: Σ min(c, min c + s). */
export function placeableUnderSkew(capacity: readonly number[], maxSkew: number): number {
  if (capacity.length === 0) return 0;
  const bounds = skewBounds(capacity, [], Math.min(...capacity), maxSkew);
  return bounds.reduce((a, b) => a + b, 0);
}

/** Fewest moves that bring `held` within `maxSkew`, the total unchanged; undefined when no arrangement fits. */
export function movesToRepair(
  held: readonly number[],
  capacity: readonly number[],
  maxSkew: number,
): number | undefined {
  const total = held.reduce((a, b) => a + b, 0);
  let best: number | undefined;
  for (let level = 0; level <= Math.min(...capacity); level++) {
    const tops = capacity.map((room) => Math.min(room, level + maxSkew));
    if (level * held.length > total || tops.reduce((a, b) => a + b, 0) < total) continue;
    const over = held.reduce((sum, x, i) => sum + Math.max(0, x - (tops[i] ?? 0)), 0);
    const under = held.reduce((sum, x) => sum + Math.max(0, level - x), 0);
    const moves = Math.max(over, under);
    if (best === undefined || moves < best) best = moves;
  }
  return best;
}
