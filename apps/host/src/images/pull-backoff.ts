import { ImageError } from './image-error.ts';

/** Shortest and longest wait between two tries, in milliseconds, as kubelet has them. */
const FIRST_MS = 5_000;
const LONGEST_MS = 300_000;

interface Failure {
  readonly what: string;
  readonly error: ImageError;
  readonly times: number;
  readonly nextAt: number;
}

/** What is told while no try is made: the last failure, and when the next try is. */
export class PullBackOffError extends Error {
  override readonly name = 'PullBackOffError';
  readonly waitMs: number;

  constructor(error: ImageError, times: number, nextAt: number, now: number) {
    super(`${error.reason}: ${error.message}; tried ${times} times, again at ${new Date(nextAt).toISOString()}`, {
      cause: error,
    });
    this.waitMs = nextAt - now;
  }
}

/** Pulls that failed, by actor: each failure in a row doubles the wait before the next. Another spec starts anew. */
export class PullBackoff {
  readonly #failures = new Map<string, Failure>();
  readonly #now: () => number;

  /** `now` in milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Runs a pull of `what` for an actor, unless it is to wait.
   * @throws ImageError of the first failure; PullBackOffError of later ones, and while waiting; what else `pull` throws
   */
  async run<T>(actor: string, what: string, pull: () => Promise<T>): Promise<T> {
    const before = this.#failures.get(actor);
    const last = before?.what === what ? before : undefined;
    if (last !== undefined && this.#now() < last.nextAt) throw this.#refusal(last);
    try {
      const pulled = await pull();
      this.#failures.delete(actor);
      return pulled;
    } catch (error) {
      if (!(error instanceof ImageError) || !error.mayPass) throw error;
      const times = (last?.times ?? 0) + 1;
      const nextAt = this.#now() + Math.min(FIRST_MS * 2 ** (times - 1), LONGEST_MS);
      const failure = { what, error, times, nextAt };
      this.#failures.set(actor, failure);
      throw this.#refusal(failure);
    }
  }

  /** When the next try for an actor is due, in milliseconds from now; undefined when none waits. */
  waitMs(actor: string): number | undefined {
    const failure = this.#failures.get(actor);
    return failure && Math.max(0, failure.nextAt - this.#now());
  }

  forget(actor: string): void {
    this.#failures.delete(actor);
  }

  #refusal({ error, times, nextAt }: Failure): Error {
    return times === 1 ? error : new PullBackOffError(error, times, nextAt, this.#now());
  }
}
