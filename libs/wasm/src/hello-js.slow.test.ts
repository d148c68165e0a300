import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { get, openRuntime, textOf } from './testing/harness.ts';

const run = promisify(execFile);
const example = fileURLToPath(new URL('../../../examples/hello-js', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'hello-js-'));
const runtime = await openRuntime();
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

test('an actor in JavaScript is built from source and answers', { timeout: 600_000 }, async () => {
  await cp(example, folder, { recursive: true, filter: (path) => !/node_modules|\.wasm$/.test(path) });
  await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder });
  await run(process.execPath, ['build.mjs'], { cwd: folder });
  const hello = await runtime.load(await readFile(join(folder, 'hello-js.wasm')), {
    name: 'hello-js',
    config: { greeting: 'good day', 'kasmcloud.host': 'h-1' },
    limits: { memoryBytes: 64 * 1024 * 1024, executionMs: 30_000 },
  });
  const response = await hello.handleHttp(get('/'));
  expect(response.status).toBe(200);
  expect(response.headers).toEqual([['content-type', 'text/plain']]);
  expect(await textOf(response)).toBe('good day from h-1\n');
  expect(runtime.logged).toContainEqual(
    expect.objectContaining({ level: 'info', context: 'hello-js', message: 'good day from h-1' }),
  );
});
