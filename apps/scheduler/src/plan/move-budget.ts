const WINDOW_MS = 60_000;

/** Counts the moves of each Distribution, for `stability.maxMovesPerMinute`. Times are milliseconds since the epoch. */
export class MoveBudget {
  /** Moves within the window, oldest first. */
  readonly #made = new Map<string, { readonly at: number; readonly moves: number }[]>();

  made(key: string, moves: number, now: number): void {
    if (moves === 0) return;
    const recent = this.#recent(key, now);
    this.#made.set(key, [...recent, { at: now, moves }]);
  }

  /** Moves that may be made now. */
  left(key: string, perMinute: number, now: number): number {
    return Math.max(0, perMinute - this.#recent(key, now).reduce((sum, { moves }) => sum + moves, 0));
  }

  /** When there is more left than now; undefined when nothing was moved lately. */
  nextAt(key: string, now: number): number | undefined {
    const [first] = this.#recent(key, now);
    return first && first.at + WINDOW_MS;
  }

  forget(key: string): void {
    this.#made.delete(key);
  }

  #recent(key: string, now: number): { readonly at: number; readonly moves: number }[] {
    return (this.#made.get(key) ?? []).filter(({ at }) => now - at < WINDOW_MS);
  }
}
