import type { Numbers, Rank } from './water-fill.ts';

/**
 * Webster's (Sainte-Laguë) apportionment of `total` seats by weight, with lo ≤ y ≤ hi: seat k+1 of a party is due at
 * λ = (k + ½) / weight, and the seats due first are given. Seats below `lo` are given whatever is due; weight 0 gets
 * no seat above `lo`. Ties go by rank. House-monotone: a larger total never takes a seat away.
 * Weights are whole numbers, so ties are exact. O(D log D), independent of `total`.
 */
export function webster(total: number, weights: Numbers, lo: Numbers, hi: Numbers, rank: Rank): number[] {
  const count = (lambda: number): number => {
    let seats = 0;
    for (let i = 0; i < lo.length; i++) seats += seatsAt(lambda, weights[i] ?? 0, lo[i] ?? 0, hi[i] ?? 0);
    return seats;
  };
  // Bracket the λ at which the total is due, in steps that end: λ doubles until everything is due.
  let high = 1e-9;
  while (high < 1e13 && count(high) < total) high *= 2;
  let low = 0;
  for (let step = 0; step < 64; step++) {
    const middle = (low + high) / 2;
    if (count(middle) <= total) low = middle;
    else high = middle;
  }
  // Start a hair below, where floating point cannot have given a seat too many; the rest is given exactly.
  const start = low * (1 - 1e-9);
  const result: number[] = [];
  for (let i = 0; i < lo.length; i++) result.push(seatsAt(start, weights[i] ?? 0, lo[i] ?? 0, hi[i] ?? 0));
  let left = total - result.reduce((a, b) => a + b, 0);
  while (left > 0) {
    const due = earliest(result, weights, hi, rank);
    if (due.length === 0) break;
    for (const i of due.slice(0, left)) result[i] = (result[i] ?? 0) + 1;
    left -= Math.min(left, due.length);
  }
  return result;
}

function seatsAt(lambda: number, weight: number, lo: number, hi: number): number {
  return Math.max(lo, Math.min(Math.floor(weight * lambda + 0.5), hi));
}

/** Every party whose next seat is due first, in order of rank. */
function earliest(seats: readonly number[], weights: Numbers, hi: Numbers, rank: Rank): number[] {
  let best: number[] = [];
  for (let i = 0; i < seats.length; i++) {
    const weight = weights[i] ?? 0;
    const held = seats[i] ?? 0;
    if (weight <= 0 || held >= (hi[i] ?? 0)) continue;
    const leader = best[0];
    if (leader === undefined) {
      best = [i];
      continue;
    }
    // Compare (held + ½) / weight by cross-multiplication: whole numbers, no rounding.
    const order = (2 * held + 1) * (weights[leader] ?? 0) - (2 * (seats[leader] ?? 0) + 1) * weight;
    if (order < 0) best = [i];
    else if (order === 0) best.push(i);
  }
  return best.toSorted((a, b) => rank(a, (seats[a] ?? 0) + 1) - rank(b, (seats[b] ?? 0) + 1) || a - b);
}
