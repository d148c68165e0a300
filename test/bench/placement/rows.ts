/** What every row shares: runs with their spread, and a row as the report shows it. */
import type { Result } from '../harness.ts';

export const SEEDS = [1, 2, 3, 4, 5];

/** A result with what a reader needs to judge it. */
export interface Row extends Result {
  /** Smallest and largest of the runs. */
  readonly spread: readonly [number, number];
  readonly runs: number;
  /** The first run of a fresh process, before anything is compiled. */
  readonly cold?: number;
  /** What the figures of the baseline were measured on, where that is less than the row itself. */
  readonly baselineOn?: string;
}

export interface Sample {
  readonly value: number;
  readonly verified: boolean;
}

/** The median of samples as a row. The first sample is the cold one, and counts only as that when there are more than five. */
export function rowOf(name: string, unit: string, samples: readonly Sample[], rest: Partial<Row> = {}): Row {
  const warm = samples.length > SEEDS.length ? samples.slice(1) : samples;
  const sorted = warm.map(({ value }) => value).toSorted((a, b) => a - b);
  const first = samples[0]?.value;
  return {
    name,
    unit,
    value: sorted[Math.floor(sorted.length / 2)] ?? NaN,
    spread: [sorted[0] ?? NaN, sorted.at(-1) ?? NaN],
    runs: warm.length,
    ...(samples.length > warm.length && first !== undefined && { cold: first }),
    baseline: null,
    verified: samples.every(({ verified }) => verified),
    ...rest,
  };
}

/** The value that 99 of 100 samples do not exceed, with the median as what is usual. */
export function tailOf(name: string, unit: string, samples: readonly Sample[], rest: Partial<Row> = {}): Row {
  const sorted = samples.map(({ value }) => value).toSorted((a, b) => a - b);
  return {
    ...rowOf(name, unit, samples, rest),
    value: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? NaN,
    runs: samples.length,
  };
}

/** Milliseconds that a call takes, and what it gives. */
export function timed<T>(run: () => T): { readonly ms: number; readonly result: T } {
  const start = performance.now();
  const result = run();
  return { ms: performance.now() - start, result };
}
