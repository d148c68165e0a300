import { describe, expect, test } from 'vitest';
import { compileSchema } from './index.ts';
import type { JsonObject } from './index.ts';

/** A schema with these properties under `spec`. */
function withSpec(properties: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'object', properties: { spec: { type: 'object', properties, ...more } } };
}

describe('prune', () => {
  const schema = withSpec({
    known: { type: 'string' },
    list: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } },
    map: { type: 'object', additionalProperties: { type: 'object', properties: { a: { type: 'string' } } } },
    free: {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { strict: { type: 'object', properties: { a: { type: 'string' } } } },
    },
    template: {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: { spec: { type: 'object', properties: { a: { type: 'string' } } } },
    },
  });

  test.for<[name: string, spec: JsonObject, want: JsonObject, unknown: string[]]>([
    ['known stays', { known: 'x' }, { known: 'x' }, []],
    ['unknown goes', { known: 'x', other: 1 }, { known: 'x' }, ['spec.other']],
    ['in lists', { list: [{ a: '', b: 1 }] }, { list: [{ a: '' }] }, ['spec.list[0].b']],
    ['in maps', { map: { k: { a: '', b: 1 } } }, { map: { k: { a: '' } } }, ['spec.map.k.b']],
    ['free fields stay', { free: { x: { y: [1] } } }, { free: { x: { y: [1] } } }, []],
    [
      'a strict field in a free one',
      { free: { strict: { a: '', b: 1 } } },
      { free: { strict: { a: '' } } },
      ['spec.free.strict.b'],
    ],
    [
      'embedded resources have metadata',
      { template: { kind: 'A', metadata: { name: 'x', nmae: 'y' }, spec: { b: 1 } } },
      { template: { kind: 'A', metadata: { name: 'x' }, spec: {} } },
      ['spec.template.metadata.nmae', 'spec.template.spec.b'],
    ],
    ['no field inherited from Object', { toString: 1 }, {}, ['spec.toString']],
    ['__proto__ is unknown too', JSON.parse('{"__proto__":{"a":1}}'), {}, ['spec.__proto__']],
  ])('%s', ([, spec, want, unknown]) => {
    const object = { apiVersion: 'a/v1', kind: 'A', metadata: { name: 'x' }, spec };
    const before = JSON.stringify(object);
    expect(compileSchema(schema).prune(object)).toEqual({ object: { ...object, spec: want }, unknown });
    expect(JSON.stringify(object)).toBe(before);
  });

  test('what loses nothing is not copied', () => {
    const compiled = compileSchema(schema);
    const whole = { spec: { known: 'x', list: [{ a: '' }], free: { x: { y: [1] } } } };
    expect(compiled.prune(whole).object).toBe(whole);
    const list = [{ a: '' }];
    expect(compiled.prune({ spec: { list, other: 1, known: 'x' } }).object['spec']).toEqual({ list, known: 'x' });
    expect((compiled.prune({ spec: { other: 1, list } }).object['spec'] as JsonObject)['list']).toBe(list);
  });

  test('what is shared with a known object is not looked at, and what only equals it is', () => {
    const compiled = compileSchema(schema);
    const known = { spec: { other: 1 } };
    expect(compiled.prune({ spec: known.spec, more: 1 }, known)).toEqual({ object: known, unknown: ['more'] });
    expect(compiled.prune({ spec: { other: 1 } }, known).unknown).toEqual(['spec.other']);
  });
});

describe('default', () => {
  const schema = withSpec({
    replicas: { type: 'integer', default: 1 },
    mode: { type: 'string', default: 'Spread' },
    note: { type: 'string' },
    maybe: { type: 'string', nullable: true, default: 'x' },
    nested: {
      type: 'object',
      default: {},
      properties: {
        deep: {
          type: 'array',
          default: [{}],
          items: { type: 'object', properties: { a: { type: 'integer', default: 2 } } },
        },
      },
    },
    list: { type: 'array', items: { type: 'object', properties: { port: { type: 'integer', default: 80 } } } },
  });
  const all = { replicas: 1, mode: 'Spread', maybe: 'x', nested: { deep: [{ a: 2 }] } };

  test.for<[name: string, spec: JsonObject, want: JsonObject]>([
    ['missing fields, also in defaults', {}, all],
    ['given values stay', { replicas: 0, mode: '' }, { ...all, replicas: 0, mode: '' }],
    ['null where none may be', { replicas: null, note: null }, all],
    ['null where it may be', { maybe: null }, { ...all, maybe: null }],
    ['in lists', { list: [{}, { port: 1 }] }, { ...all, list: [{ port: 80 }, { port: 1 }] }],
    ['unknown nulls are left to pruning', { other: null }, { ...all, other: null }],
  ])('%s', ([, spec, want]) => {
    expect(compileSchema(schema).default({ spec })).toEqual({ spec: want });
  });

  test('what lacks nothing is not copied, and what lacks something is not changed', () => {
    const compiled = compileSchema(schema);
    const whole = { spec: { ...all, list: [{ port: 1 }] } };
    expect(compiled.default(whole)).toBe(whole);
    const lacking = { spec: { list: [{ port: 1 }, {}] } };
    const before = JSON.stringify(lacking);
    const list = (compiled.default(lacking)['spec'] as JsonObject)['list'] as unknown[];
    expect(list[0]).toBe(lacking.spec.list[0]);
    expect(JSON.stringify(lacking)).toBe(before);
  });

  test('what is shared with a known object is not looked at', () => {
    const compiled = compileSchema(schema);
    const known = { spec: {} };
    expect(compiled.default({ ...known, status: {} }, known)).toEqual({ spec: {}, status: {} });
    expect(compiled.default({ spec: {} }, known)).toEqual({ spec: all });
  });

  test('defaults are not shared between objects', () => {
    const compiled = compileSchema(schema);
    const [first, second] = [compiled.default({ spec: {} }), compiled.default({ spec: {} })];
    expect(first).toEqual(second);
    expect(first['spec']).not.toBe(second['spec']);
  });
});
