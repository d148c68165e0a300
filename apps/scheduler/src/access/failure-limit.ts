export interface FailureLimitOptions {
  /** Failures that one address may have within a window. */
  readonly most: number;
  readonly windowMs: number;
  /** Addresses that are remembered; the one that failed first is forgotten first. */
  readonly addresses: number;
}

interface Window {
  readonly until: number;
  count: number;
}

/** Counts what failed, by address, so that guessing tokens gets slow. `now` is on a scale that never steps, in ms. */
export class FailureLimit {
  readonly #options: FailureLimitOptions;
  readonly #windows = new Map<string, Window>();

  constructor(options: FailureLimitOptions) {
    this.#options = options;
  }

  failed(address: string, now: number): void {
    const { windowMs, addresses } = this.#options;
    const window = this.#windows.get(address);
    if (window !== undefined && window.until > now) {
      window.count += 1;
      return;
    }
    this.#windows.delete(address);
    this.#windows.set(address, { until: now + windowMs, count: 1 });
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > addresses && oldest !== undefined) this.#windows.delete(oldest);
  }

  /** Milliseconds until this address may try again; 0 when it may now. */
  waitMs(address: string, now: number): number {
    const window = this.#windows.get(address);
    if (window === undefined || window.until <= now || window.count < this.#options.most) return 0;
    return window.until - now;
  }
}
