import { expect, test } from 'vitest';
import { componentBytes } from '../testing/fixtures.ts';
import { CodeCache } from './code-cache.ts';

const hello = await componentBytes('hello');
const options = { cacheDir: '/nowhere', memoryLimitBytes: 2 ** 20 };

test('components of the same digest and limit are compiled once, whether the digest is told or not', async () => {
  const cache = new CodeCache();
  const first = await cache.ready(hello, options);
  expect(await cache.ready(hello, { ...options, digest: first.digest })).toBe(first);
  expect(await cache.ready(hello, { ...options, memoryLimitBytes: 2 ** 21 })).not.toBe(first);
});

test('a digest that is told is not worked out', async () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  expect((await new CodeCache().ready(hello, { ...options, digest })).digest).toBe(digest);
});
