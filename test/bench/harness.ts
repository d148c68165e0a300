/** What every benchmark shares: repeated runs, a table for people, one line of JSON for machines. */
import { cpus, totalmem } from 'node:os';
import { stolenPercent } from './stolen.ts';

export interface Result {
  readonly name: string;
  /** Median of the runs. */
  readonly value: number;
  readonly unit: string;
  /** The same figure of the plain way of doing it, measured here; null when there is none. */
  readonly baseline: number | null;
  /** Whether the outcome of every run was checked and right. */
  readonly verified: boolean;
}

/** Times in milliseconds of `runs` calls after `warmup` more, sorted. `after` runs untimed after each timed call. */
export function time(
  run: () => void,
  { runs = 5, warmup = 1, after = (): void => {} }: { runs?: number; warmup?: number; after?: () => void } = {},
): number[] {
  const times: number[] = [];
  for (let i = 0; i < warmup + runs; i++) {
    const start = performance.now();
    run();
    if (i < warmup) continue;
    times.push(performance.now() - start);
    after();
  }
  return times.toSorted((a, b) => a - b);
}

export const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? NaN;

/** Prints the results, with `--json` as one last line; a result that is not right makes the process fail. */
export function report(title: string, results: readonly Result[]): void {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    node: process.version,
    stolenPercent: stolenPercent(),
  };
  if (!results.every(({ verified }) => verified)) process.exitCode = 1;
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ results: results.map(rounded), machine }));
    return;
  }
  const { cpu, cores, memoryMiB, node, stolenPercent: stolen } = machine;
  const taken = stolen === null || stolen === 0 ? '' : `; others took ${stolen} % of the machine's time`;
  console.log(`${title} (${cpu}, ${cores} cores, ${memoryMiB} MiB, Node ${node}${taken})\n`);
  const rows = results.map((result) => {
    const { name, value, unit, baseline, verified } = rounded(result);
    return [
      name,
      `${show(value)} ${unit}`,
      baseline === null ? '' : `${show(baseline)} ${unit}`,
      verified ? 'yes' : 'NO',
    ];
  });
  const table = [['', 'median', 'baseline', 'verified'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  for (const row of table) console.log(row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  '));
}

const pad = (cell: string, width: number, column: number): string =>
  column === 0 ? cell.padEnd(width) : cell.padStart(width);

const show = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 3 });

const rounded = (result: Result): Result => ({
  ...result,
  value: toThree(result.value),
  baseline: result.baseline === null ? null : toThree(result.baseline),
});

/** Three digits that matter. */
const toThree = (value: number): number => Number(value.toPrecision(3));
