export interface BackoffOptions {
  /** Before the second attempt. Default 500. */
  readonly minMs?: number;
  /** Default 60,000. */
  readonly maxMs?: number;
}

/**
 * Milliseconds to wait after `attempts` failures: doubled each time up to the maximum, of which a part between a half and
 * all, so that jobs which failed together do not return together.
 * @param random in [0, 1)
 */
export const backoffMs = (
  attempts: number,
  random: number,
  { minMs = 500, maxMs = 60_000 }: BackoffOptions = {},
): number => {
  const full = Math.min(minMs * 2 ** Math.min(attempts - 1, 30), maxMs);
  return Math.round(full * (0.5 + random / 2));
};
