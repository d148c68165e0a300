/** Oracles that try everything: slow, obvious, and without a line in common with the engine. */

const total = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);

/** Every division of at most `most` replicas with each count between its bounds. */
export function* divisions(
  most: number,
  high: readonly number[],
  low: readonly number[] = high.map(() => 0),
): Generator<number[]> {
  const [first, ...rest] = high;
  if (first === undefined) {
    yield [];
    return;
  }
  for (let count = low[0] ?? 0; count <= Math.min(first, most); count++)
    for (const tail of divisions(most - count, rest, low.slice(1))) yield [count, ...tail];
}

/** The divisions that place most, and of these the ones that cost least. */
export function bestOf(all: Iterable<readonly number[]>, cost: (counts: readonly number[]) => number): number[][] {
  let best: number[][] = [];
  let placed = -1;
  let least = Infinity;
  for (const counts of all) {
    const sum = total(counts);
    const price = cost(counts);
    if (sum < placed || (sum === placed && price > least)) continue;
    if (sum > placed || price < least) best = [];
    placed = sum;
    least = price;
    best.push([...counts]);
  }
  return best;
}

/** Least exactly for the most level division: Σ x². */
export const unevenness = (counts: readonly number[]): number => total(counts.map((count) => count * count));

/** Σ x²/w times 60: least exactly for Webster's apportionment. Weights are 1…6, so nothing is rounded. */
export const unfairness =
  (weights: readonly number[]) =>
  (counts: readonly number[]): number =>
    total(counts.map((count, i) => (count * count * 60) / (weights[i] ?? 1)));

/** Whether a hard skew holds, every domain counted. */
export const isLevel = (counts: readonly number[], skew: number): boolean =>
  counts.length === 0 || Math.max(...counts) - Math.min(...counts) <= skew;

/** The same where a domain without room is left out of the minimum. */
export function isLevelWhereRoom(counts: readonly number[], room: readonly number[], skew: number): boolean {
  const open = counts.filter((count, i) => count < (room[i] ?? 0));
  return open.length === 0 || Math.max(...counts) - Math.min(...open) <= skew;
}

/** Replicas that stop somewhere to start elsewhere. */
export const movesBetween = (from: readonly number[], to: readonly number[]): number =>
  total(from.map((count, i) => Math.max(0, count - (to[i] ?? 0))));

/** Fewest places that hold `wanted`, or as much of it as fits. */
export function fewestPlaces(room: readonly number[], wanted: number): number {
  const goal = Math.min(wanted, total(room));
  let fewest = room.length;
  for (let set = 0; set < 2 ** room.length; set++) {
    const chosen = room.filter((_, i) => Math.floor(set / 2 ** i) % 2 === 1);
    if (total(chosen) >= goal) fewest = Math.min(fewest, chosen.length);
  }
  return fewest;
}
