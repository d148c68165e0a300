import { create, get, jsonPatch, mergePatch, remove, update, type Case, type Suite } from '../case.ts';
import { define, definition, specOf, thing, things } from '../definition.ts';
import type { JsonObject, JsonValue } from '../json.ts';

const text = { type: 'string' };

/** Objects of one schema, one after the other: each is created and, where taken, deleted again. */
const objects = (name: string, properties: JsonObject, specs: readonly JsonValue[], more: JsonObject = {}): Case => ({
  name,
  steps: [
    ...define(definition(specOf(properties, more))),
    ...specs.map((spec, index) => create(things, thing(spec, { name: `o${index}` }))),
  ],
});

const conditionList = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: { type: 'object', required: ['type'], properties: { type: text, status: text } },
};

export const customObjects: Suite = {
  name: 'custom-objects',
  cases: [
    objects(
      'types',
      {
        s: text,
        i: { type: 'integer' },
        n: { type: 'number' },
        b: { type: 'boolean' },
        o: { type: 'object' },
        l: { type: 'array', items: text },
      },
      [
        { s: 'a', i: 1, n: 1.5, b: true, o: {}, l: ['a'] },
        { s: 1 },
        { i: 'a' },
        { i: 1.5 },
        { i: 1.0 },
        { n: 'a' },
        { n: 1 },
        { b: 'true' },
        { o: [] },
        { l: {} },
        { l: [1] },
        { s: null },
        { l: [null] },
        'text',
        null,
      ],
    ),
    objects('strings', { s: { type: 'string', minLength: 2, maxLength: 4, pattern: '^[a-z]+$' } }, [
      { s: 'abc' },
      { s: 'a' },
      { s: 'abcde' },
      { s: 'ABC' },
      { s: 'A' },
      { s: 'äöü' },
    ]),
    objects(
      'numbers',
      {
        i: { type: 'integer', minimum: 1, maximum: 5, multipleOf: 2 },
        x: { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true },
      },
      [{ i: 2 }, { i: 0 }, { i: 6 }, { i: 3 }, { x: 0 }, { x: 1 }, { x: 0.5 }],
    ),
    objects('lists', { l: { type: 'array', minItems: 1, maxItems: 2, items: text } }, [
      { l: [] },
      { l: ['a'] },
      { l: ['a', 'b', 'c'] },
    ]),
    objects(
      'objects',
      { o: { type: 'object', minProperties: 1, maxProperties: 2, additionalProperties: { type: 'integer' } } },
      [{ o: {} }, { o: { a: 1 } }, { o: { a: 1, b: 2, c: 3 } }, { o: { a: 'x' } }],
    ),
    objects('enums', { e: { type: 'string', enum: ['a', 'b'] }, n: { type: 'integer', enum: [1, 2] } }, [
      { e: 'a' },
      { e: 'c' },
      { n: 3 },
      { n: 2 },
    ]),
    objects(
      'required',
      { a: text, o: { type: 'object', required: ['x', 'y'], properties: { x: text, y: text } } },
      [{ a: 'x' }, {}, { a: 'x', o: {} }],
      { required: ['a'] },
    ),
    objects(
      'any, all, one and not',
      {
        any: { type: 'object', properties: { a: text, b: text }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
        one: { type: 'object', properties: { a: text, b: text }, oneOf: [{ required: ['a'] }, { required: ['b'] }] },
        all: { type: 'string', allOf: [{ minLength: 2 }, { maxLength: 3 }] },
        not: { type: 'string', not: { enum: ['bad'] } },
      },
      [
        { any: {} },
        { any: { a: '', b: '' } },
        { one: {} },
        { one: { a: '', b: '' } },
        { one: { a: '' } },
        { all: 'a' },
        { all: 'abcd' },
        { not: 'bad' },
        { not: 'good' },
      ],
    ),
    objects('int-or-string', { v: { 'x-kubernetes-int-or-string': true } }, [
      { v: 1 },
      { v: '50%' },
      { v: 1.5 },
      { v: true },
      { v: null },
      { v: {} },
    ]),
    objects(
      'nullable',
      {
        n: { type: 'string', nullable: true },
        d: { type: 'string', nullable: true, default: 'x' },
        e: { type: 'string', default: 'y' },
      },
      [{ n: null }, { d: null }, { e: null }, {}],
    ),
    objects(
      'defaults',
      {
        a: { type: 'string', default: 'x' },
        o: { type: 'object', default: {}, properties: { n: { type: 'integer', default: 1 } } },
        l: { type: 'array', items: { type: 'object', properties: { b: { type: 'boolean', default: true } } } },
        p: { type: 'object', properties: { q: { type: 'string', default: 'z' } } },
      },
      [{}, { a: '' }, { o: { n: 2 } }, { l: [{}, { b: false }] }, { p: {} }],
    ),
    objects(
      'pruning',
      {
        o: { type: 'object', properties: { a: text } },
        p: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { a: { type: 'object', properties: { b: text } } },
        },
        m: { type: 'object', additionalProperties: { type: 'object', properties: { a: text } } },
        l: { type: 'array', items: { type: 'object', properties: { a: text } } },
      },
      [
        { o: { a: 'x', b: 'y' }, z: 1 },
        { p: { z: { y: 1 }, a: { b: 'x', c: 1 } } },
        { m: { k: { a: 'x', b: 1 } } },
        { l: [{ a: 'x', b: 1 }] },
      ],
    ),
    objects(
      'embedded resources',
      { r: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } },
      [
        { r: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', odd: 1 }, data: { a: 'b' } } },
        { r: {} },
        { r: { apiVersion: 'v1', kind: 'A b', metadata: { name: 'A B' } } },
        { r: { apiVersion: 'v1', kind: 'X', metadata: { name: 'a', labels: { a: 1 } } } },
        { r: { apiVersion: 'a/b/c', kind: 'X' } },
      ],
    ),
    objects('list sets', { l: { type: 'array', 'x-kubernetes-list-type': 'set', items: text } }, [
      { l: ['a', 'b'] },
      { l: ['a', 'a'] },
    ]),
    objects('list maps', { l: conditionList }, [
      { l: [{ type: 'a' }, { type: 'b' }] },
      { l: [{ type: 'a' }, { type: 'a' }] },
      { l: [{ status: 'x' }] },
    ]),
    objects(
      'formats',
      {
        d: { type: 'string', format: 'date' },
        t: { type: 'string', format: 'date-time' },
        u: { type: 'string', format: 'uuid' },
        y: { type: 'string', format: 'byte' },
        i: { type: 'string', format: 'ipv4' },
        r: { type: 'string', format: 'uri' },
        n: { type: 'integer', format: 'int32' },
        du: { type: 'string', format: 'duration' },
        e: { type: 'string', format: 'email' },
        h: { type: 'string', format: 'hostname' },
        c: { type: 'string', format: 'cidr' },
        v: { type: 'string', format: 'ipv6' },
      },
      [
        {
          d: '2020-01-01',
          t: '2020-01-01T00:00:00Z',
          u: 'a8098c1a-f86e-11da-bd1a-00112444be1e',
          y: 'AQ==',
          i: '1.2.3.4',
          r: 'http://a',
          n: 1,
        },
        { d: 'x' },
        { t: 'x' },
        { u: 'x' },
        { y: '?' },
        { i: 'x' },
        { r: ':' },
        { n: 3_000_000_000 },
        { du: '5m' },
        { du: 'x' },
        { e: 'a@example.com' },
        { e: 'x' },
        { h: 'a.b' },
        { h: '_' },
        { c: '10.0.0.0/8' },
        { c: 'x' },
        { v: '::1' },
        { v: 'x' },
      ],
    ),
    {
      name: 'metadata is checked',
      steps: [
        ...define(definition(specOf({ a: text }))),
        create(things, thing({}, { name: 'A b' })),
        create(things, thing({}, { name: 'a', labels: { 'a b': 'c' } })),
        create(things, thing({}, { name: 'b', labels: { a: 'b c' } })),
        create(things, thing({}, { name: 'c', labels: { a: 1 } })),
        create(things, thing({}, { name: 'd', annotations: { 'a b': 'c' } })),
        create(things, thing({}, { name: 'e', finalizers: ['odd one'] })),
        create(things, thing({}, { name: 'f', finalizers: ['plain'] })),
        create(things, thing({}, { name: 'g', ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x' }] })),
        create(
          things,
          thing(
            {},
            {
              name: 'h',
              ownerReferences: [
                { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u', controller: true },
                { apiVersion: 'v1', kind: 'Secret', name: 'y', uid: 'v', controller: true },
              ],
            },
          ),
        ),
        create(things, thing({}, { name: 'i', odd: 1 })),
      ],
    },
    {
      name: 'kind and version must fit the path',
      steps: [
        ...define(definition(specOf({ a: text }))),
        create(things, { ...thing({}), kind: 'Other' }),
        create(things, { ...thing({}), apiVersion: '<group>/v2' }),
        create(things, { ...thing({}), apiVersion: 'v1' }),
        create(things, { metadata: { name: 'one' } }),
        create(things, thing({}, { namespace: 'default' })),
      ],
    },
    {
      name: 'cluster scope',
      steps: [
        create(
          '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
          definition(specOf({ a: text }), {}, { scope: 'Cluster' }),
          { show: () => null },
        ),
        get('/apis/<group>/v1/things', { until: { status: 200 } }),
        create('/apis/<group>/v1/things', thing({ a: 'x' })),
        create('/apis/<group>/v1/namespaces/default/things', thing({ a: 'x' })),
        get('/apis/<group>/v1/things/one'),
        remove('/apis/<group>/v1/things/one'),
      ],
    },
    {
      name: 'update keeps what a schema keeps',
      steps: [
        ...define(definition(specOf({ a: { type: 'string', maxLength: 2 } }))),
        create(things, thing({ a: 'x' })),
        jsonPatch(`${things}/one`, [{ op: 'replace', path: '/spec/a', value: 'long' }]),
        jsonPatch(`${things}/one`, [{ op: 'replace', path: '/spec/a', value: 'ab' }]),
        update(`${things}/one`, thing({ a: 'b' })),
      ],
    },
    {
      name: 'a tighter schema spares what was there (ratcheting)',
      steps: [
        ...define(definition(specOf({ a: text, b: text }))),
        create(things, thing({ a: 'long', b: 'x' })),
        mergePatch(
          '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.<group>',
          {
            spec: {
              versions: [
                {
                  name: 'v1',
                  served: true,
                  storage: true,
                  schema: { openAPIV3Schema: specOf({ a: { type: 'string', maxLength: 2 }, b: text }) },
                },
              ],
            },
          },
          { show: () => null },
        ),
        create(things, thing({ a: 'long' }, { name: 'two' }), { until: { status: 422 } }),
        mergePatch(`${things}/one`, { spec: { b: 'y' } }),
        mergePatch(`${things}/one`, { spec: { a: 'longer' } }),
      ],
    },
  ],
};
