/** How long to wait after failures: twice as long each time, up to a limit, and not all at the same moment. */
export interface Backoff {
  /** Wait after the first failure, in milliseconds. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** The share of a wait that is left to chance, 0 to 1: 0.2 waits between 80 % and 100 %. */
  readonly jitter: number;
}

/** A number from 0 (inclusive) to 1 (exclusive), such as `Math.random` gives. */
export type Random = () => number;

/** Milliseconds to wait after `failures` failures in a row (1 or more); never more than `maxMs`. */
export function backoffMs(backoff: Backoff, failures: number, random: Random): number {
  // 2^60 times anything is over every limit; the bound keeps the power finite.
  const doublings = Math.min(Math.max(0, failures - 1), 60);
  const full = Math.min(backoff.baseMs * 2 ** doublings, backoff.maxMs);
  return full * (1 - backoff.jitter * random());
}
