import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';

const headers = fileURLToPath(new URL('.', import.meta.url));

/** The compiler whose bytes are checked in: another version gives the same program in other bytes. */
const clang = { program: 'clang', version: '14.0.6' };

/** clang runs any wasm-opt that it finds, and npm puts one on the path: the bytes would depend on who starts this. */
const env = {
  ...process.env,
  PATH: (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter),
};

/**
 * One WIT text out of a folder: its own `*.wit`, then every package under `deps/` as a nested package.
 * componentEmbed takes text, so no file system has to be given to the tool.
 */
async function readWit(folder) {
  const deps = join(folder, 'deps');
  const own = (await readdir(folder)).filter((name) => name.endsWith('.wit')).toSorted();
  const needed = (await readdir(deps)).filter((name) => name.endsWith('.wit')).toSorted();
  const texts = await Promise.all(own.map((name) => readFile(join(folder, name), 'utf8')));
  const packages = await Promise.all(
    needed.map(async (name) => {
      const text = await readFile(join(deps, name), 'utf8');
      return `${text.replace(/^package ([^;]+);/m, 'package $1 {')}\n}\n`;
    }),
  );
  return [...texts, ...packages].join('\n');
}

/** What code is made for, and what it is made with. */
const target = '--target=wasm32';

async function compile(source) {
  const temp = await mkdtemp(join(tmpdir(), 'component-'));
  try {
    const out = join(temp, 'core.wasm');
    const flags = [target, '-nostdlib', '-ffreestanding', '-Oz', '-Wall', '-Werror', '-I', headers];
    const link = ['-Wl,--no-entry', '-Wl,--strip-all'];
    const run = spawnSync(clang.program, [...flags, ...link, '-o', out, source], { env, encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`${source}: clang failed\n${run.error ?? run.stderr}`);
    return await readFile(out);
  } finally {
    await rm(temp, { recursive: true });
  }
}

async function build({ source, wit, world }) {
  const core = await compile(source);
  const witSource = await readWit(wit);
  return componentNew(await componentEmbed({ binary: core, witSource, world, stringEncoding: 'utf8' }));
}

/** Why the bytes cannot be compared on this machine, or undefined when they can. */
function missingCompiler() {
  const run = spawnSync(clang.program, ['--version'], { env, encoding: 'utf8' });
  if (run.status !== 0) return `${clang.program} is not installed`;
  const found = /version (\S+)/.exec(run.stdout)?.[1];
  if (found !== clang.version) return `the bytes are those of clang ${clang.version}, this is ${found}`;
  const linker = spawnSync(clang.program, [target, '--print-prog-name=wasm-ld'], { env, encoding: 'utf8' });
  return existsSync(linker.stdout.trim()) ? undefined : `${clang.program} has no wasm-ld beside it: install lld`;
}

/**
 * Builds components from C, or with `--check` compares what would be built with what is checked in.
 * A component is `{name, source, wit, world, out}`: paths, and the WIT world that the C file implements.
 */
export async function buildAll(components, argv = process.argv.slice(2)) {
  const check = argv.includes('--check');
  const reason = check ? missingCompiler() : undefined;
  if (reason !== undefined) {
    console.log(`not run: ${reason}`);
    return;
  }
  for (const component of components) {
    const bytes = await build(component);
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
    if (!check) await writeFile(component.out, bytes);
    else if (!(await readFile(component.out)).equals(bytes)) {
      console.error(`${component.name}: ${component.out} is not what its source builds; run this without --check`);
      process.exitCode = 1;
      continue;
    }
    console.log(`${component.name}: ${bytes.length} bytes, sha256 ${digest}${check ? ', unchanged' : ''}`);
  }
}
