import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connectLattice } from '@kasmcloud/lattice';
import { noTracer, silentLogger } from '@kasmcloud/observe';
import { startNats, startS3 } from '@kasmcloud/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DirectoryBlobStore } from './directory-store.ts';
import { LatticeBlobStore } from './lattice-store.ts';
import { MemoryBlobStore } from './memory-store.ts';
import { NatsBlobStore } from './nats-store.ts';
import { runBlobstore } from './run.ts';
import { S3BlobStore } from './s3-store.ts';
import { serveBlobstore } from './serve.ts';
import { BlobError, type BlobStore } from './store.ts';

const timeoutMs = 10_000;
const [nats, s3, folder] = await Promise.all([
  startNats({ jetstream: true }),
  startS3(),
  mkdtemp(join(tmpdir(), 'kasm-blobs-')),
]);
const [connection, far] = (await Promise.all(
  ['test', 'far'].map((name) => connectLattice({ servers: nats.url, name })),
)) as [Awaited<ReturnType<typeof connectLattice>>, Awaited<ReturnType<typeof connectLattice>>];

/** A memory store at the other end of the lattice. */
const served = serveBlobstore(
  { lattice: 'shop', id: 'far', connection: far, callTimeoutMs: timeoutMs, tracer: noTracer, log: silentLogger },
  async () => farStore,
);
const farStore = new MemoryBlobStore(() => new Date());
await far.flush({ timeoutMs });

const stores: Readonly<Record<string, BlobStore>> = {
  memory: new MemoryBlobStore(() => new Date()),
  directory: new DirectoryBlobStore(folder),
  nats: new NatsBlobStore({ connection, domain: undefined, timeoutMs }),
  s3: new S3BlobStore({ ...s3, endpoint: s3.url, sessionToken: undefined, aliases: { alias: 'real-name' }, timeoutMs }),
  'the lattice': new LatticeBlobStore({ connection, lattice: 'shop', target: 'far', headers: {}, timeoutMs }),
};
afterAll(async () => {
  for (const one of served) one.close();
  await Promise.all(Object.values(stores).map((store) => store.close()));
  await Promise.all([connection.close(), far.close()]);
  await Promise.all([nats.close(), s3.close(), rm(folder, { recursive: true, force: true })]);
});

const signal = AbortSignal.timeout(600_000);
const everything = { start: 0n, end: 2n ** 64n - 1n };

async function* chunks(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Uint8Array.from(Buffer.from(part));
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half');
  await nextTurn();
  throw new Error('the source broke');
}

describe.for(Object.entries(stores))('a blob store in %s', ([, store]) => {
  const at = (object: string, container = 'shelf'): { container: string; object: string } => ({ container, object });
  const textAt = async (object: string, range = everything): Promise<string> =>
    (await buffer(await store.read(at(object), range, signal))).toString();
  const namesIn = async (container = 'shelf'): Promise<string[]> => {
    const names: string[] = [];
    for await (const page of await store.list(container, signal)) names.push(...page);
    return names.toSorted();
  };
  beforeAll(() => store.createContainer('shelf', signal));

  test('makes containers, finds them, and deletes them with what is in them', async () => {
    expect(await store.hasContainer('crate', signal)).toBe(false);
    await store.createContainer('crate', signal);
    await store.createContainer('crate', signal);
    expect(await store.hasContainer('crate', signal)).toBe(true);
    const { createdAt } = await store.containerInfo('crate', signal);
    expect(Math.abs(Number(createdAt) - Date.now() / 1000)).toBeLessThan(600);
    await store.write(at('a', 'crate'), chunks('a'), signal);
    await store.deleteContainer('crate', signal);
    await store.deleteContainer('crate', signal);
    expect(await store.hasContainer('crate', signal)).toBe(false);
  });

  test('writes, reads, replaces, describes and deletes', async () => {
    await store.write(at('ode'), chunks('Freude, ', 'schöner'), signal);
    expect(await textAt('ode')).toBe('Freude, schöner');
    await store.write(at('ode'), chunks('Götterfunken'), signal);
    expect(await textAt('ode')).toBe('Götterfunken');
    const { size, createdAt } = await store.objectInfo(at('ode'), signal);
    expect(size).toBe(13n);
    expect(Math.abs(Number(createdAt) - Date.now() / 1000)).toBeLessThan(600);
    expect(await store.hasObject(at('ode'), signal)).toBe(true);
    await store.deleteObjects('shelf', ['ode', 'never-there'], signal);
    expect(await store.hasObject(at('ode'), signal)).toBe(false);
  });

  test.for<[bigint, bigint, string]>([
    [0n, 0n, '0'],
    [2n, 4n, '234'],
    [9n, 9n, '9'],
    [8n, 100n, '89'],
    [10n, 20n, ''],
    [0n, 2n ** 64n - 1n, '0123456789'],
  ])('bytes %d to %d, both included', async ([start, end, wanted]) => {
    await store.write(at('digits'), chunks('0123', '456', '789'), signal);
    expect(await textAt('digits', { start, end })).toBe(wanted);
  });

  test('a range that ends before it begins is refused, and an empty object has nothing', async () => {
    await store.write(at('digits'), chunks('0123'), signal);
    await expect(textAt('digits', { start: 3n, end: 1n })).rejects.toThrow('before it begins');
    await store.write(at('empty'), chunks(), signal);
    expect(await textAt('empty')).toBe('');
    expect((await store.objectInfo(at('empty'), signal)).size).toBe(0n);
  });

  test('what is not there is an error that names it', async () => {
    await expect(textAt('none')).rejects.toThrow('no object none');
    await expect(store.objectInfo(at('none'), signal)).rejects.toThrow(BlobError);
    await expect(store.objectInfo(at('none'), signal)).rejects.toThrow('no object none');
    await expect(store.copyObject(at('none'), at('else'), signal)).rejects.toThrow('no object none');
    for (const act of [
      () => store.write(at('a', 'nowhere'), chunks('a'), signal),
      () => store.read(at('a', 'nowhere'), everything, signal),
      () => store.list('nowhere', signal),
      () => store.clearContainer('nowhere', signal),
      () => store.containerInfo('nowhere', signal),
      () => store.hasObject(at('a', 'nowhere'), signal),
      () => store.deleteObjects('nowhere', ['a'], signal),
    ]) {
      await expect(act()).rejects.toThrow('no container nowhere');
    }
  });

  test('copies and moves, within a container and to another', async () => {
    await store.createContainer('other', signal);
    await store.write(at('one'), chunks('1'), signal);
    await runBlobstore(store, 'copy-object', [at('one'), at('two')], signal);
    await runBlobstore(store, 'move-object', [at('two'), at('three', 'other')], signal);
    await runBlobstore(store, 'move-object', [at('one'), at('one')], signal);
    expect(await textAt('one')).toBe('1');
    expect(await store.hasObject(at('two'), signal)).toBe(false);
    expect(await namesIn('other')).toEqual(['three']);
  });

  test('lists all names, and clears', async () => {
    await store.createContainer('many', signal);
    const names = ['b', 'a', 'with space', 'ümlaut', 'deep/er/name', ...Array.from({ length: 40 }, (_, i) => `n${i}`)];
    for (const name of names) await store.write(at(name, 'many'), chunks(name), signal);
    expect(await namesIn('many')).toEqual(names.toSorted());
    await store.clearContainer('many', signal);
    expect(await namesIn('many')).toEqual([]);
    expect(await store.hasContainer('many', signal)).toBe(true);
  });

  test('a source that breaks leaves what was there', async () => {
    await store.write(at('kept'), chunks('before'), signal);
    await expect(store.write(at('kept'), failing(), signal)).rejects.toThrow(/the source broke|the store failed/);
    expect(await textAt('kept')).toBe('before');
    await expect(store.write(at('new'), failing(), signal)).rejects.toThrow(/the source broke|the store failed/);
    expect(await store.hasObject(at('new'), signal)).toBe(false);
  });

  test('12 MB pass whole, and a reader may leave early', async () => {
    const part = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
    await store.write(at('big'), chunks(...Array.from({ length: 120 }, () => part)), signal);
    const whole = await buffer(await store.read(at('big'), everything, signal));
    expect(whole.length).toBe(12_000_000);
    expect(whole.subarray(11_900_000).equals(part)).toBe(true);
    for await (const chunk of await store.read(at('big'), everything, signal)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(
      (await buffer(await store.read(at('big'), { start: 11_900_000n, end: 2n ** 64n - 1n }, signal))).equals(part),
    ).toBe(true);
    await store.deleteObjects('shelf', ['big'], signal);
  });
});

test('a slow reader of NATS holds the object up, not the memory', async () => {
  const store = stores['nats'] ?? farStore;
  const size = 24_000_000;
  await store.createContainer('slow', signal);
  const id = { container: 'slow', object: 'big' };
  await store.write(id, chunks(new Uint8Array(size)), signal);
  const before = connection.nats.stats().inBytes;
  const data = (await store.read(id, everything, signal))[Symbol.asyncIterator]();
  await data.next();
  // As long as it takes NATS to answer something else, many times over.
  for (let i = 0; i < 20; i += 1) await connection.rtt({ timeoutMs });
  expect(connection.nats.stats().inBytes - before).toBeLessThan(size / 4);
  await data.return?.();
});

describe('a directory', () => {
  const store: BlobStore = new DirectoryBlobStore(join(folder, 'guarded'));
  const outside = join(folder, 'outside');
  beforeAll(async () => {
    await mkdir(join(folder, 'guarded', 'shelf'), { recursive: true });
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'secret');
    await symlink(outside, join(folder, 'guarded', 'way-out'));
    await symlink(outside, join(folder, 'guarded', 'shelf', 'way-out'));
    await symlink(join(outside, 'secret'), join(folder, 'guarded', 'shelf', 'link'));
  });

  test.for([
    '../outside/secret',
    '..',
    '.',
    '',
    'a/../../outside/secret',
    '/etc/passwd',
    'a//b',
    'a\0b',
    'way-out/secret',
  ])('object %j leads nowhere else', async (object) => {
    const id = { container: 'shelf', object };
    await expect(store.read(id, everything, signal)).rejects.toThrow(BlobError);
    expect(await store.hasObject(id, signal).catch(() => false)).toBe(false);
    await expect(store.write(id, chunks('x'), signal)).rejects.toThrow(BlobError);
  });

  test.for(['..', '.', '', 'a/b', '../outside', 'way-out', '/etc'])(
    'container %j leads nowhere else',
    async (container) => {
      await expect(store.read({ container, object: 'secret' }, everything, signal)).rejects.toThrow(BlobError);
      await expect(store.write({ container, object: 'new' }, chunks('x'), signal)).rejects.toThrow(BlobError);
    },
  );

  test('nothing was written outside, a link that is written over is a file of the store, and none is listed', async () => {
    const link = { container: 'shelf', object: 'link' };
    await expect(store.read(link, everything, signal)).rejects.toThrow('no object link');
    await store.write(link, chunks('mine'), signal);
    expect((await buffer(await store.read(link, everything, signal))).toString()).toBe('mine');
    expect(await readdir(outside)).toEqual(['secret']);
    const names: string[] = [];
    for await (const page of await store.list('shelf', signal)) names.push(...page);
    expect(names).toEqual(['link']);
  });
});

test('memory has an end', async () => {
  const store: BlobStore = new MemoryBlobStore(() => new Date());
  await store.createContainer('a', signal);
  const half = new Uint8Array(40 * 2 ** 20);
  await store.write({ container: 'a', object: 'one' }, chunks(half), signal);
  await expect(store.write({ container: 'a', object: 'two' }, chunks(half), signal)).rejects.toThrow('do not fit');
  await store.deleteObjects('a', ['one'], signal);
  await store.write({ container: 'a', object: 'two' }, chunks(half), signal);
});

test('names that NATS does not take are told, and buckets of S3 have other names where the link says so', async () => {
  await expect((stores['nats'] ?? farStore).createContainer('a.b', signal)).rejects.toThrow('NATS takes');
  const bucket = stores['s3'] ?? farStore;
  await bucket.createContainer('alias', signal);
  expect(await bucket.hasContainer('real-name', signal)).toBe(true);
});
