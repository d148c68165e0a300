import { backoffMs, type Backoff, type Random } from './backoff.ts';
import type { Clock } from './clock.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly backoff: Backoff;
  /** Closes the queue: every `take`, waiting or later, then gives undefined. */
  readonly signal: AbortSignal;
}

/**
 * Keys that wait for a worker. A key is in the queue at most once and held by at most one worker; when it is added
 * while held, it comes back once after `done`. The order is first in, first out.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #backoff: Backoff;
  readonly #signal: AbortSignal;

  // Sets keep insertion order, which makes them first-in-first-out queues without duplicates.
  readonly #ready = new Set<string>();
  readonly #held = new Set<string>();
  readonly #again = new Set<string>();
  readonly #later = new Map<string, { at: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  readonly #takers = new Set<(key: string | undefined) => void>();

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#backoff = options.backoff;
    this.#signal = options.signal;
    if (this.#signal.aborted) return;
    this.#signal.addEventListener('abort', () => this.#close(), { once: true });
  }

  /** Asks for one more look at the key, now. A look that was due later becomes this one. */
  add(key: string): void {
    if (this.#signal.aborted) return;
    this.#cancelLater(key);
    // A key added while held must run again: its worker may already have read the old world.
    if (this.#held.has(key)) this.#again.add(key);
    else this.#makeReady(key);
  }

  /** Asks for a look after `ms`. Of several wishes for one key the earliest wins. */
  addAfter(key: string, ms: number): void {
    if (this.#signal.aborted) return;
    if (ms <= 0) return this.add(key);
    if (this.#ready.has(key) || this.#again.has(key)) return;
    const at = this.#clock.steady() + ms;
    const planned = this.#later.get(key);
    if (planned !== undefined && planned.at <= at) return;
    planned?.cancel();
    this.#later.set(key, { at, cancel: this.#clock.after(ms, () => this.add(key)) });
  }

  /** Counts a failure of the key and asks for a look after the backoff; returns that wait in milliseconds. */
  addFailed(key: string): number {
    const failures = this.failures(key) + 1;
    this.#failures.set(key, failures);
    const ms = backoffMs(this.#backoff, failures, this.#random);
    this.addAfter(key, ms);
    return ms;
  }

  /** Failures of the key in a row. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The key is well again: its next failure waits the shortest time. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, to be given back with `done`; undefined when the queue is closed or `signal` aborts. */
  async take(signal?: AbortSignal): Promise<string | undefined> {
    if (this.#signal.aborted || signal?.aborted === true) return undefined;
    for (const key of this.#ready) {
      this.#ready.delete(key);
      this.#held.add(key);
      return key;
    }
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    // It leaves in the same turn as the signal aborts, so that no key is handed to one that gave up.
    const giveUp = (): void => {
      this.#takers.delete(resolve);
      resolve(undefined);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#takers.add(resolve);
    const key = await promise;
    signal?.removeEventListener('abort', giveUp);
    return key;
  }

  /** The worker is through with the key, whatever came of it. */
  done(key: string): void {
    this.#held.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  /** Keys that wait for a worker now. */
  get ready(): number {
    return this.#ready.size;
  }

  /** Keys that workers hold now. */
  get held(): number {
    return this.#held.size;
  }

  /** Keys that are due later. */
  get later(): number {
    return this.#later.size;
  }

  #makeReady(key: string): void {
    if (this.#ready.has(key)) return;
    for (const give of this.#takers) {
      this.#takers.delete(give);
      this.#held.add(key);
      give(key);
      return;
    }
    this.#ready.add(key);
  }

  #cancelLater(key: string): void {
    this.#later.get(key)?.cancel();
    this.#later.delete(key);
  }

  #close(): void {
    for (const { cancel } of this.#later.values()) cancel();
    for (const give of this.#takers) give(undefined);
    this.#later.clear();
    this.#takers.clear();
    this.#ready.clear();
    this.#again.clear();
    this.#failures.clear();
  }
}
