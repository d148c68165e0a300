/*
 * What became of the calls of one component, in memory that every thread adds to. The counts wrap around at 2^32, which
 * those who read rates take for a restart.
 */
const endings = ['value', 'error', 'trap', 'abandoned'] as const;
/** How a call ended: `error` is the error case of a result, `abandoned` a deadline or a caller that went. */
export type Ending = (typeof endings)[number];

/** Upper bounds in seconds; one more bucket has no bound. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** Time is added up in hundredths of a millisecond. */
const unitsPerMs = 100;
const sum = endings.length;
const first = sum + 1;

export const tallyTable = (): Int32Array =>
  new Int32Array(new SharedArrayBuffer((first + bounds.length + 1) * Int32Array.BYTES_PER_ELEMENT));

/** Notes a call that ended, and how long it ran. */
export const noteCall = (table: Int32Array, ending: Ending, tookMs: number): void => {
  Atomics.add(table, endings.indexOf(ending), 1);
  Atomics.add(table, sum, Math.round(tookMs * unitsPerMs));
  let bucket = 0;
  for (const bound of bounds) {
    if (tookMs <= bound * 1_000) break;
    bucket += 1;
  }
  Atomics.add(table, first + bucket, 1);
};

export interface Tally {
  readonly ended: Readonly<Record<Ending, number>>;
  /** How long they ran in all. */
  readonly seconds: number;
  /** How many ran no longer than each bound, in seconds, ascending; the last bound is Infinity. */
  readonly buckets: readonly (readonly [bound: number, count: number])[];
}

export const readTally = (table: Int32Array): Tally => {
  const at = (index: number): number => Atomics.load(table, index) >>> 0;
  let count = 0;
  const buckets = [...bounds, Infinity].map((bound, index) => {
    count += at(first + index);
    return [bound, count] as const;
  });
  const [value, error, trap, abandoned] = [at(0), at(1), at(2), at(3)];
  return { ended: { value, error, trap, abandoned }, seconds: at(sum) / unitsPerMs / 1_000, buckets };
};
