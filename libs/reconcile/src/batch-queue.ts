import type { Clock } from './clock.ts';

/**
 * Gathers keys and hands them over as one set, at most `windowMs` after the first of them came. Keys that come while
 * a batch is worked on make the next one. For one consumer.
 */
export class BatchQueue {
  readonly #clock: Clock;
  readonly #windowMs: number;
  #gathered = new Set<string>();
  #due = false;
  #wake: (() => void) | undefined;

  constructor(options: { readonly clock: Clock; readonly windowMs: number }) {
    this.#clock = options.clock;
    this.#windowMs = options.windowMs;
  }

  add(...keys: readonly string[]): void {
    const first = this.#gathered.size === 0;
    for (const key of keys) this.#gathered.add(key);
    if (!first || this.#gathered.size === 0) return;
    this.#clock.after(this.#windowMs, () => {
      this.#due = true;
      this.#wake?.();
    });
  }

  /** Waits until a window has passed over at least one key and takes all keys; undefined when the signal aborts. */
  async next(signal: AbortSignal): Promise<ReadonlySet<string> | undefined> {
    if (this.#wake !== undefined) throw new TypeError('BatchQueue.next is already being waited for');
    if (!this.#due && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = (): void => resolve();
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
      await promise;
      signal.removeEventListener('abort', wake);
      this.#wake = undefined;
    }
    if (signal.aborted) return undefined;
    const batch = this.#gathered;
    this.#gathered = new Set();
    this.#due = false;
    return batch;
  }

  get size(): number {
    return this.#gathered.size;
  }
}
