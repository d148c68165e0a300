/**
 * Writes `deploy/crds/*.yaml` from the kinds of `libs/kube-api`, and `deploy/schemas/*.json` from its manifests.
 * `--check` writes nothing and exits 1 when a file differs from what would be written.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kinds } from '@kasmcloud/kube-api';
import { crdFile } from './crd-file.ts';
import { schemaFile } from './schema-file.ts';

const deploy = join(import.meta.dirname, '../../../deploy');
const check = process.argv.includes('--check');
/** Every generated folder with its whole content, by file name. */
const folders = {
  crds: new Map(kinds.map((kind) => crdFile(kind))),
  schemas: new Map([schemaFile()]),
};
const stale: string[] = [];

for (const [name, wanted] of Object.entries(folders)) await bring(join(deploy, name), wanted);

if (check && stale.length > 0) {
  console.error(`not up to date: ${stale.join(', ')}. Run \`npm run crds\` and commit the result.`);
  process.exitCode = 1;
} else {
  const count = folders.crds.size + folders.schemas.size;
  console.log(`${count} generated files ${check ? 'up to date' : `written, ${stale.length} changed`}`);
}

async function bring(folder: string, wanted: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const present = await readdir(folder);
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
}
