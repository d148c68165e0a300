import type { Numbers, Rank } from './water-fill.ts';

/**
 * Webster's (Sainte-Laguë) apportionment of `total` seats by weight, with lo ≤ y ≤ hi: seat k+1 of a party is due at
 * λ = (k + ½) / weight, and the seats due first are given. Seats below `lo` are given whatever is due; weight 0 gets
 * no seat above `lo`. Ties go by rank. House-monotone: a larger total never takes a seat away.
 * Weights are whole numbers, so ties are exact. O(D log D), independent of `total`.
 */
export function webster(total: number, weights: Numbers, lo: Numbers, hi: Numbers, rank: Rank): number[] {
  const size = lo.length;
  let held = 0;
  let sumOfWeights = 0;
  for (let i = 0; i < size; i++) {
    held += lo[i] ?? 0;
    sumOfWeights += weights[i] ?? 0;
  }
  const result = Array.from(lo);
  // No more than this many seats can have been due at this λ.
  let lambda = (total - held - size / 2) / sumOfWeights;
  if (lambda > 0 && Number.isFinite(lambda)) {
    lambda = lastBefore(total, lambda, weights, lo, hi);
    // A hair below, where floating point cannot have given a seat too many; the rest is given exactly.
    for (let i = 0; i < size; i++) result[i] = seatsAt(lambda * (1 - 1e-9), weights[i] ?? 0, lo[i] ?? 0, hi[i] ?? 0);
    held = result.reduce((a, b) => a + b, 0);
  }
  for (let left = total - held; left > 0; left--) {
    const due = earliest(result, weights, hi, rank);
    if (due === undefined) break;
    result[due] = (result[due] ?? 0) + 1;
  }
  return result;
}

/**
 * The same over the figures `start ≤ i < end`, written into `result`; `weights` count from the start, `rank` is asked for the
 * figures. Few seats are given one by one, in place.
 */
export function websterInto(
  result: Float64Array,
  total: number,
  weights: Float64Array,
  lo: Float64Array,
  hi: Float64Array,
  start: number,
  end: number,
  rank: Rank,
): void {
  let left = total;
  for (let i = start; i < end; i++) left -= result[i] = lo[i] ?? 0;
  if (left > MOST_STEPS) {
    const shares = webster(total, weights, lo.subarray(start, end), hi.subarray(start, end), (i, seat) =>
      rank(start + i, seat),
    );
    result.set(shares, start);
    return;
  }
  for (; left > 0; left--) {
    let leader = -1;
    let weightOfLeader = 0;
    let dueToLeader = 0;
    // Ranks are asked for only where there is a tie.
    let isRanked = false;
    let first = 0;
    for (let i = start; i < end; i++) {
      const weight = weights[i - start] ?? 0;
      const held = result[i] ?? 0;
      if (weight <= 0 || held >= (hi[i] ?? 0)) continue;
      // Compare (held + ½) / weight by cross-multiplication: whole numbers, no rounding.
      const due = 2 * held + 1;
      const order = leader < 0 ? -1 : due * weightOfLeader - dueToLeader * weight;
      if (order > 0) continue;
      if (order === 0) {
        if (!isRanked) first = rank(leader, (result[leader] ?? 0) + 1);
        isRanked = true;
        const place = rank(i, held + 1);
        if (place >= first) continue;
        first = place;
      } else {
        isRanked = false;
      }
      leader = i;
      weightOfLeader = weight;
      dueToLeader = due;
    }
    if (leader < 0) return;
    result[leader] = (result[leader] ?? 0) + 1;
  }
}

const MOST_STEPS = 32;

/** A λ from `low` on at which at most `total` seats are due, and, unless the bounds forbid more, few less. */
function lastBefore(total: number, low: number, weights: Numbers, lo: Numbers, hi: Numbers): number {
  const count = (lambda: number): number => {
    let seats = 0;
    for (let i = 0; i < lo.length; i++) seats += seatsAt(lambda, weights[i] ?? 0, lo[i] ?? 0, hi[i] ?? 0);
    return seats;
  };
  // λ doubles until more is due, then the gap is halved: both end.
  let last = low;
  let high = low;
  while (high < 1e13) {
    high *= 2;
    if (count(high) > total) break;
    last = high;
  }
  for (let step = 0; step < 64; step++) {
    const middle = (last + high) / 2;
    const seats = count(middle);
    if (seats > total) high = middle;
    else last = middle;
    if (seats <= total && seats >= total - lo.length) break;
  }
  return last;
}

function seatsAt(lambda: number, weight: number, lo: number, hi: number): number {
  return Math.max(lo, Math.min(Math.floor(weight * lambda + 0.5), hi));
}

/** The party whose next seat is due first. */
function earliest(seats: readonly number[], weights: Numbers, hi: Numbers, rank: Rank): number | undefined {
  let leader = -1;
  let weightOfLeader = 0;
  let dueToLeader = 0;
  for (let i = 0; i < seats.length; i++) {
    const weight = weights[i] ?? 0;
    const held = seats[i] ?? 0;
    if (weight <= 0 || held >= (hi[i] ?? 0)) continue;
    // Compare (held + ½) / weight by cross-multiplication: whole numbers, no rounding.
    const order = leader < 0 ? -1 : (2 * held + 1) * weightOfLeader - dueToLeader * weight;
    if (order > 0) continue;
    if (order === 0 && rank(i, held + 1) >= rank(leader, (seats[leader] ?? 0) + 1)) continue;
    leader = i;
    weightOfLeader = weight;
    dueToLeader = 2 * held + 1;
  }
  return leader < 0 ? undefined : leader;
}
