import { OverloadedError } from '../error.ts';

interface Waiter {
  grant(): void;
}

/** How many calls of a component run at once: a semaphore with a bounded queue, first come, first served. */
export class Slots {
  readonly #what: string;
  readonly #queueLimit: number;
  readonly #queue = new Set<Waiter>();
  #size: number;
  #used = 0;

  constructor(what: string, size: number, queueLimit: number) {
    this.#what = what;
    this.#size = size;
    this.#queueLimit = queueLimit;
  }

  resize(size: number): void {
    this.#size = size;
    this.#grant();
  }

  /** Takes a slot if one is free. */
  tryAcquire(): boolean {
    if (this.#used >= this.#size) return false;
    this.#used += 1;
    return true;
  }

  /**
   * Takes a slot; `release` gives it back.
   * @throws OverloadedError at once when the queue is full, and the signal's reason when it is aborted before its turn.
   */
  acquire(signal: AbortSignal): Promise<void> {
    if (this.tryAcquire()) return Promise.resolve();
    if (this.#queue.size >= this.#queueLimit) {
      return Promise.reject(new OverloadedError(this.#what, this.#size, this.#queue.size));
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#queue.delete(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        grant: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      this.#queue.add(waiter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  release(): void {
    this.#used -= 1;
    this.#grant();
  }

  #grant(): void {
    for (const waiter of this.#queue) {
      if (this.#used >= this.#size) return;
      this.#queue.delete(waiter);
      this.#used += 1;
      waiter.grant();
    }
  }
}
