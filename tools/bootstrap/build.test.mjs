import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { staleApps } from './build.mjs';

const BEFORE = new Date(1_000_000_000_000);
const BUILD = new Date(1_000_000_001_000);
const AFTER = new Date(1_000_000_002_000);

let root = '';
const put = async (path, at) => {
  const file = join(root, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, '');
  await utimes(file, at, at);
  await utimes(join(file, '..'), at, at);
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kasm-build-'));
  for (const path of ['package-lock.json', 'libs/a/src/x.ts', 'apps/one/src/main.ts', 'apps/two/src/main.ts']) {
    await put(path, BEFORE);
  }
  await put('apps/one/dist/.stamp', BUILD);
  await put('apps/two/dist/.stamp', BUILD);
});
afterEach(async () => rm(root, { recursive: true }));

test('nothing is stale after a build', async () => {
  expect(await staleApps(root)).toEqual([]);
});

test('a change of an app makes that app stale', async () => {
  await put('apps/two/src/deep/part.ts', AFTER);
  expect(await staleApps(root)).toEqual(['two']);
});

test('a change of a library or of the lock makes every app stale', async () => {
  await put('libs/a/src/x.ts', AFTER);
  expect(await staleApps(root)).toEqual(['one', 'two']);
});

test('a change of a test makes nothing stale', async () => {
  await put('libs/a/src/x.test.ts', BEFORE);
  await utimes(join(root, 'libs/a/src/x.test.ts'), AFTER, AFTER);
  expect(await staleApps(root)).toEqual([]);
});

test('a removed source makes the app stale', async () => {
  await rm(join(root, 'apps/one/src/main.ts'));
  expect(await staleApps(root)).toEqual(['one']);
});

test('an app that was never built is stale', async () => {
  await rm(join(root, 'apps/one/dist'), { recursive: true });
  expect(await staleApps(root)).toEqual(['one']);
});
