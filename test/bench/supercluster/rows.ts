import type { Result } from '../harness.ts';

export type Row = Result & {
  /** Single measurements in it. */
  readonly runs?: number;
  /** What it should be, where there is a goal. */
  readonly goal?: string;
  readonly note?: string;
};

export const row = (name: string, value: number, unit: string, rest: Partial<Row> = {}): Row => ({
  name,
  value,
  unit,
  baseline: null,
  verified: true,
  ...rest,
});

/** The value that a share of the samples does not exceed. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}
