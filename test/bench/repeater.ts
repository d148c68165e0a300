/**
 * `npm run bench:repeater [-- --json]`: one repeater, an API server and NATS as programs on this machine, and 10,000 simulated
 * wasmCloud 1.x hosts with 20 components each; then the wadm API of a scheduler. `--help` tells its options; `WADM` names the program of a wadm to compare with.
 */
import { asked } from './asked.ts';
import { report } from './harness.ts';
import { buildKasm } from './kube/servers.ts';
import { hostsCost } from './repeater/hosts.ts';
import { wadm } from './repeater/wadm.ts';
import { row, type Row } from './supercluster/rows.ts';

const options = asked('repeater', 'A repeater and its hosts, then the wadm API; WADM names a wadm to compare with.', {
  part: { value: 'PART', tells: 'this part alone', oneOf: ['hosts', 'wadm'] },
  hosts: { value: 'N', tells: 'so many hosts, instead of 1,000 and 10,000' },
  shown: { value: 'N', tells: 'so many of them have Actors for what they run; 100 by default' },
});

async function hosts(): Promise<Row[]> {
  const number = Number(options.get('hosts') ?? 0);
  const shown = Number(options.get('shown') ?? 100);
  if (number > 0) return [...(await hostsCost({ hosts: number, shown }, String(number))).rows];
  const few = await hostsCost({ hosts: 1_000, shown: Math.ceil(shown / 10) }, '1k');
  const many = await hostsCost({ hosts: 10_000, shown }, '10k');
  return [
    ...many.rows,
    ...few.rows,
    row('cpu-growth-1k-to-10k', many.cores / few.cores, '×', { goal: '10 or less' }),
    row('rss-growth-1k-to-10k', many.rssMb / few.rssMb, '×', { goal: '10 or less' }),
  ];
}

const parts: Readonly<Record<string, () => Promise<Row[]>>> = { hosts, wadm };
const part = options.get('part');

// Whatever ends this process, nothing that it started outlives it.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));
await buildKasm();
const rows: Row[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (part !== undefined && part !== name) continue;
  const startedAt = performance.now();
  rows.push(...(await measure()));
  process.stderr.write(`${name}: ${Math.round((performance.now() - startedAt) / 1_000)} s\n`);
}
report('repeater and wadm API on kasm apiserver', rows);
