import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SealedFile, SealedFileError } from './sealed-file.ts';

let folder: string;
let path: string;
let file: SealedFile;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kasm-sealed-'));
  path = join(folder, 'state');
  file = new SealedFile(path, async () => 'secret');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('what was written is read, and is not in the file in clear', async () => {
  expect(await file.read()).toBeUndefined();
  await file.write('pass phrase ü');
  await file.write('another pass phrase');
  expect(await file.read()).toBe('another pass phrase');
  expect((await readFile(path)).includes('pass phrase')).toBe(false);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test.for([
  ['a byte that changed', (bytes: Buffer) => bytes.with(bytes.length - 1, bytes[bytes.length - 1] === 0 ? 1 : 0)],
  ['an end that is missing', (bytes: Buffer) => bytes.subarray(0, -3)],
  ['nothing behind the header', (bytes: Buffer) => bytes.subarray(0, 23)],
  ['another format', () => Buffer.from('kasmcloud-host-state 0\n{}')],
  ['an empty file', () => Buffer.alloc(0)],
] as const)('%s is refused with the path', async ([, damage]) => {
  await file.write('what was known');
  await writeFile(path, damage(await readFile(path)));
  const error: unknown = await file.read().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(SealedFileError);
  expect(String(error)).toContain(path);
});

test('what another host sealed is refused', async () => {
  await file.write('what was known');
  await expect(new SealedFile(path, async () => 'other').read()).rejects.toThrow('with the key of another host');
});

test('a writer that is killed at any moment leaves a whole text', async () => {
  for (let round = 0; round < 6; round++) {
    const writer = spawn(process.execPath, [join(import.meta.dirname, 'sealed-file.writer.fixture.ts'), path]);
    await once(writer.stdout, 'data');
    await sleep(round * 5);
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    const words = (await file.read())?.split(' ') ?? [];
    expect(words.length).toBe(5_001);
    expect(new Set(words).size).toBe(2);
  }
});
