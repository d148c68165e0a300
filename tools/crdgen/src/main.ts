/**
 * Writes `deploy/crds/*.yaml` from the kinds of `libs/kube-api`.
 * `--check` writes nothing and exits 1 when a file differs from what would be written.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kinds } from '@kasmcloud/kube-api';
import { crdFile } from './crd-file.ts';

const folder = join(import.meta.dirname, '../../../deploy/crds');
const check = process.argv.includes('--check');

await mkdir(folder, { recursive: true });
const wanted = new Map(kinds.map((kind) => crdFile(kind)));
const present = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
const stale: string[] = [];

for (const [name, text] of wanted) {
  const before = present.includes(name) ? await readFile(join(folder, name), 'utf8') : undefined;
  if (before === text) continue;
  stale.push(name);
  if (!check) await writeFile(join(folder, name), text);
}
for (const name of present.filter((file) => !wanted.has(file))) {
  stale.push(name);
  if (!check) await rm(join(folder, name));
}

if (check && stale.length > 0) {
  console.error(`deploy/crds is not up to date (${stale.join(', ')}): run \`npm run crds\` and commit the result.`);
  process.exitCode = 1;
} else {
  console.log(`${wanted.size} CRDs ${check ? 'up to date' : `written, ${stale.length} changed`}`);
}
