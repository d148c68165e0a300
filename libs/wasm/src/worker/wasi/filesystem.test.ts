import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { WitError } from '../../error.ts';
import type { Folder } from '../../runtime/protocol.ts';
import { Gate } from '../gate.ts';
import type { InputStream, OutputStream } from './io.ts';
import { filesystem } from './filesystem.ts';

const base = await mkdtemp(join(tmpdir(), 'kasm-files-'));
const root = join(base, 'root');
const outside = join(base, 'outside');
afterAll(() => rm(base, { recursive: true, force: true }));
beforeEach(async () => {
  await Promise.all([root, outside].map((folder) => rm(folder, { recursive: true, force: true })));
  await mkdir(join(root, 'deep', 'er'), { recursive: true });
  await mkdir(outside);
  await writeFile(join(outside, 'secret'), 'secret');
  await writeFile(join(root, 'ode'), 'Freude, schöner');
  await symlink(outside, join(root, 'way-out'));
  await symlink(join(outside, 'secret'), join(root, 'link'));
});

/** The part of wasi:filesystem/types.descriptor that is called here. */
interface Descriptor {
  openAt(path: object, at: string, how: object, flags: object): Promise<Descriptor>;
  readViaStream(offset: bigint): InputStream;
  writeViaStream(offset: bigint): OutputStream;
  appendViaStream(): OutputStream;
  read(length: bigint, offset: bigint): Promise<[Uint8Array, boolean]>;
  write(bytes: Uint8Array, offset: bigint): Promise<bigint>;
  setSize(size: bigint): Promise<void>;
  stat(): Promise<{ type: string; size: bigint }>;
  statAt(flags: object, path: string): Promise<{ type: string; size: bigint }>;
  createDirectoryAt(path: string): Promise<void>;
  removeDirectoryAt(path: string): Promise<void>;
  unlinkFileAt(path: string): Promise<void>;
  renameAt(path: string, to: Descriptor, newPath: string): Promise<void>;
  readDirectory(): Promise<{ readDirectoryEntry(): Promise<{ type: string; name: string } | undefined> }>;
  symlinkAt(from: string, to: string): void;
  linkAt(flags: object, from: string, to: Descriptor, path: string): void;
  getFlags(): Readonly<Record<string, boolean>>;
  [Symbol.dispose](): void;
}

/** What an instance with those folders sees first. */
const preopens = async (
  folders: readonly Folder[],
  { gate = new Gate(), isInCall = true } = {},
): Promise<readonly [Descriptor, string][]> => {
  const { 'wasi:filesystem/preopens': members } = filesystem({
    gate,
    isInCall,
    sendsHttp: false,
    config: () => new Map(),
    log: () => undefined,
    send: () => {
      throw new Error('nothing is sent');
    },
    invoke: () => Promise.resolve(folders),
  });
  const found = members?.['getDirectories'];
  if (typeof found !== 'function') throw new Error('there is no get-directories');
  return (await found()) as readonly [Descriptor, string][];
};

const folder = async (isReadOnly: boolean, options = {}): Promise<Descriptor> => {
  const [first] = await preopens([{ path: root, guestPath: '/data', isReadOnly }], options);
  if (first === undefined) throw new Error('there is no folder');
  expect(first[1]).toBe('/data');
  return first[0];
};

const codeOf = async (act: () => unknown): Promise<unknown> => {
  try {
    await act();
  } catch (error) {
    if (error instanceof WitError) return error.payload;
    throw error;
  }
  return 'no error';
};

const follow = {};
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test('no folders without a link, and none while the component starts', async () => {
  expect(await preopens([])).toEqual([]);
  expect(await preopens([{ path: root, guestPath: '/', isReadOnly: true }], { isInCall: false })).toEqual([]);
});

test('reads and writes files, by offset and as streams', async () => {
  const data = await folder(false);
  const ode = await data.openAt(follow, 'ode', {}, { read: true });
  expect(text((await ode.read(6n, 0n))[0])).toBe('Freude');
  expect(await ode.read(10n, 100n)).toEqual([new Uint8Array(), true]);
  expect(text(await ode.readViaStream(8n).blockingRead(100n))).toBe('schöner');
  expect(await ode.stat()).toMatchObject({ type: 'regular-file', size: 16n });
  const made = await data.openAt(follow, 'deep/new', { create: true }, { read: true, write: true });
  await made.writeViaStream(0n).blockingWriteAndFlush(Buffer.from('Götter'));
  await made.appendViaStream().blockingWriteAndFlush(Buffer.from('funken'));
  expect(await readFile(join(root, 'deep/new'), 'utf8')).toBe('Götterfunken');
  expect(await made.write(Buffer.from('x'), 0n)).toBe(1n);
  await made.setSize(2n);
  expect(await readFile(join(root, 'deep/new'))).toEqual(Buffer.from('x\u00f6').subarray(0, 2));
  made[Symbol.dispose]();
});

test('a large file streams whole, a chunk at a time', async () => {
  const large = Buffer.alloc(1_000_000, 'kasm');
  const data = await folder(false);
  const file = await data.openAt(follow, 'large', { create: true }, { read: true, write: true });
  await file.writeViaStream(0n).blockingWriteAndFlush(large);
  const stream = file.readViaStream(0n);
  const chunks: Uint8Array[] = [];
  expect(
    await codeOf(async () => {
      for (;;) chunks.push(await stream.blockingRead(2n ** 40n));
    }),
  ).toEqual({ tag: 'closed' });
  expect(Buffer.concat(chunks).equals(large)).toBe(true);
  expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(65_536);
});

test('makes, lists, renames and removes', async () => {
  const data = await folder(false);
  await data.createDirectoryAt('made');
  await data.renameAt('ode', data, 'made/song');
  const made = await data.openAt(follow, 'made', { directory: true }, { read: true, mutateDirectory: true });
  const listing = await made.readDirectory();
  expect(await listing.readDirectoryEntry()).toEqual({ type: 'regular-file', name: 'song' });
  expect(await listing.readDirectoryEntry()).toBeUndefined();
  expect(await codeOf(() => data.removeDirectoryAt('made'))).toBe('not-empty');
  await made.unlinkFileAt('song');
  await data.removeDirectoryAt('made');
  expect(await codeOf(() => data.statAt(follow, 'made'))).toBe('no-entry');
  expect(await codeOf(() => data.openAt(follow, 'none', {}, { read: true }))).toBe('no-entry');
});

test.for<[string, string]>([
  ['../outside/secret', 'not-permitted'],
  ['..', 'not-permitted'],
  ['deep/../../outside/secret', 'not-permitted'],
  ['/etc/passwd', 'not-permitted'],
  ['way-out/secret', 'loop'],
  ['link', 'loop'],
  ['deep/../link', 'loop'],
  ['a\0b', 'illegal-byte-sequence'],
])('%j leads nowhere: %s', async ([path, code]) => {
  const data = await folder(false);
  expect(await codeOf(() => data.openAt(follow, path, {}, { read: true }))).toBe(code);
  expect(await codeOf(() => data.openAt(follow, path, { create: true }, { write: true }))).toBe(code);
  expect(await codeOf(() => data.statAt(follow, path))).toBe(code);
  expect(await codeOf(() => data.createDirectoryAt(path))).toBe(code);
  expect(await codeOf(() => data.renameAt('ode', data, path))).toBe(code);
  expect(await codeOf(() => data.renameAt(path, data, 'mine'))).toBe(code);
  expect(await readdir(outside)).toEqual(['secret']);
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
});

test('an inner folder cannot be left for the outer one', async () => {
  const data = await folder(false);
  const deep = await data.openAt(follow, 'deep', { directory: true }, { read: true });
  expect(await codeOf(() => deep.openAt(follow, '../ode', {}, { read: true }))).toBe('not-permitted');
  expect((await deep.statAt(follow, 'er/..')).type).toBe('directory');
});

test('links are not made, but may be taken away', async () => {
  const data = await folder(false);
  expect(await codeOf(() => data.symlinkAt('ode', 'alias'))).toBe('not-permitted');
  expect(await codeOf(() => data.linkAt(follow, 'ode', data, 'alias'))).toBe('not-permitted');
  await data.unlinkFileAt('link');
  expect(await readdir(root)).not.toContain('link');
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
});

test('a folder that is only to be read is not changed', async () => {
  const data = await folder(true);
  expect(data.getFlags()).toMatchObject({ read: true, mutateDirectory: false });
  const ode = await data.openAt(follow, 'ode', {}, { read: true });
  expect(await codeOf(() => ode.writeViaStream(0n))).toBe('bad-descriptor');
  expect(await codeOf(() => ode.setSize(0n))).toBe('bad-descriptor');
  for (const act of [
    () => data.openAt(follow, 'ode', {}, { write: true }),
    () => data.openAt(follow, 'new', { create: true }, { read: true }),
    () => data.openAt(follow, 'ode', { truncate: true }, { read: true }),
    () => data.createDirectoryAt('new'),
    () => data.unlinkFileAt('ode'),
    () => data.removeDirectoryAt('deep/er'),
    () => data.renameAt('ode', data, 'song'),
  ]) {
    expect(await codeOf(act)).toBe('read-only');
  }
  expect(await readFile(join(root, 'ode'), 'utf8')).toBe('Freude, schöner');
});

test('an instance has a bounded number of files open, and none after its end', async () => {
  const gate = new Gate();
  const data = await folder(true, { gate });
  const files: Descriptor[] = [];
  const code = await codeOf(async () => {
    for (let i = 0; i < 1_000; i += 1) files.push(await data.openAt(follow, 'ode', {}, { read: true }));
  });
  expect(code).toBe('insufficient-memory');
  expect(files.length).toBe(256);
  files.pop()?.[Symbol.dispose]();
  files.push(await data.openAt(follow, 'ode', {}, { read: true }));
  gate.close();
  await expect.poll(() => codeOf(() => files[0]?.read(1n, 0n))).toBe('io');
});
