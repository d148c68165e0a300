import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bindingsOf } from './generate.ts';
import { readWorld, WitSourceError } from './read-wit.ts';

const folder = await mkdtemp(join(tmpdir(), 'kasm-bindings-'));
afterAll(() => rm(folder, { recursive: true }));
const example = join(import.meta.dirname, '../../../../examples/provider-node');

async function bindings(wit: string): Promise<Record<string, string>> {
  await writeFile(join(folder, 'a.wit'), wit);
  const files = (await readWorld(folder, undefined)).flatMap((iface) => bindingsOf(iface));
  return Object.fromEntries(files.map(({ name, text }) => [name, text]));
}

const everything = `
package acme:all-kinds@1.2.0;
interface types { record point { x: s32, y-axis: f64 } }
interface every {
  use types.{point};
  variant shape { none, one(u8), pair(tuple<string, point>) }
  enum colour { red, dark-blue }
  flags rights { read, write-all }
  type path = list<point>;
  type every = list<path>;
  resource bucket {
    constructor(name: string);
    get: func(key: option<string>) -> result<list<u8>, shape>;
    open: static func(path: path) -> bucket;
  }
  all: func(a: bool, b: u64, c: char, d: colour, default: rights, f: result, g: list<option<u8>>, h: option<option<s64>>) -> every;
  nothing: func();
  fail: func() -> result<_, string>;
}
world w { export every; }`;

test('every kind of type is what its values are in JavaScript', async () => {
  const files = await bindings(everything);
  expect(Object.keys(files)).toEqual(['all-kinds-every.js', 'all-kinds-every.d.ts']);
  const types = (files['all-kinds-every.d.ts'] ?? '').split('\n').map((line) => line.trim());
  for (const line of [
    'export type Point = { x: number; yAxis: number };',
    "export type Shape = { tag: 'none' } | { tag: 'one'; val: number } | { tag: 'pair'; val: [string, Point] };",
    "export type Colour = 'red' | 'dark-blue';",
    'export type Rights = { read?: boolean; writeAll?: boolean };',
    'export type Path = Point[];',
    'export type EveryType = Path[];',
    'newBucket(name: string): Uint8Array;',
    '/** @throws WitError of Shape */',
    'bucketGet(self: Uint8Array, key: string | undefined): Uint8Array;',
    'bucketOpen(path: Path): Uint8Array;',
    "all(a: boolean, b: bigint, c: string, d: Colour, default_: Rights, f: { tag: 'ok' } | { tag: 'err' }, " +
      "g: (number | undefined)[], h: { tag: 'some'; val: bigint | undefined } | { tag: 'none' }): EveryType;",
    'nothing(): void;',
    '/** @throws WitError of string */',
    'fail(): void;',
    'export declare const every: WitInterface<Every>;',
  ]) {
    expect(types).toContain(line);
  }
});

test('the data is that of the interface', async () => {
  const { 'all-kinds-every.js': code = '' } = await bindings(everything);
  const path = join(folder, 'every.mjs');
  await writeFile(path, code);
  const { every } = (await import(path)) as { every: unknown };
  const [iface] = await readWorld(folder, undefined);
  const functions = iface?.functions.map((one) => one) ?? [];
  expect(every).toMatchObject({ name: 'acme:all-kinds/every@1.2.0' });
  expect(Object.values((every as { functions: object }).functions)).toEqual(functions);
});

test('the bindings of the example are those of its WIT', async () => {
  const [iface] = await readWorld(join(example, 'wit'), 'provider');
  if (iface === undefined) throw new TypeError('the world has no interface');
  // Prettier has been over them.
  const bare = (text: string): string => text.replaceAll(/\s+/g, '').replaceAll(/,(?=[}\]])/g, '');
  for (const { name, text } of bindingsOf(iface)) {
    expect(bare(await readFile(join(example, 'bindings', name), 'utf8'))).toBe(bare(text));
  }
});

test.for([
  ['a mistake in it', 'package a:b;\ninterface i { f: func(x: nothing); }\nworld w { export i; }', /nothing/],
  ['no such world', 'package a:b;', /world/],
] as const)('%s is told in the words of wasm-tools', async ([, wit, message]) => {
  const reading = bindings(wit);
  await expect(reading).rejects.toThrow(WitSourceError);
  await expect(reading).rejects.toThrow(message);
});

test('a folder without WIT is refused', async () => {
  await expect(readWorld(tmpdir(), undefined)).rejects.toThrow('there is no .wit file');
});
