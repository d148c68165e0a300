import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { rolldown, type Plugin } from 'rolldown';
import { expect, test } from 'vitest';
import { wasmAssets, wasmEntries } from './bundle.ts';
import { componentPath } from './testing/fixtures.ts';

const library = fileURLToPath(new URL('./index.ts', import.meta.url));

/** An app in a few lines: rehearses, and answers one request with the component of its first argument, in the cache of its second. */
const app = `
import { ComponentRuntime } from ${JSON.stringify(library)};
const silent = () => undefined;
const warn = (fields, text) => console.log(text, fields);
const logger = { trace: silent, debug: silent, info: silent, warn, error: warn, child: () => logger };
const runtime = new ComponentRuntime({ cacheDir: process.argv[3], logger, workers: 1 });
await runtime.rehearse();
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

test('a bundle runs components without node_modules', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'kasmcloud-bundle-'));
  try {
    const bundle = await rolldown({
      input: { main: 'virtual:app', ...wasmEntries },
      platform: 'node',
      plugins: [virtualApp, wasmAssets()],
      logLevel: 'silent',
    });
    const { output } = await bundle.write({ dir, format: 'esm', entryFileNames: '[name].js' });
    // A thread that loaded the app would run it.
    const chunks = output.filter((file) => file.type === 'chunk').filter(({ fileName }) => fileName !== 'main.js');
    expect(chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])).not.toContain('main.js');
    await bundle.close();
    await writeFile(join(dir, 'package.json'), '{"type": "module"}');
    const run = promisify(execFile)(process.execPath, [
      join(dir, 'main.js'),
      componentPath('hello'),
      join(dir, 'cache'),
    ]);
    expect((await run).stdout).toBe('bundled\n');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
