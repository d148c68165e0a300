import { describe, expect, test } from 'vitest';
import { compileSchema } from './index.ts';
import type { JsonObject } from './index.ts';

/** A schema with these properties under `spec`. */
function withSpec(properties: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'object', properties: { spec: { type: 'object', properties, ...more } } };
}

/** The errors of a spec, as `field: message`. */
function errorsOf(schema: JsonObject, spec: unknown, oldSpec?: unknown): string[] {
  const errors = compileSchema(schema).validate(named(spec), oldSpec === undefined ? undefined : named(oldSpec));
  return errors.map(({ field, message }) => `${field}: ${message}`);
}

function named(spec: unknown): JsonObject {
  return { metadata: { name: 'x' }, spec };
}

describe('validate, in the words of kube-apiserver', () => {
  const string = { type: 'string' };
  const integer = { type: 'integer' };

  test.for<[name: string, property: JsonObject, value: unknown, want: string[]]>([
    ['a fitting value', integer, 3, []],
    ['a whole number may be written with a fraction of zero', integer, 3.0, []],
    [
      'wrong type',
      integer,
      'three',
      ['spec.a: Invalid value: "string": spec.a in body must be of type integer: "string"'],
    ],
    [
      'a fraction',
      integer,
      1.5,
      [
        'spec.a: Invalid value: "number": spec.a in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.a',
      ],
    ],
    ['null', string, null, ['spec.a: Invalid value: "null": spec.a in body must be of type string: "null"']],
    ['a nullable null', { type: 'string', nullable: true }, null, []],
    ['an integer where a number may be', { type: 'number' }, 1, []],
    [
      'minimum',
      { type: 'integer', minimum: 0 },
      -1,
      ['spec.a: Invalid value: -1: spec.a in body should be greater than or equal to 0'],
    ],
    [
      'maximum',
      { type: 'integer', maximum: 5 },
      6,
      ['spec.a: Invalid value: 6: spec.a in body should be less than or equal to 5'],
    ],
    [
      'exclusive minimum',
      { type: 'number', minimum: 0, exclusiveMinimum: true },
      0,
      ['spec.a: Invalid value: 0: spec.a in body should be greater than 0'],
    ],
    [
      'exclusive maximum',
      { type: 'number', maximum: 1, exclusiveMaximum: true },
      1,
      ['spec.a: Invalid value: 1: spec.a in body should be less than 1'],
    ],
    [
      'multiple',
      { type: 'number', multipleOf: 0.1 },
      0.25,
      ['spec.a: Invalid value: 0.25: spec.a in body should be a multiple of 0.1'],
    ],
    ['multiple that fits', { type: 'number', multipleOf: 0.1 }, 0.3, []],
    [
      'int32',
      { type: 'integer', format: 'int32' },
      2 ** 31,
      ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.a'],
    ],
    ['enum', { type: 'string', enum: ['a', 'b'] }, 'x', ['spec.a: Unsupported value: "x": supported values: "a", "b"']],
    [
      'enum of numbers',
      { type: 'integer', enum: [1, 2] },
      3,
      ['spec.a: Unsupported value: 3: supported values: "1", "2"'],
    ],
    ['too long', { type: 'string', maxLength: 3 }, 'four', ['spec.a: Too long: may not be more than 3 bytes']],
    ['length counts characters', { type: 'string', maxLength: 3 }, '😀😀😀', []],
    [
      'too short',
      { type: 'string', minLength: 1 },
      '',
      ['spec.a: Invalid value: "": spec.a in body should be at least 1 chars long'],
    ],
    [
      'pattern',
      { type: 'string', pattern: '^[a-z]+$' },
      'A',
      [`spec.a: Invalid value: "A": spec.a in body should match '^[a-z]+$'`],
    ],
    ['pattern is found anywhere', { type: 'string', pattern: 'b' }, 'abc', []],
    [
      'format',
      { type: 'string', format: 'date-time' },
      'now',
      ['spec.a: Invalid value: "now": spec.a in body must be of type date-time: "now"'],
    ],
    [
      'too many items',
      { type: 'array', items: string, maxItems: 1 },
      ['a', 'b'],
      ['spec.a: Too many: 2: must have at most 1 item'],
    ],
    [
      'too few items',
      { type: 'array', items: string, minItems: 1 },
      [],
      ['spec.a: Invalid value: 0: spec.a in body should have at least 1 items'],
    ],
    [
      'item',
      { type: 'array', items: integer },
      [1, 'x'],
      ['spec.a[1]: Invalid value: "string": spec.a[1] in body must be of type integer: "string"'],
    ],
    [
      'map value',
      { type: 'object', additionalProperties: integer },
      { k: 'x' },
      ['spec.a.k: Invalid value: "string": spec.a.k in body must be of type integer: "string"'],
    ],
    [
      'too many properties',
      { type: 'object', additionalProperties: integer, maxProperties: 1 },
      { a: 1, b: 2 },
      ['spec.a: Too many: 2: must have at most 1 item'],
    ],
    ['required', { type: 'object', properties: { b: string }, required: ['b'] }, {}, ['spec.a.b: Required value']],
    [
      'a name of Object.prototype is missing',
      { type: 'object', properties: { constructor: string }, required: ['constructor'] },
      {},
      ['spec.a.constructor: Required value'],
    ],
    [
      'int-or-string',
      { 'x-kubernetes-int-or-string': true },
      true,
      ['spec.a: Invalid value: "boolean": spec.a in body must be of type integer,string: "boolean"'],
    ],
    ['int-or-string that fits', { 'x-kubernetes-int-or-string': true }, '50%', []],
    [
      'not',
      { type: 'string', not: { enum: ['x'] } },
      'x',
      ['<nil>: Invalid value: "": "spec.a" must not validate the schema (not)'],
    ],
    [
      'anyOf',
      { type: 'integer', anyOf: [{ minimum: 5 }, { maximum: 1 }] },
      3,
      [
        '<nil>: Invalid value: "": "spec.a" must validate at least one schema (anyOf)',
        'spec.a: Invalid value: 3: spec.a in body should be greater than or equal to 5',
      ],
    ],
    [
      'oneOf, none',
      { type: 'object', properties: { b: string, c: string }, oneOf: [{ required: ['b'] }, { required: ['c'] }] },
      {},
      [
        '<nil>: Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found none valid',
        'spec.a.b: Required value',
      ],
    ],
    [
      'oneOf, two',
      { type: 'object', properties: { b: string, c: string }, oneOf: [{ required: ['b'] }, { required: ['c'] }] },
      { b: '', c: '' },
      ['<nil>: Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
    [
      'allOf',
      { type: 'integer', allOf: [{ minimum: 5 }, { maximum: 10 }] },
      3,
      [
        '<nil>: Invalid value: "": "spec.a" must validate all the schemas (allOf)',
        'spec.a: Invalid value: 3: spec.a in body should be greater than or equal to 5',
      ],
    ],
    [
      'set',
      { type: 'array', items: string, 'x-kubernetes-list-type': 'set' },
      ['x', 'y', 'x', 'x'],
      ['spec.a[2]: Duplicate value: "x"'],
    ],
    [
      'map',
      {
        type: 'array',
        items: { type: 'object', required: ['name'], properties: { name: string } },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
      [{ name: 'x' }, { name: 'x' }],
      ['spec.a[1]: Duplicate value: {"name":"x"}'],
    ],
    [
      'embedded resource',
      { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      { kind: '', metadata: { labels: { a: 1 } } },
      [
        'spec.a.apiVersion: Required value',
        'spec.a.kind: Invalid value: "": must not be empty',
        'spec.a.metadata.labels.a: Invalid value: "integer": spec.a.metadata.labels.a in body must be of type string: "integer"',
      ],
    ],
  ])('%s', ([, property, value, want]) => {
    expect(errorsOf(withSpec({ a: property }), { a: value })).toEqual(want);
  });

  test('metadata has its own types', () => {
    const errors = compileSchema({ type: 'object' }).validate({ metadata: { name: 'x', labels: ['a'] } });
    expect(errors.map(({ field }) => field)).toEqual(['metadata.labels']);
  });

  test('an object too deep to walk is refused', () => {
    let deep: JsonObject = {};
    for (let level = 0; level < 1_000; level++) deep = { a: deep };
    const any = compileSchema({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
    const flat = { b: { c: {} } };
    for (const errors of [any.validate(deep), any.validate({ ...flat, ...deep }, flat)])
      expect(errors.map(({ message }) => message)).toEqual(['Invalid value: must not be nested more than 200 levels']);
  });

  test.for<[format: string, good: string, bad: string]>([
    ['date', '2026-02-28', '2026-02-30'],
    ['date-time', '2026-02-28T10:00:00.5+01:00', '2026-02-28 noon'],
    ['uri', 'https://example.com/a', 'not a uri'],
    ['email', 'a@example.com', 'a.example.com'],
    ['hostname', 'node-1.example.com', '-node'],
    ['ipv4', '10.0.0.1', '10.0.0.256'],
    ['ipv6', '::1', '10.0.0.1'],
    ['cidr', '10.0.0.0/8', '10.0.0.0/33'],
    ['mac', '00:1b:44:11:3a:b7', '00:1b:44'],
    ['uuid', '123e4567-e89b-12d3-a456-426614174000', '123e4567'],
    ['byte', 'aGVsbG8=', 'a'],
    ['duration', '1h30m', 'soon'],
    ['k8s-short-name', 'echo-1', 'Echo'],
    ['k8s-long-name', 'a.b', 'a..b'],
  ])('format %s', ([format, good, bad]) => {
    const schema = withSpec({ a: { type: 'string', format } });
    expect(errorsOf(schema, { a: good })).toEqual([]);
    expect(errorsOf(schema, { a: bad })).toHaveLength(1);
  });

  test('a format that kube-apiserver does not know is ignored', () => {
    expect(errorsOf(withSpec({ a: { type: 'string', format: 'made-up' } }), { a: 'x' })).toEqual([]);
  });
});

describe('validate of a change', () => {
  const name = { type: 'string', maxLength: 3 };
  const items = { type: 'object', required: ['name'], properties: { name: { type: 'string' }, value: name } };
  const byName = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };
  const schema = withSpec({
    a: name,
    b: name,
    map: { type: 'array', items, ...byName },
    atomic: { type: 'array', items: name },
    set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
  });

  test.for<[name: string, old: JsonObject, next: JsonObject, want: string[]]>([
    ['an unchanged fault stays', { a: 'long' }, { a: 'long', b: 'x' }, []],
    ['a changed fault is told', { a: 'long' }, { a: 'longer' }, ['spec.a: Too long: may not be more than 3 bytes']],
    [
      'items of a map are followed',
      { map: [{ name: 'x', value: 'long' }] },
      { map: [{ name: 'y' }, { name: 'x', value: 'long' }] },
      [],
    ],
    [
      'items of an atomic list are not',
      { atomic: ['long'] },
      { atomic: ['long', 'x'] },
      ['spec.atomic[0]: Too long: may not be more than 3 bytes'],
    ],
    ['a set that had duplicates may keep them', { set: ['x', 'x'] }, { set: ['x', 'x', 'y', 'y'] }, []],
  ])('%s', ([, old, next, want]) => {
    expect(errorsOf(schema, next, old)).toEqual(want);
  });
});
