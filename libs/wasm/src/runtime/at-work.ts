/*
 * What a thread is at, in memory that the main thread sees too: in the middle of a guest it cannot say so itself. First
 * the component whose guests run in this turn of its event loop, 0 for none; then how many turns guests have had.
 */
const component = 0;
const turns = 1;

export const atWorkTable = (): Int32Array => new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));

/** For the thread: guests of that component run now; of none, when it is 0. */
export const noteAtWork = (table: Int32Array, running: number): void => {
  if (running !== 0) Atomics.add(table, turns, 1);
  Atomics.store(table, component, running);
};

export interface AtWork {
  /** Undefined while no guest runs. */
  readonly component: number | undefined;
  /** Wraps around: it means something only beside another reading. */
  readonly turn: number;
}

export const atWork = (table: Int32Array): AtWork => {
  const running = Atomics.load(table, component);
  return { component: running === 0 ? undefined : running, turn: Atomics.load(table, turns) };
};
