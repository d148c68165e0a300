import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonPatch, mergePatch, PatchError } from './index.ts';
import { isObject } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';

describe('jsonPatch', () => {
  const doc = { a: { b: [1, 2, 3], 'c/d': 'x', 'e~f': null } };

  test.for([
    { name: 'add a member', patch: [{ op: 'add', path: '/n', value: 1 }], want: { ...doc, n: 1 } },
    { name: 'add over a member', patch: [{ op: 'add', path: '/a', value: 1 }], want: { a: 1 } },
    { name: 'insert', patch: [{ op: 'add', path: '/a/b/1', value: 9 }], want: { a: { ...doc.a, b: [1, 9, 2, 3] } } },
    { name: 'append', patch: [{ op: 'add', path: '/a/b/-', value: 9 }], want: { a: { ...doc.a, b: [1, 2, 3, 9] } } },
    { name: 'remove an item', patch: [{ op: 'remove', path: '/a/b/0' }], want: { a: { ...doc.a, b: [2, 3] } } },
    {
      name: 'escaped names',
      patch: [
        { op: 'replace', path: '/a/c~1d', value: 'y' },
        { op: 'remove', path: '/a/e~0f' },
      ],
      want: { a: { b: [1, 2, 3], 'c/d': 'y' } },
    },
    {
      name: 'move',
      patch: [{ op: 'move', from: '/a/b', path: '/b' }],
      want: { a: { 'c/d': 'x', 'e~f': null }, b: [1, 2, 3] },
    },
    { name: 'copy', patch: [{ op: 'copy', from: '/a/b/0', path: '/z' }], want: { ...doc, z: 1 } },
    { name: 'test', patch: [{ op: 'test', path: '/a/b', value: [1, 2, 3] }], want: doc },
    { name: 'test of an absent member', patch: [{ op: 'test', path: '/none', value: null }], want: doc },
    { name: 'replace the document', patch: [{ op: 'replace', path: '', value: {} }], want: {} },
  ])('$name', ({ patch, want }) => {
    expect(jsonPatch(doc, patch)).toEqual(want);
  });

  test.for([
    ['no array', {}, 'must be an array'],
    ['no operation', [1], 'must be an object'],
    ['unknown operation', [{ op: 'get', path: '/a' }], 'unexpected kind'],
    ['no value', [{ op: 'add', path: '/a' }], 'needs a value'],
    ['no path', [{ op: 'remove' }], 'needs a path'],
    ['relative path', [{ op: 'remove', path: 'a' }], 'start with'],
    ['missing key', [{ op: 'remove', path: '/x' }], 'remove operation does not apply: doc is missing key: /x'],
    ['missing parent', [{ op: 'add', path: '/x/y', value: 1 }], 'add operation does not apply: doc is missing key: /x'],
    ['inherited name', [{ op: 'remove', path: '/constructor' }], 'doc is missing key'],
    ['index past the end', [{ op: 'add', path: '/a/b/4', value: 1 }], 'out of bounds'],
    ['index with leading zero', [{ op: 'replace', path: '/a/b/01', value: 1 }], 'invalid array index'],
    ['failed test', [{ op: 'test', path: '/a/b/0', value: 2 }], 'testing value /a/b/0 failed: test failed'],
    ['move into itself', [{ op: 'move', from: '/a', path: '/a/x' }], 'cannot move into itself'],
    ['no object left', [{ op: 'replace', path: '', value: 1 }], 'must be a JSON object'],
    [
      'expanding copies',
      Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a/b', path: '/a/b/-' })),
      'copies exceed',
    ],
  ] as const)('refuses: %s', ([, patch, message]) => {
    expect(() => jsonPatch(doc, patch)).toThrow(PatchError);
    expect(() => jsonPatch(doc, patch)).toThrow(message);
  });

  test('never changes its input and throws nothing but PatchError', () => {
    const token = fc.constantFrom('a', 'b', '0', '-', '__proto__', '~1');
    const path = fc.array(token, { maxLength: 4 }).map((tokens) => tokens.map((t) => `/${t}`).join(''));
    const operation = fc.record({
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
      path,
      from: path,
      value: fc.jsonValue(),
    });
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a', 'b', '0'), fc.jsonValue()),
        fc.oneof(fc.jsonValue(), fc.array(operation, { maxLength: 6 })),
        (value, patch) => {
          const before = JSON.stringify(value);
          const patchBefore = JSON.stringify(patch);
          expect(outcome(value, patch)).toSatisfy(
            (result) => result instanceof PatchError || (isObject(result) && !(result instanceof Error)),
          );
          expect(JSON.stringify(value)).toBe(before);
          expect(JSON.stringify(patch)).toBe(patchBefore);
        },
      ),
    );
  });
});

function outcome(doc: JsonObject, patch: unknown): unknown {
  try {
    return jsonPatch(doc, patch);
  } catch (error) {
    return error;
  }
}

describe('mergePatch', () => {
  test.for<[name: string, doc: JsonObject, patch: JsonObject, want: JsonObject]>([
    ['sets and keeps', { a: 1, b: 2 }, { a: 3 }, { b: 2, a: 3 }],
    ['null removes', { a: 1, b: 2 }, { a: null }, { b: 2 }],
    ['objects merge', { a: { x: 1, y: 2 } }, { a: { y: null, z: 3 } }, { a: { x: 1, z: 3 } }],
    ['lists replace', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['nulls inside a new object vanish', {}, { a: { b: null, c: { d: null } } }, { a: { c: {} } }],
    ['nulls inside a list stay', {}, { a: [null] }, { a: [null] }],
    ['an object replaces a scalar', { a: 'x' }, { a: { b: 1 } }, { a: { b: 1 } }],
  ])('%s', ([, doc, patch, want]) => {
    expect(mergePatch(doc, patch)).toEqual(want);
  });

  test('what the patch does not name is shared, not copied', () => {
    const doc = { kept: { list: [1] }, spec: { kept: {}, x: 1 } };
    const patched = mergePatch(doc, { spec: { x: 2 } });
    expect(patched['kept']).toBe(doc.kept);
    expect((patched['spec'] as JsonObject)['kept']).toBe(doc.spec.kept);
    expect(doc.spec.x).toBe(1);
  });

  test('refuses a patch too deep to walk', () => {
    let deep: JsonObject = {};
    for (let level = 0; level < 5_000; level++) deep = { a: deep };
    expect(() => mergePatch({}, deep)).toThrow(PatchError);
  });

  test('is idempotent and leaves its arguments alone', () => {
    const object = fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.jsonValue());
    fc.assert(
      fc.property(object, object, (doc, patch) => {
        const before = JSON.stringify([doc, patch]);
        const once = mergePatch(doc, patch);
        expect(mergePatch(once, patch)).toEqual(once);
        expect(JSON.stringify([doc, patch])).toBe(before);
      }),
    );
  });
});
