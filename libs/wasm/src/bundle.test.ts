import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { rolldown, type Plugin } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wasmAssets, wasmEntries, wasmScripts } from './bundle.ts';
import { componentPath } from './testing/fixtures.ts';

const library = fileURLToPath(new URL('./index.ts', import.meta.url));

/** An app in a few lines: rehearses, and answers one request with the component of its first argument, in the cache of its second. */
const app = `
import { ComponentRuntime } from ${JSON.stringify(library)};
const silent = () => undefined;
const warn = (fields, text) => console.log(text, fields);
const logger = { trace: silent, debug: silent, info: silent, warn, error: warn, child: () => logger };
const workerUrl = process.argv[4] && new URL(process.argv[4], import.meta.url);
const runtime = new ComponentRuntime({ cacheDir: process.argv[3], logger, workers: 1, workerUrl, bindings: process.argv[5] });
await runtime.rehearse({ spare: false });
const hello = await runtime.load(process.argv[2], {
  name: 'hello', instances: 1, limits: { memoryBytes: 2 ** 24, executionMs: 5000 }, config: { greeting: 'bundled' },
  host: { provides: () => false, invoke: async () => undefined, log: silent },
});
for await (const chunk of (await hello.handleHttp({ method: 'GET', headers: [] })).body) process.stdout.write(chunk);
runtime.close();
`;

const virtualApp: Plugin = {
  name: 'virtual-app',
  resolveId: (id) => (id === 'virtual:app' ? id : undefined),
  load: (id) => (id === 'virtual:app' ? app : undefined),
};

/** A worker that notes whether it runs what another has compiled. */
const watched = `
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import vm from 'node:vm';
vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    appendFileSync(new URL('./noted', import.meta.url), this.cachedDataRejected === false ? 'passed on;' : 'its own;');
  }
};
syncBuiltinESMExports();
await import('./wasm-worker.cjs');
`;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kasmcloud-bundle-'));
  await writeFile(join(dir, 'package.json'), '{"type": "module"}');
  await writeFile(join(dir, 'watched.js'), watched);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const run = async (...args: readonly string[]): Promise<string> => {
  const all = [join(dir, 'main.js'), componentPath('hello'), join(dir, 'cache'), ...args];
  return (await promisify(execFile)(process.execPath, all)).stdout;
};

test('a bundle runs components without node_modules', async () => {
  const options = { platform: 'node', logLevel: 'silent' } as const;
  const input = { main: 'virtual:app', ...wasmEntries };
  await using bundle = await rolldown({ ...options, input, plugins: [virtualApp, wasmAssets()] });
  const { output } = await bundle.write({ dir, format: 'esm', entryFileNames: '[name].js' });
  // A thread that loaded the app would run it.
  const chunks = output.filter((file) => file.type === 'chunk').filter(({ fileName }) => fileName !== 'main.js');
  expect(chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])).not.toContain('main.js');
  await using scripts = await rolldown({ ...options, input: wasmScripts });
  await scripts.write({ dir, format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs' });
  expect(await run()).toBe('bundled\n');
});

test('a worker of a bundle imports generated bindings', async () => {
  expect(await run('wasm-worker.cjs', 'generated')).toBe('bundled\n');
});

test('a worker of a bundle starts with what the one of the rehearsal had compiled', async () => {
  expect(await run('watched.js')).toBe('bundled\n');
  expect(await readFile(join(dir, 'noted'), 'utf8')).toBe('its own;passed on;');
});
