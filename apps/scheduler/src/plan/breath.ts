/** So long one piece of work keeps all else waiting at the most, milliseconds. */
const MOST_MS = 15;

/**
 * Lets everything else have its turn in the midst of long work: whoever leads must renew its Lease meanwhile, and its
 * watches must be read.
 */
export class Breath {
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  get isDue(): boolean {
    return performance.now() - this.#since >= MOST_MS;
  }

  /** Rejects with the signal's reason once it has aborted. */
  async take(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#signal?.throwIfAborted();
    this.#since = performance.now();
  }
}
