import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { missingPackages } from './packages.mjs';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kasm-packages-'));
  await mkdir(join(root, 'node_modules'));
});
afterEach(async () => rm(root, { recursive: true }));

const lock = async (packages) => writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages }));
const installed = async (packages) =>
  writeFile(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));

const cases = [
  { name: 'everything there', found: { 'node_modules/a': { version: '1.0.0' } }, missing: [] },
  { name: 'another version', found: { 'node_modules/a': { version: '0.9.0' } }, missing: ['node_modules/a'] },
  { name: 'an install that was broken off', found: {}, missing: ['node_modules/a'] },
];
test.for(cases)('$name', async ({ found, missing }) => {
  await lock({ '': {}, 'libs/x': { version: '2.0.0' }, 'node_modules/a': { version: '1.0.0' } });
  await installed(found);
  expect(await missingPackages(root)).toEqual(missing);
});

test('an optional package counts when it is built for this system', async () => {
  const { platform, arch } = process;
  await lock({
    'node_modules/other': { version: '1.0.0', optional: true, os: ['plan9'], cpu: [arch] },
    'node_modules/here': { version: '1.0.0', optional: true, os: [platform], cpu: [arch] },
    'node_modules/extra': { version: '1.0.0', optional: true },
  });
  await installed({});
  expect(await missingPackages(root)).toEqual(['node_modules/here']);
});

test('without node_modules everything is missing', async () => {
  await lock({ 'node_modules/a': { version: '1.0.0' } });
  expect(await missingPackages(root)).toEqual(['node_modules/a']);
});

test('a folder that is no clone is named', async () => {
  await expect(missingPackages(root)).rejects.toThrow(join(root, 'package-lock.json'));
});
