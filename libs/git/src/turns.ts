/** Lets one at a time work, in the order of asking. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Waits for its turn, at most until `signal` aborts; then throws its reason. */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise: done, resolve: leave } = Promise.withResolvers<void>();
    this.#last = before.then(() => done);
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      signal.throwIfAborted();
      await Promise.race([before, aborted.promise]);
      return await work();
    } finally {
      signal.removeEventListener('abort', abort);
      leave();
    }
  }
}
