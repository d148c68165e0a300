/**
 * `npm run bench:supercluster [-- --json]`: a scheduler, hub and members as programs, real Redis, and hollow hosts; all of
 * it on this machine, which therefore is what is measured as well. `--part full|grouped|growth|rebuild|resync` runs one part alone,
 * `--real` uses kube-apiservers with etcd where their programs are there.
 */
import { presentAssets } from '@kasmcloud/tool-kube-assets';
import { report } from './harness.ts';
import { buildKasm } from './kube/servers.ts';
import { full, grouped, growth, rebuilt, resync } from './supercluster/parts.ts';
import type { Row } from './supercluster/rows.ts';
import type { ServerKind } from './supercluster/servers.ts';

const parts: Readonly<Record<string, (kind: ServerKind, assets: string | undefined) => Promise<Row[]>>> = {
  full,
  grouped,
  growth,
  rebuild: rebuilt,
};

/** Those that are measured only by name. */
const more: typeof parts = { resync };

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

const asked = process.argv.includes('--part') ? process.argv[process.argv.indexOf('--part') + 1] : undefined;
const assets = presentAssets();
const wantsReal = process.argv.includes('--real');
if (wantsReal && assets === undefined)
  throw new Error('--real: no programs; get them with node tools/kube-assets/src/main.ts');

// Whatever ends this process, nothing that it started outlives it.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));
await buildKasm();
const rows: Row[] = [];
for (const [name, measure] of Object.entries(asked === undefined ? parts : { ...parts, ...more })) {
  if (asked !== undefined && asked !== name) continue;
  const startedAt = performance.now();
  rows.push(...(await measure(wantsReal ? 'real' : 'embedded', assets)));
  tell(`${name}: ${Math.round((performance.now() - startedAt) / 1_000)} s`);
}
report(`supercluster on ${wantsReal ? 'kube-apiserver with etcd' : 'kasm apiserver'}`, rows);
