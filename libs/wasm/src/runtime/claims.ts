/** Where a call that was posted to a worker stands. */
const waiting = 0;
const started = 1;
const revoked = 2;

/** How many calls of one worker can be told about this way. */
const size = 4096;

export const claimTable = (): Int32Array => new Int32Array(new SharedArrayBuffer(size * Int32Array.BYTES_PER_ELEMENT));

/**
 * Who has a call: the worker that it was posted to, or the main thread, which wants it back because the worker does not
 * get to it. Memory of both threads, because a worker in the middle of a guest neither reads nor sends messages.
 */
export class Claims {
  readonly table: Int32Array;
  readonly #free: number[] = [];
  #used = 0;

  constructor(table: Int32Array) {
    this.table = table;
  }

  /** A place for a call; undefined when all are taken. */
  open(): number | undefined {
    const place = this.#free.pop() ?? (this.#used < size ? this.#used++ : undefined);
    if (place !== undefined) Atomics.store(this.table, place, waiting);
    return place;
  }

  /** Whether `open` has a place to give. */
  get hasRoom(): boolean {
    return this.#free.length > 0 || this.#used < size;
  }

  /** The worker will not look at it any more. */
  close(place: number): void {
    this.#free.push(place);
  }

  /** For the worker: whether it may start the call. */
  start(place: number): boolean {
    return Atomics.compareExchange(this.table, place, waiting, started) === waiting;
  }

  /** For the main thread: whether it has the call back. The place stays the call's until the worker has come by. */
  revoke(place: number): boolean {
    return Atomics.compareExchange(this.table, place, waiting, revoked) === waiting;
  }

  isStarted(place: number): boolean {
    return Atomics.load(this.table, place) === started;
  }
}
