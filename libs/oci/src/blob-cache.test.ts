import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BlobCache, digestOf } from './blob-cache.ts';

let folder = '';
let cache: BlobCache;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kasm-blobs-'));
  cache = new BlobCache({ folder, maxBytes: 250 });
});
afterEach(() => rm(folder, { recursive: true }));

const blob = (fill: string): Buffer => Buffer.alloc(100, fill);

async function put(fill: string): Promise<string> {
  const digest = digestOf(blob(fill));
  const path = await cache.partialPath(digest);
  await writeFile(path, blob(fill));
  await cache.adopt(path, digest);
  return digest;
}

const has = async (digest: string): Promise<boolean> => (await cache.read(digest)) !== undefined;

test('what is put is read, and nothing is left beside it', async () => {
  const digest = await put('a');
  expect(await cache.read(digest)).toEqual(blob('a'));
  expect(await readdir(join(folder, 'partial'))).toEqual([]);
  expect(await cache.read(`sha256:${'0'.repeat(64)}`)).toBeUndefined();
});

test('the longest unused goes when there is too much, pins and the newest stay', async () => {
  const first = await put('a');
  const second = await put('b');
  await cache.read(first);
  const third = await put('c');
  expect([await has(first), await has(second), await has(third)]).toEqual([true, false, true]);
  cache.pin(first);
  cache.pin(third);
  cache.pin(third);
  cache.unpin(third);
  const fourth = await put('d');
  expect([await has(first), await has(third), await has(fourth)]).toEqual([true, true, true]);
  cache.unpin(third);
  const fifth = await put('e');
  expect([await has(first), await has(third), await has(fourth), await has(fifth)]).toEqual([true, false, false, true]);
});

test('a blob that was damaged on disk is removed rather than given', async () => {
  const digest = await put('a');
  const path = join(folder, 'blobs', 'sha256', digest.slice('sha256:'.length));
  await writeFile(path, blob('x'));
  expect(await cache.read(digest)).toBeUndefined();
  expect(await readdir(join(folder, 'blobs', 'sha256'))).toEqual([]);
});

test('a note is read back, and a damaged one is none', async () => {
  await cache.putNote('a', { x: 1 });
  expect(await cache.note('a')).toEqual({ x: 1 });
  expect(await cache.note('b')).toBeUndefined();
  const [file = ''] = await readdir(join(folder, 'references'));
  await writeFile(join(folder, 'references', file), '{"x":');
  expect(await cache.note('a')).toBeUndefined();
});

test('a digest that is a path of its own is refused', async () => {
  await expect(cache.read('sha256:../../etc/passwd')).rejects.toThrow('not a sha256 digest');
});
