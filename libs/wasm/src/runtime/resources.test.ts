import { afterAll, describe, expect, test } from 'vitest';
import { LinkError } from '../error.ts';
import { dummyComponent } from '../testing/fixtures.ts';
import { noHost, openRuntime } from '../testing/harness.ts';

const runtime = await openRuntime();
afterAll(() => runtime.close());

describe('resources of a linked interface', () => {
  test('stand for what the host gave', async () => {
    const buckets = new Map<string, Map<string, unknown>>();
    const shelved = await runtime.load('shelved', {
      host: {
        provides: (instance) => instance === 'example:fixtures/shelf@0.1.0',
        invoke: async (_instance, func, [first, key, value]) => {
          const bucket = buckets.get(String(first)) ?? new Map<string, unknown>();
          buckets.set(String(first), bucket);
          // The name is what the resource stands for, so methods have it first.
          if (func === 'open') return first;
          if (func === '[method]bucket.get') return bucket.get(String(key));
          return void bucket.set(String(key), value);
        },
        log: () => undefined,
      },
    });
    const count = (name: string): Promise<unknown> => shelved.call('example:fixtures/counter@0.1.0', 'count', [name]);
    expect([await count('a'), await count('b'), await count('a')]).toEqual(['I', 'I', 'II']);
    expect(buckets.get('a')?.get('tally')).toBe('II');
  });
});

const world = (body: string): Promise<Uint8Array> => dummyComponent(`package t:t; ${body}`);

describe('load', () => {
  test('names every function that nobody provides', async () => {
    const component = await world('interface a { f: func(); g: func(); } world w { import a; import h: func(); }');
    const failed = runtime.load(component);
    await expect(failed).rejects.toThrow(LinkError);
    await expect(failed).rejects.toThrow('nobody provides t:t/a.f, t:t/a.g, h');
  });

  test('names a function of WASI that is not there', async () => {
    const component = await world(
      'world w { import wasi:random/random@0.2.9; } package wasi:random@0.2.9 { interface random { get-random-u64: func() -> u64; get-dice: func() -> u8; } }',
    );
    await expect(runtime.load(component)).rejects.toThrow('nobody provides wasi:random/random@0.2.9.get-dice');
  });

  test('refuses streams and foreign resources over a link', async () => {
    const component = await world(
      'interface a { use wasi:io/error@0.2.0.{error}; f: func(e: error); } world w { import a; } package wasi:io@0.2.0 { interface error { resource error; } }',
    );
    const host = { ...noHost(), provides: () => true };
    await expect(runtime.load(component, { host })).rejects.toThrow(/cannot cross a link: t:t\/a\.f/);
  });

  test('binds every 0.2 version of WASI', async () => {
    const component = await world(
      `world w { import wasi:clocks/wall-clock@0.2.11; import wasi:clocks/wall-clock@0.2.0; export run: func(); }
      package wasi:clocks@0.2.11 { interface wall-clock { resolution: func() -> u64; } }
      package wasi:clocks@0.2.0 { interface wall-clock { resolution: func() -> u64; } }`,
    );
    const loaded = await runtime.load(component);
    expect(loaded.exports.map(({ functions }) => functions.map(({ name }) => name))).toEqual([['run']]);
    await expect(loaded.call('', 'run', [])).rejects.toThrow('component .run trapped');
  });
});
