import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileSchema, SchemaError } from './index.ts';
import type { JsonObject } from './index.ts';

/** A schema with these properties under `spec`. */
function withSpec(properties: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'object', properties: { spec: { type: 'object', properties, ...more } } };
}

describe('for any value', () => {
  const schema = compileSchema(
    withSpec({
      a: { type: 'string', default: 'x', pattern: '^x' },
      b: { type: 'array', items: { type: 'object', properties: { a: { type: 'integer', minimum: 1 } } } },
      c: { type: 'object', additionalProperties: { type: 'string', nullable: true } },
      d: { 'x-kubernetes-preserve-unknown-fields': true },
    }),
  );
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'metadata', '__proto__');
  const { value: json } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 5 }, fc.constantFrom(null, 1, 1.5, 'x', true), tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  }));
  const object = fc.record({ spec: json, metadata: fc.option(json, { nil: undefined }) }, { requiredKeys: ['spec'] });

  test('pruning twice is pruning once, and finds nothing more', () => {
    fc.assert(
      fc.property(object, (value) => {
        const once = schema.prune(value).object;
        expect(schema.prune(once)).toEqual({ object: once, unknown: [] });
      }),
    );
  });

  test('defaulting twice is defaulting once', () => {
    fc.assert(
      fc.property(object, (value) => {
        const once = schema.default(value);
        expect(schema.default(once)).toEqual(once);
      }),
    );
  });

  test('an unchanged object is always valid, whatever it holds', () => {
    fc.assert(
      fc.property(json, (spec) => {
        const value = { metadata: { name: 'x' }, spec };
        expect(schema.validate(value, value)).toEqual([]);
      }),
    );
  });

  test('a schema of garbage throws nothing but SchemaError', () => {
    const word = fc.constantFrom(
      'type',
      'properties',
      'items',
      'default',
      'anyOf',
      'not',
      'enum',
      'pattern',
      'required',
      'minimum',
      'format',
      'additionalProperties',
      'x-kubernetes-list-type',
      'x-kubernetes-list-map-keys',
    );
    const { value: garbage } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, 1, 'object', 'array', 'string', '(', 'map', true),
        tie('list'),
        tie('object'),
      ),
      list: fc.array(tie('value'), { maxLength: 3 }),
      object: fc.dictionary(word, tie('value'), { maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(fc.dictionary(word, garbage), object, (text, value) => {
        expect(outcome({ ...text, type: 'object' }, value)).toSatisfy(
          (result) => Array.isArray(result) || result instanceof SchemaError,
        );
      }),
    );
  });
});

function outcome(schema: JsonObject, value: JsonObject): unknown {
  try {
    const compiled = compileSchema(schema);
    return compiled.validate(compiled.prune(compiled.default(value)).object);
  } catch (error) {
    return error;
  }
}
