import type { Clock } from '@kasmcloud/reconcile';

/** Keeps what is done for a key apart in time, without ever making the first wait. */
export class Pace {
  readonly #clock: Pick<Clock, 'steady'>;
  readonly #everyMs: number;
  /** When each key's turn comes again, on the steady clock. */
  readonly #nextAt = new Map<string, number>();

  constructor(clock: Pick<Clock, 'steady'>, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** Milliseconds until it is the key's turn again; 0 when it is. */
  restMs(key: string): number {
    return Math.max(0, (this.#nextAt.get(key) ?? -Infinity) - this.#clock.steady());
  }

  /** Now something was done for the key: it rests for as long as any, or as is told. */
  took(key: string, restMs = this.#everyMs): void {
    this.#nextAt.set(key, this.#clock.steady() + restMs);
  }

  forget(key: string): void {
    this.#nextAt.delete(key);
  }
}
