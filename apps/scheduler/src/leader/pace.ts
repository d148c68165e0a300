import type { Clock } from '@kasmcloud/reconcile';

/** Keeps what is done for a key apart in time, without ever making the first wait. */
export class Pace {
  readonly #clock: Pick<Clock, 'steady'>;
  readonly #everyMs: number;
  readonly #tookAt = new Map<string, number>();

  constructor(clock: Pick<Clock, 'steady'>, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** Milliseconds until it is the key's turn again; 0 when it is. */
  restMs(key: string): number {
    return Math.max(0, this.#everyMs - (this.#clock.steady() - (this.#tookAt.get(key) ?? -Infinity)));
  }

  /** Now something was done for the key. */
  took(key: string): void {
    this.#tookAt.set(key, this.#clock.steady());
  }

  forget(key: string): void {
    this.#tookAt.delete(key);
  }
}
