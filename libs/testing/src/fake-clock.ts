import type { Clock } from '@kasmcloud/reconcile';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

/** A clock that stands still until a test moves it. Its wall time starts at 1,000,000 ms unless told otherwise. */
export class FakeClock implements Clock {
  #steady = 0;
  #wallOffset: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(now = 1_000_000) {
    this.#wallOffset = now;
  }

  now(): number {
    return this.#wallOffset + this.#steady;
  }

  steady(): number {
    return this.#steady;
  }

  /** Sets the machine's clock forward or back: `now` steps, nothing else notices. */
  step(ms: number): void {
    this.#wallOffset += ms;
  }

  after(ms: number, fire: () => void): () => void {
    const timer: Timer = { at: this.#steady + Math.max(0, ms), order: this.#order++, fire };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.after(ms, resolve);
    const wake = (): void => resolve();
    signal.addEventListener('abort', wake, { once: true });
    await promise;
    signal.removeEventListener('abort', wake);
    cancel();
  }

  /** How many timers wait; 0 after a clean shutdown. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer, undefined when none waits. */
  get nextIn(): number | undefined {
    const next = this.#next(Number.POSITIVE_INFINITY);
    return next === undefined ? undefined : next.at - this.#steady;
  }

  /** Moves time forward, firing timers in order and letting promises settle between them. */
  async advance(ms: number): Promise<void> {
    const end = this.#steady + ms;
    await settle();
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#steady = timer.at;
      timer.fire();
      await settle();
    }
    this.#steady = end;
  }

  #next(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > until) continue;
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  }
}

/** Lets every promise that can settle do so: one turn of the event loop runs the whole microtask queue. */
export async function settle(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(resolve);
  await promise;
}
