import { connectLattice } from '@kasmcloud/lattice';
import { silentLogger } from '@kasmcloud/observe';
import { startNats, startRedis } from '@kasmcloud/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryStore } from './memory-store.ts';
import { NatsStore } from './nats-store.ts';
import { RedisStore } from './redis-store.ts';
import { runKeyvalue } from './run.ts';
import type { KeyPage, KeyValueStore } from './store.ts';

const timeoutMs = 5_000;
const [nats, redis] = await Promise.all([startNats({ jetstream: true }), startRedis()]);
const connection = await connectLattice({ servers: nats.url, name: 'test' });
const stores: Record<string, KeyValueStore> = {
  memory: new MemoryStore(),
  nats: new NatsStore({ connection, domain: undefined, bucket: undefined, timeoutMs }),
  redis: new RedisStore({ url: redis.url, timeoutMs, logger: silentLogger }),
};
afterAll(async () => {
  await Promise.all(Object.values(stores).map((store) => store.close()));
  await connection.close();
  await Promise.all([nats.close(), redis.close()]);
});

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const textOf = (value: unknown): string | undefined =>
  value instanceof Uint8Array ? Buffer.from(value).toString() : undefined;

describe.for(Object.keys(stores))('wasi:keyvalue in %s', (name) => {
  const run = (func: string, ...args: readonly unknown[]): Promise<unknown> => {
    const store = stores[name];
    if (store === undefined) throw new Error(`no store ${name}`);
    return runKeyvalue(store, func, args, AbortSignal.timeout(20_000));
  };
  beforeAll(() => run('set', 'default', 'here', bytes('first')));

  test('set, get, exists, delete', async () => {
    expect(textOf(await run('get', 'default', 'here'))).toBe('first');
    expect(await run('exists', 'default', 'here')).toBe(true);
    await run('set', 'default', 'here', bytes(''));
    expect(await run('get', 'default', 'here')).toEqual(bytes(''));
    await run('delete', 'default', 'here');
    expect(await run('exists', 'default', 'here')).toBe(false);
    expect(await run('get', 'default', 'here')).toBeUndefined();
    await run('delete', 'default', 'never-there');
  });

  test('bytes of any kind come back as they were', async () => {
    const value = Uint8Array.from({ length: 256 }, (_, i) => i);
    await run('set', 'other', 'binary', value);
    expect(await run('get', 'other', 'binary')).toEqual(value);
  });

  test('buckets do not see each other', async () => {
    await run('set', 'bucket-a', 'key', bytes('a'));
    await run('set', 'bucket-b', 'key', bytes('b'));
    expect(textOf(await run('get', 'bucket-a', 'key'))).toBe('a');
    expect(await run('exists', 'bucket-c', 'key')).toBe(false);
  });

  test('increments that meet are all counted', async () => {
    const sums = await Promise.all(Array.from({ length: 20 }, () => run('increment', 'sums', 'n', 3n)));
    expect(sums.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => 3 * (i + 1)));
    expect(textOf(await run('get', 'sums', 'n'))).toBe('60');
  });

  test('what is no number is not incremented, and the guest is told', async () => {
    await run('set', 'sums', 'word', bytes('many'));
    await expect(run('increment', 'sums', 'word', 1n)).rejects.toMatchObject({
      name: 'StoreError',
      payload: { tag: 'other' },
    });
    expect(textOf(await run('get', 'sums', 'word'))).toBe('many');
  });

  test('batches keep their order', async () => {
    const pairs = Array.from({ length: 100 }, (_, i) => [`k${i}`, bytes(String(i))] as const);
    await run('set-many', 'many', pairs);
    expect(await run('get-many', 'many', ['k7', 'none', 'k99'])).toEqual([
      ['k7', bytes('7')],
      undefined,
      ['k99', bytes('99')],
    ]);
    await run('delete-many', 'many', ['k7', 'k8', 'none']);
    expect(await run('get-many', 'many', ['k7', 'k8', 'k9'])).toEqual([undefined, undefined, ['k9', bytes('9')]]);
  });

  test('all keys are listed, page by page', async () => {
    const wanted = Array.from({ length: 2_500 }, (_, i) => `key-${i}`);
    await run(
      'set-many',
      'listed',
      wanted.map((key) => [key, bytes('x')] as const),
    );
    const found = new Set<string>();
    let pages = 0;
    let cursor: bigint | undefined;
    do {
      const page = (await run('list-keys', 'listed', cursor)) as KeyPage;
      for (const key of page.keys) found.add(key);
      cursor = page.cursor;
      pages += 1;
    } while (cursor !== undefined && pages < 1_000);
    expect(pages).toBeGreaterThan(1);
    expect([...found].toSorted()).toEqual(wanted.toSorted());
    expect(((await run('list-keys', 'no-keys', undefined)) as KeyPage).keys).toEqual([]);
  });

  test('a function that there is not is an error', async () => {
    await expect(run('rename', 'default', 'a', 'b')).rejects.toMatchObject({ name: 'StoreError' });
  });
});

test('memory has an end', async () => {
  const store = new MemoryStore();
  const signal = AbortSignal.timeout(20_000);
  const half = new Uint8Array(40 * 2 ** 20);
  await runKeyvalue(store, 'set', ['a', 'k', half], signal);
  await runKeyvalue(store, 'set', ['a', 'k', half], signal);
  await expect(runKeyvalue(store, 'set', ['a', 'l', half], signal)).rejects.toMatchObject({ name: 'StoreError' });
  await runKeyvalue(store, 'delete', ['a', 'k'], signal);
  await runKeyvalue(store, 'set', ['a', 'l', half], signal);
});

test.for([
  ['a bucket', 'a.b', 'key', { tag: 'no-such-store' }],
  ['a key', 'names', 'user:1', { tag: 'other' }],
] as const)('%s that NATS does not take is told', async ([, bucket, key, payload]) => {
  const get = runKeyvalue(stores['nats'] ?? new MemoryStore(), 'get', [bucket, key], AbortSignal.timeout(20_000));
  await expect(get).rejects.toMatchObject({ name: 'StoreError', payload });
});

test('a Redis that is away is an error, and one that is back serves', async () => {
  const away = await startRedis();
  const store = new RedisStore({ url: away.url, timeoutMs: 500, logger: silentLogger });
  const signal = AbortSignal.timeout(20_000);
  await away.stop();
  await expect(runKeyvalue(store, 'get', ['a', 'k'], signal)).rejects.toMatchObject({ name: 'StoreError' });
  await away.restart();
  await expect.poll(() => runKeyvalue(store, 'exists', ['a', 'k'], signal).catch(() => 'away')).toBe(false);
  await store.close();
  await away.close();
});
