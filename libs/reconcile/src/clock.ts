/** Time as an argument. Real programs pass `systemClock`, tests a clock that stands still. */
export interface Clock {
  /** Milliseconds since the epoch, for times that are written down. It may step when the machine's clock is set. */
  now(): number;
  /** Milliseconds since some moment, for measuring how long something lasts. It never steps and never goes back. */
  steady(): number;
  /** Resolves after `ms`, or at once when the signal aborts: look at the signal afterwards. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls `fn` once after `ms`; the returned function cancels it. */
  after(ms: number, fn: () => void): () => void;
}

// Above this, Node fires a timer at once.
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  async sleep(ms, signal) {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const cancel = systemClock.after(ms, wake);
    signal.addEventListener('abort', wake, { once: true });
    await promise;
    signal.removeEventListener('abort', wake);
    cancel();
  },
  after(ms, fn) {
    const timer = setTimeout(fn, Math.min(Math.max(0, ms), longestTimerMs));
    return () => clearTimeout(timer);
  },
};
