import { performance } from 'node:perf_hooks';

/*
 * What a thread that listens runs by itself, in memory that the main thread sees too: it keeps the thread's deadlines, which
 * a thread in the middle of a guest cannot. First whether the main thread looks at it, and how many calls began; then, for
 * each call, its component and when its time is up.
 */
const watched = 0;
const began = 1;
const first = 2;
const width = 2;

/** How many calls one thread runs by itself at once; more go through the main thread. */
const places = 2048;

export const ledgerTable = (): Int32Array =>
  new Int32Array(new SharedArrayBuffer((first + places * width) * Int32Array.BYTES_PER_ELEMENT));

const { timeOrigin } = performance;

/** Milliseconds by a clock that all threads share, of a time of this thread's. It wraps around: only differences mean something. */
export const sharedTime = (now: number): number => (timeOrigin + now) | 0;

/** The side of the thread that runs the calls. */
export class Ledger {
  readonly #table: Int32Array;
  readonly #free: number[] = Array.from({ length: places }, (_, place) => places - 1 - place);

  constructor(table: Int32Array) {
    this.#table = table;
  }

  /** Notes a call that is to end by then; its place, or undefined when there is none. `component` is not 0. */
  open(component: number, endsAt: number): number | undefined {
    const place = this.#free.pop();
    if (place === undefined) return undefined;
    this.#table[first + place * width + 1] = sharedTime(endsAt);
    Atomics.store(this.#table, first + place * width, component);
    Atomics.add(this.#table, began, 1);
    return place;
  }

  close(place: number): void {
    Atomics.store(this.#table, first + place * width, 0);
    this.#free.push(place);
  }

  /** Whether the main thread has to be told to look; it looks from then on, until it finds nothing for a while. */
  wantsWatch(): boolean {
    return Atomics.load(this.#table, watched) === 0 && Atomics.exchange(this.#table, watched, 1) === 0;
  }
}

interface Entry {
  readonly component: number;
  /** By `sharedTime`. */
  readonly endsAt: number;
}

/** Calls that are under way by a thread's ledger. */
export const entriesOf = (table: Int32Array): Entry[] => {
  const entries: Entry[] = [];
  for (let at = first; at < table.length; at += width) {
    // Most places are free, which is seen at a tenth of the cost.
    const component = table[at] === 0 ? 0 : Atomics.load(table, at);
    if (component !== 0) entries.push({ component, endsAt: table[at + 1] ?? 0 });
  }
  return entries;
};

/** How many calls a thread has begun by itself; it wraps around. */
export const begunBy = (table: Int32Array): number => Atomics.load(table, began);

/** Looks no more, unless calls began since `begun` was read. */
export const stopWatching = (table: Int32Array, begun: number): boolean => {
  Atomics.store(table, watched, 0);
  if (begunBy(table) === begun) return true;
  Atomics.store(table, watched, 1);
  return false;
};
