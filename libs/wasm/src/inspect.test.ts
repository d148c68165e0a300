import { array, assert, constantFrom, integer, nat, property, tuple, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ComponentError } from './error.ts';
import { inspectComponent } from './inspect.ts';
import { componentBytes, dummyComponent } from './testing/fixtures.ts';

const everyType = `
package a:b@1.0.0;
interface types {
  record point { x: s32, y-axis: f64 }
  variant shape { none, one(u8), pair(tuple<string, point>) }
  enum colour { red, dark-blue }
  flags rights { read, write-all }
  type path = list<point>;
  resource thing {
    constructor(name: string);
    get: func(key: option<string>) -> result<list<u8>, shape>;
    make: static func(path: path) -> thing;
  }
  type item = thing;
  all: func(a: bool, b: u64, c: char, d: colour, e: rights, f: result, g: result<_, string>, h: borrow<item>) -> option<thing>;
}
interface user {
  use types.{thing as other, point};
  f: func(t: other, p: point) -> u32;
}
world w {
  import types;
  import user;
  import root-import: func(a: s8) -> string;
  export types;
  export user;
  export run: func() -> bool;
}`;

const point = {
  kind: 'record',
  fields: [
    { name: 'x', type: { kind: 's32' } },
    { name: 'y-axis', type: { kind: 'f64' } },
  ],
};
const shape = {
  kind: 'variant',
  cases: [
    { name: 'none' },
    { name: 'one', type: { kind: 'u8' } },
    { name: 'pair', type: { kind: 'tuple', of: [{ kind: 'string' }, point] } },
  ],
};
const types = {
  name: 'a:b/types@1.0.0',
  resources: ['thing'],
  functions: [
    {
      name: '[constructor]thing',
      type: { params: [{ name: 'name', type: { kind: 'string' } }], result: { kind: 'own', resource: 'thing' } },
    },
    {
      name: '[method]thing.get',
      type: {
        params: [
          { name: 'self', type: { kind: 'borrow', resource: 'thing' } },
          { name: 'key', type: { kind: 'option', of: { kind: 'string' } } },
        ],
        result: { kind: 'result', ok: { kind: 'list', of: { kind: 'u8' } }, err: shape },
      },
    },
    {
      name: '[static]thing.make',
      type: {
        params: [{ name: 'path', type: { kind: 'list', of: point } }],
        result: { kind: 'own', resource: 'thing' },
      },
    },
    {
      name: 'all',
      type: {
        params: [
          { name: 'a', type: { kind: 'bool' } },
          { name: 'b', type: { kind: 'u64' } },
          { name: 'c', type: { kind: 'char' } },
          { name: 'd', type: { kind: 'enum', cases: ['red', 'dark-blue'] } },
          { name: 'e', type: { kind: 'flags', names: ['read', 'write-all'] } },
          { name: 'f', type: { kind: 'result' } },
          { name: 'g', type: { kind: 'result', err: { kind: 'string' } } },
          { name: 'h', type: { kind: 'borrow', resource: 'thing' } },
        ],
        result: { kind: 'option', of: { kind: 'own', resource: 'thing' } },
      },
    },
  ],
};

describe('inspectComponent', () => {
  test('reads every kind of type, of imports and of exports alike', async () => {
    const { imports, exports } = inspectComponent(await dummyComponent(everyType));
    const used = {
      params: [
        { name: 't', type: { kind: 'own', resource: 'thing' } },
        { name: 'p', type: point },
      ],
      result: { kind: 'u32' },
    };
    expect(imports).toMatchObject([
      types,
      { name: 'a:b/user@1.0.0', functions: [{ name: 'f', type: used }], resources: [] },
      { name: '', functions: [{ name: 'root-import', type: { params: [{ name: 'a', type: { kind: 's8' } }] } }] },
    ]);
    expect(exports).toMatchObject([
      types,
      { name: 'a:b/user@1.0.0', functions: [{ name: 'f', type: used }] },
      { name: '', functions: [{ name: 'run', type: { params: [], result: { kind: 'bool' } } }] },
    ]);
  });

  test('reads what C components import and export', async () => {
    const { imports, exports } = inspectComponent(await componentBytes('front'));
    expect(imports.map(({ name }) => name)).toEqual([
      'example:greet/greeter@0.1.0',
      'wasi:io/error@0.2.0',
      'wasi:io/streams@0.2.0',
      'wasi:http/types@0.2.0',
    ]);
    expect(imports[0]?.functions).toEqual([
      { name: 'greet', type: { params: [{ name: 'name', type: { kind: 'string' } }], result: { kind: 'string' } } },
    ]);
    expect(exports.map(({ name }) => name)).toEqual(['wasi:http/incoming-handler@0.2.0']);
  });

  test('a component that exports nothing has no exports', async () => {
    expect(inspectComponent(await dummyComponent('package a:b; world w {}')).exports).toEqual([]);
  });

  test.for([
    ['nothing', [], 'is not WebAssembly (at byte 0)'],
    ['text', [...Buffer.from('#!/bin/sh\nexit')], 'is not WebAssembly (at byte 0)'],
    ['a core module', [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], 'is a core module, not a component'],
    ['an old component', [0, 0x61, 0x73, 0x6d, 0x0a, 0, 1, 0], 'unknown binary version 0x0001000a (at byte 4)'],
    ['an unknown section', component(77, []), 'unknown section 77 (at byte 8)'],
    ['a section past the end', [...component(), 7, 9, 1], '9 bytes announced, 1 are left (at byte 10)'],
    ['a vector past the end', component(7, [200, 1]), '200 items announced, 0 bytes are left'],
    ['an unknown type', component(7, [1, 0x50]), 'unknown type 0x50 (at byte 11)'],
    ['a type that is not defined', component(7, [1, 0x6b, 3]), 'type 3 is not defined; there are 0'],
    ['bytes after the last item', component(7, [1, 0x7f, 0]), 'section 7 goes on after its last item'],
    ['a resource where a value is needed', component(7, [2, 0x3f, 0x7f, 0, 0x6b, 0]), 'type 0 is a resource, a value'],
  ] as const)('refuses %s', ([, bytes, reason]) => {
    expect(() => inspectComponent(Uint8Array.from(bytes))).toThrow(ComponentError);
    expect(() => inspectComponent(Uint8Array.from(bytes))).toThrow(reason);
  });

  test('refuses a type that is small to say and astronomical to write out', () => {
    const doubled = Array.from({ length: 60 }, (_, index) => [0x6f, 2, index, index]).flat();
    expect(() => inspectComponent(Uint8Array.from(component(7, [61, 0x7f, ...doubled])))).toThrow(
      'more than 100000 parts',
    );
  });

  test('refuses types that nest without end', () => {
    const nested = Array.from({ length: 120 }, (_, index) => [0x6b, index]).flat();
    expect(() => inspectComponent(Uint8Array.from(component(7, [121, 0x7f, ...nested])))).toThrow(
      'nests deeper than 100',
    );
  });

  test('refuses components that nest without end', () => {
    let bytes = component();
    for (let level = 0; level < 40; level++) bytes = component(4, bytes);
    expect(() => inspectComponent(Uint8Array.from(bytes))).toThrow('components nest deeper than 32');
  });

  test('reads or refuses a component that was cut off anywhere', async () => {
    const bytes = await componentBytes('front');
    for (let length = 0; length < bytes.length; length += 3) {
      expect(isReadOrRefused(bytes.subarray(0, length))).toBe(true);
    }
  });

  test('reads or refuses a component with any bytes changed', async () => {
    const sources = [await componentBytes('mirror'), await dummyComponent(everyType)];
    const change = tuple(nat(), integer({ min: 0, max: 255 }));
    assert(
      property(constantFrom(...sources), array(change, { minLength: 1, maxLength: 8 }), (source, changes) => {
        const bytes = source.slice();
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        expect(isReadOrRefused(bytes)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('reads or refuses any bytes after the preamble', () => {
    const sections = array(tuple(integer({ min: 0, max: 13 }), uint8Array({ maxLength: 40 })));
    assert(
      property(sections, (all) => {
        const body = all.flatMap(([id, content]) => [id, content.length, ...content]);
        expect(isReadOrRefused(Uint8Array.from([...component(), ...body]))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

/** False, or thrown, for an error of another kind. */
const isReadOrRefused = (bytes: Uint8Array): boolean => {
  try {
    return Array.isArray(inspectComponent(bytes).exports);
  } catch (error) {
    if (error instanceof ComponentError) return true;
    throw error;
  }
};

/** A component of at most one section. */
function component(id?: number, content: readonly number[] = []): number[] {
  const preamble = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];
  if (id === undefined) return preamble;
  const size = content.length < 128 ? [content.length] : [(content.length & 0x7f) | 0x80, content.length >> 7];
  return [...preamble, id, ...size, ...content];
}
