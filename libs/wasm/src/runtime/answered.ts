/*
 * The calls of one worker that it has answered by itself, in memory that the main thread sees too: a message for each would
 * wake that thread as often as the call itself did. A ring with the numbers of calls, behind how many were put into it.
 */
const put = 0;
const first = 1;

/** As many as there are claims: no call is in it twice, and none without a claim. */
const size = 4096;

export const answeredTable = (): Int32Array =>
  new Int32Array(new SharedArrayBuffer((first + size) * Int32Array.BYTES_PER_ELEMENT));

/** For the worker. */
export const noteAnswered = (table: Int32Array, call: number): void => {
  const count = Atomics.load(table, put);
  Atomics.store(table, first + ((count >>> 0) % size), call);
  // Wraps around, as the reader does.
  Atomics.store(table, put, (count + 1) | 0);
};

/** For the main thread: gives each once, in their order. */
export class AnsweredCalls {
  readonly table: Int32Array;
  #taken = 0;

  constructor(table: Int32Array) {
    this.table = table;
  }

  /** How many were not looked at yet. */
  get waiting(): number {
    return (Atomics.load(this.table, put) - this.#taken) | 0;
  }

  take(): number | undefined {
    if (this.waiting === 0) return undefined;
    const call = Atomics.load(this.table, first + ((this.#taken >>> 0) % size));
    this.#taken = (this.#taken + 1) | 0;
    return call;
  }
}
