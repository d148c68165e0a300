import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
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

test('the tables and explanations in docs/placement.md are those of checked-in plans', async () => {
  const text = await readFile(join(docs, 'placement.md'), 'utf8');
  const plans = join(docs, '../test/fixtures/plans');
  const real = await Promise.all(
    readdirSync(plans, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => ['table.txt', 'explain.txt'].map((file) => readFile(join(plans, name, file), 'utf8'))),
  );
  const examples = [...text.matchAll(/```\n(shop\/[^`]*)```/g)].map(([, example = '']) => example);
  expect(examples.length).toBeGreaterThan(1);
  const missing = examples.filter((example) => {
    const lines = example.split('\n').filter((line) => line.trim() !== '' && line.trim() !== '…');
    return !real.some((one) => one.startsWith(lines[0] ?? '') && lines.every((line) => one.includes(line)));
  });
  expect(missing).toEqual([]);
});
