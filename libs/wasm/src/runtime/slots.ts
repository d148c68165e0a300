import { OverloadedError } from '../error.ts';
import { freeSlot, freeSlotsOf, noteWaiting, resizeTable, slotsOf, slotTable, takeSlot } from './slot-table.ts';

interface Waiter {
  grant(): void;
}

/** How many calls of a component run at once: a semaphore with a bounded queue, first come, first served. */
export class Slots {
  /** For workers, which take slots for calls that do not pass through this thread. */
  readonly table: Int32Array;
  readonly #what: string;
  readonly #queueLimit: number;
  readonly #queue = new Set<Waiter>();

  constructor(what: string, size: number, queueLimit: number, workers = 0) {
    this.#what = what;
    this.#queueLimit = queueLimit;
    this.table = slotTable(size, workers);
  }

  resize(size: number): void {
    resizeTable(this.table, size);
    this.#grant();
  }

  /** Takes a slot if one is free. */
  tryAcquire(): boolean {
    return takeSlot(this.table);
  }

  /**
   * Takes a slot; `release` gives it back.
   * @throws OverloadedError at once when the queue is full, and the signal's reason when it is aborted before its turn.
   */
  acquire(signal: AbortSignal): Promise<void> {
    if (this.tryAcquire()) return Promise.resolve();
    if (this.#queue.size >= this.#queueLimit) {
      return Promise.reject(new OverloadedError(this.#what, slotsOf(this.table), this.#queue.size));
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#leave(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        grant: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      this.#queue.add(waiter);
      noteWaiting(this.table, 1);
      signal.addEventListener('abort', leave, { once: true });
      // A worker may have let go of a slot before it could know that one is waited for.
      this.#grant();
    });
  }

  release(): void {
    freeSlot(this.table);
    this.#grant();
  }

  /** A worker let go of a slot while calls wait here. */
  freed(): void {
    this.#grant();
  }

  /** A worker was ended with what it had taken. */
  forgive(worker: number): void {
    freeSlotsOf(this.table, worker);
    this.#grant();
  }

  #grant(): void {
    for (const waiter of this.#queue) {
      if (!this.tryAcquire()) return;
      this.#leave(waiter);
      waiter.grant();
    }
  }

  #leave(waiter: Waiter): void {
    if (this.#queue.delete(waiter)) noteWaiting(this.table, -1);
  }
}
