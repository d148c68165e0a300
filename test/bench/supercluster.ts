/**
 * `npm run bench:supercluster [-- --json]`: a scheduler, hub and members as programs, real Redis, and hollow hosts; all of
 * it on this machine, which therefore is what is measured as well. `--help` tells its options.
 */
import { presentAssets } from '@kasmcloud/tool-kube-assets';
import { asked } from './asked.ts';
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

const options = asked('supercluster', 'A supercluster of hollow hosts: cold start, losses, growth, rebuild.', {
  part: {
    value: 'PART',
    tells: 'this part alone (resync runs only so)',
    oneOf: Object.keys({ ...parts, ...more }),
  },
  real: { tells: 'kube-apiservers with etcd, whose programs must be there' },
});
const part = options.get('part');
const assets = presentAssets();
const wantsReal = options.has('real');
if (wantsReal && assets === undefined)
  throw new Error('--real: no programs; get them with node tools/kube-assets/src/main.ts');

// Whatever ends this process, nothing that it started outlives it.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));
await buildKasm();
const rows: Row[] = [];
for (const [name, measure] of Object.entries(part === undefined ? parts : { ...parts, ...more })) {
  if (part !== undefined && part !== name) continue;
  const startedAt = performance.now();
  rows.push(...(await measure(wantsReal ? 'real' : 'embedded', assets)));
  tell(`${name}: ${Math.round((performance.now() - startedAt) / 1_000)} s`);
}
report(`supercluster on ${wantsReal ? 'kube-apiserver with etcd' : 'kasm apiserver'}`, rows);
