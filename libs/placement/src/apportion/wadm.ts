/**
 * wadm's arithmetic for the groups of a spreadscaler: the floor of each share, and the rest one each in order of
 * weight, heaviest first, equal weights in the order written (compute_spread of wadm 0.21). Counts come back in the order of `weights`.
 * All weights 0 is a refused spec; here it gives nothing.
 */
export function wadmCounts(instances: number, weights: readonly number[]): number[] {
  const total = weights.reduce((a, b) => a + b, 0);
  if (total === 0) return weights.map(() => 0);
  const counts = weights.map((weight) => Math.floor((instances * weight) / total));
  let rest = instances - counts.reduce((a, b) => a + b, 0);
  const order = weights.map((_, i) => i).toSorted((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  for (const i of order) {
    if (rest <= 0) break;
    counts[i] = (counts[i] ?? 0) + 1;
    rest -= 1;
  }
  return counts;
}
