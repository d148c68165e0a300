import { describe, expect, test } from 'vitest';
import { compileSchema, SchemaError } from './index.ts';
import type { JsonObject } from './index.ts';

/** A schema with these properties under `spec`. */
function withSpec(properties: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'object', properties: { spec: { type: 'object', properties, ...more } } };
}

describe('compileSchema refuses what is not structural', () => {
  test.for<[name: string, property: JsonObject, want: string]>([
    [
      'no type',
      {},
      'properties[spec].properties[a].type: Required value: must not be empty for specified object fields',
    ],
    [
      'no item type',
      { type: 'array', items: {} },
      'properties[a].items.type: Required value: must not be empty for specified array items',
    ],
    ['no items', { type: 'array' }, 'properties[a].items: Required value: must be specified'],
    [
      'type in logic',
      { type: 'string', anyOf: [{ type: 'string' }] },
      'anyOf[0].type: Forbidden: must be empty to be structural',
    ],
    [
      'description in logic',
      { type: 'string', not: { description: 'x' } },
      'not.description: Forbidden: must be empty to be structural',
    ],
    [
      'properties and additionalProperties',
      { type: 'object', properties: { x: { type: 'string' } }, additionalProperties: { type: 'string' } },
      'additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive',
    ],
    [
      'list map without keys',
      { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' },
      'x-kubernetes-list-map-keys: Required value',
    ],
    [
      'a key that may be missing',
      {
        type: 'array',
        items: { type: 'object', properties: { k: { type: 'string' } } },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
      },
      'items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    ],
    ['reference', { $ref: '#/x', type: 'object' }, '$ref: Forbidden'],
    [
      'bad pattern',
      { type: 'string', pattern: '(' },
      'pattern: Invalid value: "(": must be a valid regular expression, but isn\'t',
    ],
    [
      'lookahead is no RE2',
      { type: 'string', pattern: '(?=a)b' },
      'pattern: Invalid value: "(?=a)b": must be a valid regular expression, but isn\'t',
    ],
    [
      'embedded resource that is no object',
      { type: 'string', 'x-kubernetes-embedded-resource': true },
      'type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true',
    ],
  ])('%s', ([, property, want]) => {
    expect(() => compileSchema(withSpec({ a: property }))).toThrow(SchemaError);
    expect(() => compileSchema(withSpec({ a: property }))).toThrow(want);
  });

  test.for<[name: string, schema: JsonObject, want: string]>([
    ['root type', {}, 'openAPIV3Schema.type: Required value: must not be empty at the root'],
    ['root of another type', { type: 'string' }, 'must be object at the root'],
    [
      'restricted metadata',
      { type: 'object', properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } } },
      'must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
  ])('%s', ([, schema, want]) => {
    expect(() => compileSchema(schema)).toThrow(want);
  });

  test('int-or-string may spell out its types', () => {
    const spelled = { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] };
    expect(compileSchema(withSpec({ a: spelled })).validate({ spec: { a: 1 } })).toEqual([]);
  });
});
