/**
 * `npm run bench:repeater [-- --json]`: one repeater, an API server and NATS as programs on this machine, and 10,000 simulated
 * wasmCloud 1.x hosts with 20 components each; then the wadm API of a scheduler. `--part hosts|wadm` runs one part alone,
 * `--hosts N` takes another number of hosts instead of 1,000 and 10,000; `--shown N` of them have Actors for what they run,
 * 100 by default. `WADM` names the program of a wadm to compare with.
 */
import { report } from './harness.ts';
import { buildKasm } from './kube/servers.ts';
import { hostsCost } from './repeater/hosts.ts';
import { wadm } from './repeater/wadm.ts';
import { row, type Row } from './supercluster/rows.ts';

const option = (name: string): string | undefined =>
  process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined;

async function hosts(): Promise<Row[]> {
  const asked = Number(option('--hosts') ?? 0);
  const shown = Number(option('--shown') ?? 100);
  if (asked > 0) return [...(await hostsCost({ hosts: asked, shown }, String(asked))).rows];
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
const asked = option('--part');

// Whatever ends this process, nothing that it started outlives it.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));
await buildKasm();
const rows: Row[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (asked !== undefined && asked !== name) continue;
  const startedAt = performance.now();
  rows.push(...(await measure()));
  process.stderr.write(`${name}: ${Math.round((performance.now() - startedAt) / 1_000)} s\n`);
}
report('repeater and wadm API on kasm apiserver', rows);
