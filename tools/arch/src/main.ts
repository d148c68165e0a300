/** Checks the import law over every workspace package; exits 1 and names each breach with its fix. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { check, type Package } from './check.ts';
import { mayImport, type Layer } from './law.ts';

const root = join(import.meta.dirname, '../../..');
const skipped = new Set(['node_modules', 'dist', '.tsbuild', 'wit']);

const isLayer = (text: string): text is Layer => text in mayImport;

async function sources(folder: string): Promise<{ path: string; text: string }[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : sources(path);
      return entry.name.endsWith('.ts') ? [{ path: relative(root, path), text: await readFile(path, 'utf8') }] : [];
    }),
  );
  return found.flat();
}

async function readPackage(folder: string): Promise<Package> {
  const manifest = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as {
    name: string;
    nx?: { tags?: string[] };
    dependencies?: Record<string, string>;
  };
  const layer = manifest.nx?.tags?.find((tag) => tag.startsWith('layer:'))?.slice('layer:'.length) ?? '';
  if (!isLayer(layer))
    throw new Error(`${folder}/package.json: nx.tags needs one of layer:${Object.keys(mayImport).join('|')}`);
  const dependencies = new Set(Object.keys(manifest.dependencies ?? {}));
  return { name: manifest.name, folder, layer, dependencies, files: await sources(join(root, folder)) };
}

const folders = ['test'];
for (const group of ['apps', 'libs', 'tools']) {
  const entries = await readdir(join(root, group), { withFileTypes: true });
  for (const entry of entries) {
    const inside = entry.isDirectory() ? await readdir(join(root, group, entry.name)) : [];
    if (inside.includes('package.json')) folders.push(join(group, entry.name));
  }
}
const packages = await Promise.all(folders.map((folder) => readPackage(folder)));
const problems = check(packages);
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(`${problems.length} breaches of the import law (docs/architecture.md)`);
  process.exitCode = 1;
} else {
  console.log(
    `import law: ${packages.length} packages, ${packages.reduce((sum, entry) => sum + entry.files.length, 0)} files, no breach`,
  );
}
