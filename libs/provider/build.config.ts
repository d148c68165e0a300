// Writes `dist/`, the package as it is published: `npm publish libs/provider/dist`.
import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'rolldown';

const here = import.meta.dirname;
const libs = resolve(here, '..');
const dist = join(here, 'dist');

interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestOf = async (lib: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(libs, lib, 'package.json'), 'utf8')) as Manifest;

const isOurs = (id: string): boolean => id.startsWith('@kasmcloud/') || id.startsWith('.') || id.startsWith('/');

/** Bundles our own packages into one file each. Resolves with the npm packages that these files import. */
async function bundle(): Promise<Set<string>> {
  const { output } = await build({
    input: { index: join(here, 'src/index.ts'), bindings: join(here, 'src/bindings/main.ts') },
    platform: 'node',
    external: (id) => !isOurs(id),
    // Otherwise whatever our packages import would stay, used or not.
    treeshake: { moduleSideEffects: (id) => id.endsWith('bindings/main.ts') },
    output: { dir: dist, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name].js' },
  });
  const imports = output.flatMap((file) => (file.type === 'chunk' ? [...file.imports, ...file.dynamicImports] : []));
  return new Set(imports.filter((id) => !id.startsWith('node:') && !id.endsWith('.js')).map(packageOf));
}

const packageOf = (id: string): string =>
  id
    .split('/')
    .slice(0, id.startsWith('@') ? 2 : 1)
    .join('/');

/** Copies a declaration file and whatever it imports, with our packages beside each other under `types/`. */
async function declare(lib: string, file: string, done: Set<string>): Promise<void> {
  const from = join(libs, lib, '.tsbuild', file);
  if (done.has(from)) return;
  done.add(from);
  const to = join(dist, 'types', lib, file);
  const text = await readFile(from, 'utf8');
  const wanted: [lib: string, file: string][] = [];
  const rewritten = text.replaceAll(
    /(from |import\()(['"])([^'"]+)\2/g,
    (whole, lead: string, quote: string, id: string) => {
      const ours = /^@kasmcloud\/(.+)$/.exec(id)?.[1];
      if (ours === undefined && !id.startsWith('.')) return whole;
      const next = ours === undefined ? join(dirname(file), id.replace(/\.[jt]s$/, '.d.ts')) : 'index.d.ts';
      wanted.push([ours ?? lib, next]);
      const path = relative(dirname(to), join(dist, 'types', ours ?? lib, next)).replace(/\.d\.ts$/, '.js');
      return `${lead}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
    },
  );
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, rewritten.replace(/\n?\/\/# sourceMappingURL=.*/, ''));
  for (const [nextLib, nextFile] of wanted) await declare(nextLib, nextFile, done);
}

async function main(): Promise<void> {
  await rm(dist, { recursive: true, force: true });
  const checked = spawnSync(process.execPath, [join(libs, '../node_modules/typescript/bin/tsc'), '-b', here], {
    stdio: 'inherit',
  });
  if (checked.status !== 0) throw new Error('the types are not right');
  const imported = await bundle();
  await declare('provider', 'index.d.ts', new Set());
  const versions: Record<string, string> = {};
  for (const lib of ['provider', 'lattice', 'observe', 'wasm', 'wire', 'wrpc'])
    Object.assign(versions, (await manifestOf(lib)).dependencies);
  const { version, description, license } = await manifestOf('provider');
  const manifest = {
    name: '@kasmcloud/provider',
    version,
    description,
    license,
    type: 'module',
    engines: { node: '>=22' },
    exports: { '.': { types: './types/provider/index.d.ts', default: './index.js' } },
    bin: { 'kasmcloud-bindings': './bindings.js' },
    dependencies: Object.fromEntries([...imported].toSorted().map((name) => [name, versions[name] ?? '*'])),
  };
  await writeFile(join(dist, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await cp(join(here, 'README.md'), join(dist, 'README.md'));
  await cp(join(libs, '../LICENSE'), join(dist, 'LICENSE'));
  await chmod(join(dist, 'bindings.js'), 0o755);
}

await main();
