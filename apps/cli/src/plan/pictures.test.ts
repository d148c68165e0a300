import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const docs = join(import.meta.dirname, '../../../../docs');

test('the pictures of docs/placement.md show the plans as they are', async () => {
  const { stderr } = await promisify(execFile)(process.execPath, [join(docs, 'placement/draw.mjs'), '--check']);
  expect(stderr).toBe('');
});

test('docs/placement.md shows every picture, and no other', async () => {
  const [text, script] = await Promise.all(
    ['placement.md', 'placement/draw.mjs'].map((file) => readFile(join(docs, file), 'utf8')),
  );
  const shown = [...(text ?? '').matchAll(/\(placement\/([a-z-]+)\.svg\)/g)].map(([, name]) => name);
  const list = /const pictures = \[([^\]]*)\]/.exec(script ?? '')?.[1] ?? '';
  const drawn = [...list.matchAll(/'([a-z-]+)'/g)].map(([, name]) => name);
  expect(new Set(shown)).toEqual(new Set(drawn));
});
