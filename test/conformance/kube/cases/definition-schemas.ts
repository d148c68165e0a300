import { type Case, type Suite } from '../case.ts';
import { definition, judged, specOf } from '../definition.ts';
import type { JsonObject } from '../json.ts';

const text = { type: 'string' };
/** Whether a definition with this schema of `spec.field` is taken. */
const schema = (name: string, field: JsonObject): Case => judged(`schema: ${name}`, definition(specOf({ field })));

export const definitionSchemas: Suite = {
  name: 'definition-schemas',
  cases: [
    judged('schema: root without type', definition({})),
    judged('schema: root of another type', definition({ type: 'string' })),
    judged(
      'schema: metadata may say names',
      definition({
        type: 'object',
        properties: { metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 5 } } } },
      }),
    ),
    judged(
      'schema: metadata may say nothing else',
      definition({
        type: 'object',
        properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } },
      }),
    ),
    judged('schema: metadata of another type', definition({ type: 'object', properties: { metadata: text } })),
    schema('no type', {}),
    schema('unknown type', { type: 'text' }),
    schema('null type', { type: 'null' }),
    schema('$ref', { $ref: '#/definitions/x' }),
    schema('uniqueItems', { type: 'array', uniqueItems: true, items: text }),
    schema('array without items', { type: 'array' }),
    schema('items as an array', { type: 'array', items: [text] }),
    schema('additionalProperties false', { type: 'object', additionalProperties: false }),
    schema('properties beside additionalProperties', {
      type: 'object',
      properties: { a: text },
      additionalProperties: text,
    }),
    schema('patternProperties', { type: 'object', patternProperties: { a: text } }),
    schema('type inside of allOf', { type: 'object', allOf: [{ type: 'object' }] }),
    schema('default inside of anyOf', { type: 'string', anyOf: [{ default: 'a' }] }),
    schema('property only inside of allOf', { type: 'object', allOf: [{ properties: { a: { minLength: 1 } } }] }),
    schema('description inside of not', { type: 'string', not: { description: 'a' } }),
    schema('nullable inside of oneOf', { type: 'string', oneOf: [{ nullable: true }] }),
    schema('anyOf of required', {
      type: 'object',
      properties: { a: text, b: text },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    }),
    schema('int-or-string', { 'x-kubernetes-int-or-string': true }),
    schema('int-or-string with a type', { type: 'string', 'x-kubernetes-int-or-string': true }),
    schema('int-or-string as the long form', {
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
    }),
    schema('preserve unknown', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }),
    schema('preserve unknown false', { type: 'object', 'x-kubernetes-preserve-unknown-fields': false }),
    schema('preserve unknown without type', { 'x-kubernetes-preserve-unknown-fields': true }),
    schema('embedded resource', { type: 'object', 'x-kubernetes-embedded-resource': true }),
    schema('embedded resource that preserves', {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    }),
    schema('list map without keys', {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      items: { type: 'object', properties: { a: text } },
    }),
    schema('list map with an optional key', {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a'],
      items: { type: 'object', properties: { a: text } },
    }),
    schema('list map with a key that is not there', {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['b'],
      items: { type: 'object', required: ['a'], properties: { a: text } },
    }),
    schema('list map with a key that has a default', {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a'],
      items: { type: 'object', properties: { a: { type: 'string', default: 'x' } } },
    }),
    schema('list map of strings', {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a'],
      items: text,
    }),
    schema('list map with the same key twice', {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a', 'a'],
      items: { type: 'object', required: ['a'], properties: { a: text } },
    }),
    schema('keys without list map', {
      type: 'array',
      'x-kubernetes-list-map-keys': ['a'],
      items: { type: 'object', required: ['a'], properties: { a: text } },
    }),
    schema('list set of objects', {
      type: 'array',
      'x-kubernetes-list-type': 'set',
      items: { type: 'object', properties: { a: text } },
    }),
    schema('list set of atomic objects', {
      type: 'array',
      'x-kubernetes-list-type': 'set',
      items: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: text } },
    }),
    schema('list set of nullable text', {
      type: 'array',
      'x-kubernetes-list-type': 'set',
      items: { type: 'string', nullable: true },
    }),
    schema('unknown list type', { type: 'array', 'x-kubernetes-list-type': 'heap', items: text }),
    schema('list type of an object', { type: 'object', 'x-kubernetes-list-type': 'set' }),
    schema('unknown map type', { type: 'object', 'x-kubernetes-map-type': 'odd' }),
    schema('map type of text', { type: 'string', 'x-kubernetes-map-type': 'atomic' }),
    schema('bad pattern', { type: 'string', pattern: '(' }),
    schema('pattern with a look-ahead', { type: 'string', pattern: '(?=a)' }),
    schema('unknown format', { type: 'string', format: 'odd' }),
    schema('default of another type', { type: 'string', default: 1 }),
    schema('default above the maximum', { type: 'integer', maximum: 1, default: 2 }),
    schema('default with an unknown field', { type: 'object', properties: { a: text }, default: { b: 'x' } }),
    schema('default null', { type: 'string', default: null }),
    schema('default null of a nullable', { type: 'string', nullable: true, default: null }),
    schema('default not in enum', { type: 'string', enum: ['a'], default: 'b' }),
    schema('negative minLength', { type: 'string', minLength: -1 }),
    schema('multipleOf 0', { type: 'integer', multipleOf: 0 }),
    schema('empty enum value list', { type: 'string', enum: [] }),
    schema('required twice', { type: 'object', required: ['a', 'a'], properties: { a: text } }),
    schema('required field that is not described', { type: 'object', required: ['z'], properties: { a: text } }),
    schema('unknown keyword', { type: 'string', minimumLength: 1 }),
  ],
};
