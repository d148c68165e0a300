/** Answers kept for a while, at most `limit` of them. Whoever asks while an answer is under way gets the same one. */
export class ExpiringCache<T> {
  readonly #entries = new Map<string, { readonly until: number; readonly answer: Promise<T> }>();
  readonly #options: { readonly ttlMs: number; readonly limit: number; readonly steady: () => number };

  /** `steady`: milliseconds on a scale that never steps. */
  constructor(options: { readonly ttlMs: number; readonly limit: number; readonly steady: () => number }) {
    this.#options = options;
  }

  /** Whether an answer to this is there already. */
  has(key: string): boolean {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.until > this.#options.steady();
  }

  /** The kept answer, or else a new one. A failure is not kept. */
  async get(key: string, ask: () => Promise<T>): Promise<T> {
    const { ttlMs, limit, steady } = this.#options;
    const kept = this.#entries.get(key);
    if (kept !== undefined && kept.until > steady()) return kept.answer;
    this.#entries.delete(key);
    const answer = ask();
    this.#entries.set(key, { until: steady() + ttlMs, answer });
    if (this.#entries.size > limit) this.#dropOldest();
    try {
      return await answer;
    } catch (error) {
      if (this.#entries.get(key)?.answer === answer) this.#entries.delete(key);
      throw error;
    }
  }

  #dropOldest(): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
