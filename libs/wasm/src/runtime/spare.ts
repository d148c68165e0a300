import { setTimeout as sleep } from 'node:timers/promises';
import type { Thread } from './thread.ts';

/** The component that was loaded last is to answer before processor time goes into the next one's worker. */
const waitMs = 200;

export interface SpareOptions {
  /** One more worker, if one is wanted and may be. */
  readonly another: () => Thread | undefined;
  readonly rehearseIn: (thread: Thread) => Promise<void>;
}

/** Sees to it that one worker runs that no component has taken yet, as long as there may be more. */
export class Spare {
  readonly #options: SpareOptions;
  #isFilling = false;
  #isWanted = false;

  constructor(options: SpareOptions) {
    this.#options = options;
  }

  /** A component was loaded: the spare worker may be gone. */
  async refill(): Promise<void> {
    this.#isWanted = true;
    if (this.#isFilling) return;
    this.#isFilling = true;
    try {
      // A component may take the spare worker while that rehearses.
      while (this.#isWanted) {
        await sleep(waitMs, undefined, { ref: false });
        this.#isWanted = false;
        const thread = this.#options.another();
        if (thread !== undefined) await this.#options.rehearseIn(thread);
      }
    } finally {
      this.#isFilling = false;
    }
  }
}
