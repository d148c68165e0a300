/** A call that takes longer does not speak for its component: it may have computed, and others would have waited. */
const quickMs = 50;

/** What one slow call undoes. */
const slowCost = 10;

/** By how much a fault raises what is asked of a component. */
const severity = 10;

/**
 * Whether a component may run in threads that listen, where one that spins holds up the requests of all others. It has to
 * have shown that its calls are quick; after it held up a thread, it has to show it ten times as long.
 */
export class Standing {
  #needed: number;
  #score = 0;
  #hasFaults = false;

  constructor(needed: number) {
    this.#needed = needed;
  }

  get isTrusted(): boolean {
    return this.#score >= this.#needed;
  }

  /** Whether a thread had to be ended for it and it has not made up for that: then it runs away from all others. */
  get isSuspect(): boolean {
    return this.#hasFaults && !this.isTrusted;
  }

  note(tookMs: number): void {
    this.#score = Math.max(0, Math.min(this.#needed, this.#score + (tookMs <= quickMs ? 1 : -slowCost)));
  }

  /** It had to be ended with its thread. */
  fault(): void {
    this.#hasFaults = true;
    this.distrust();
  }

  /** It held up a thread. */
  distrust(): void {
    this.#score = 0;
    this.#needed = Math.max(this.#needed, 1) * severity;
  }
}
