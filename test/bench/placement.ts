/**
 * `npm run bench:placement [-- --json]`: the planner on 10,000 hosts in 50 clusters with every feature in use, against a
 * plain loop over replicas on the same machine. Every row runs in a process of its own: so its first run is cold, and its
 * memory is its own. `--row B4` runs one alone.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { asked } from './asked.ts';
import { report } from './harness.ts';
import { b11, b13, b4, b4Shapes, b5AndB7, b5Shapes, b8, b9 } from './placement/change.ts';
import type { Row } from './placement/rows.ts';
import { b1, b10, b15, b1Shapes, b2, b3 } from './placement/solve.ts';

const rows: Readonly<Record<string, () => Row[]>> = {
  B1: b1,
  'B1-shapes': b1Shapes,
  B2: b2,
  B3: b3,
  B4: b4,
  'B4-shapes': b4Shapes,
  B5: b5AndB7,
  'B5-shapes': b5Shapes,
  B8: b8,
  B9: b9,
  B10: b10,
  B11: b11,
  B13: b13,
  B15: b15,
};

/** How long one row may take. */
const LIMIT_MS = 120_000;

/** Runs a row in its own process, which prints its results as one line of JSON. */
function runAlone(row: string): Row[] {
  const file = fileURLToPath(import.meta.url);
  const args = ['--max-old-space-size=4096', file, '--row', row, '--bare'];
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LIMIT_MS,
  });
  if (status !== 0) throw new Error(`row ${row} ended with status ${status ?? 'none: it took too long'}`);
  return JSON.parse(stdout);
}

const options = asked('placement', 'The planner on 10,000 hosts in 50 clusters, against a plain loop over replicas.', {
  row: { value: 'ROW', tells: 'this row alone', oneOf: Object.keys(rows) },
  bare: { tells: 'in this process, as JSON without the machine; with --row' },
});
const one = options.get('row');
if (one !== undefined && options.has('bare')) console.log(JSON.stringify(rows[one]?.() ?? []));
else
  report(
    'placement: 10,000 hosts, 50 clusters, 10 regions, 150 zones',
    (one === undefined ? Object.keys(rows) : [one]).flatMap(runAlone),
  );
