import { create, get, mergePatch, remove, update, watch, type Case, type Suite } from '../case.ts';
import { define, definition, definitions, specOf, statusOf, thing, things } from '../definition.ts';
import type { JsonObject, JsonValue } from '../json.ts';

const text = { type: 'string' };
const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
const number = { type: 'integer' };

/** Whether a definition is taken, and how it is refused. */
const judged = (name: string, body: JsonObject): Case => ({
  name,
  steps: [create(definitions, body, { show: statusOf })],
});
/** The same for the schema of `spec.field`. */
const schema = (name: string, field: JsonObject): Case => judged(`schema: ${name}`, definition(specOf({ field })));
const column = (fields: JsonObject): JsonObject =>
  definition(specOf({ a: text }), { additionalPrinterColumns: [fields] });
const rule = (name: string, rules: readonly JsonObject[], properties: JsonObject = { a: text, n: number }): Case =>
  judged(`rule: ${name}`, definition(specOf(properties, { 'x-kubernetes-validations': rules })));
const simple = definition(specOf({ a: text }));
const spec = simple['spec'] as JsonObject;
const withSpec = (fields: JsonObject): JsonObject => ({ ...simple, spec: { ...spec, ...fields } });
const version = (spec['versions'] as readonly JsonObject[])[0] ?? {};

const names: readonly Case[] = [
  judged('names: not plural.group', { ...simple, metadata: { name: 'things.example.org' } }),
  judged('names: no kind', withSpec({ names: { plural: 'things' } })),
  judged('names: upper case plural', {
    ...withSpec({ names: { plural: 'Things', kind: 'Thing' } }),
    metadata: { name: 'Things.<group>' },
  }),
  judged('names: bad kind', withSpec({ names: { plural: 'things', kind: 'Odd Thing' } })),
  judged('names: bad short name', withSpec({ names: { plural: 'things', kind: 'Thing', shortNames: ['T_'] } })),
  judged('names: bad category', withSpec({ names: { plural: 'things', kind: 'Thing', categories: ['All'] } })),
  judged('group without a dot', { ...withSpec({ group: 'example' }), metadata: { name: 'things.example' } }),
  judged('protected group', { ...withSpec({ group: 'x.k8s.io' }), metadata: { name: 'things.x.k8s.io' } }),
  judged('scope missing', withSpec({ scope: '' })),
  judged('scope unknown', withSpec({ scope: 'World' })),
  judged('versions missing', withSpec({ versions: [] })),
  judged('versions: two stored', withSpec({ versions: [version, { ...version, name: 'v2' }] })),
  judged('versions: none stored', withSpec({ versions: [{ ...version, storage: false }] })),
  judged('versions: the same twice', withSpec({ versions: [version, { ...version, storage: false }] })),
  judged('versions: bad name', withSpec({ versions: [{ ...version, name: 'V_1' }] })),
  judged('versions: schema missing', withSpec({ versions: [{ name: 'v1', served: true, storage: true }] })),
  judged('versions: two', withSpec({ versions: [version, { ...version, name: 'v2', storage: false }] })),
  judged('preserveUnknownFields', withSpec({ preserveUnknownFields: true })),
  judged('conversion unknown', withSpec({ conversion: { strategy: 'Odd' } })),
  judged('conversion: webhook without configuration', withSpec({ conversion: { strategy: 'Webhook' } })),
];

const schemas: readonly Case[] = [
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
];

const rules: readonly Case[] = [
  rule('taken', [{ rule: "self.a == 'x' || self.n > 1", message: 'm' }]),
  rule('empty', [{ rule: ' ' }]),
  rule('syntax', [{ rule: 'self.a ==' }]),
  rule('unknown field', [{ rule: 'self.b == 1' }]),
  rule('unknown variable', [{ rule: 'other.a == 1' }]),
  rule('unknown function', [{ rule: 'self.a.shout()' }]),
  rule('types do not fit', [{ rule: 'self.a == 1' }]),
  rule('not a bool', [{ rule: 'self.n + 1' }]),
  rule('double for int', [{ rule: 'self.n > 1.5' }]),
  rule('has of a field that is not there', [{ rule: 'has(self.zzz)' }]),
  rule('message with a line break', [{ rule: 'true', message: 'a\nb' }]),
  rule('message expression', [{ rule: 'self.n > 1', messageExpression: "'n is ' + string(self.n)" }]),
  rule('message expression that is no text', [{ rule: 'self.n > 1', messageExpression: 'self.n' }]),
  rule('reason', [{ rule: 'self.n > 1', reason: 'FieldValueForbidden' }]),
  rule('unknown reason', [{ rule: 'self.n > 1', reason: 'Odd' }]),
  rule('fieldPath', [{ rule: 'self.n > 1', fieldPath: '.n' }]),
  rule('fieldPath that is not there', [{ rule: 'self.n > 1', fieldPath: '.zzz' }]),
  rule('fieldPath with brackets', [{ rule: 'self.n > 1', fieldPath: "['n']" }]),
  rule('fieldPath into a list', [{ rule: 'self.n > 1', fieldPath: '.l[0]' }], {
    n: number,
    l: { type: 'array', items: text },
  }),
  rule('oldSelf', [{ rule: 'self.n >= oldSelf.n' }]),
  rule('optionalOldSelf', [{ rule: 'oldSelf.hasValue() || self.n > 1', optionalOldSelf: true }]),
  rule('the same field twice in macros', [{ rule: 'self.l.all(x, self.l.exists_one(y, x == y))' }], {
    l: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 10 } },
  }),
  rule('too costly', [{ rule: 'self.l.all(x, self.l.all(y, self.l.all(z, x == y && y == z)))' }], {
    l: { type: 'array', items: text },
  }),
  rule('costly for one of many', [{ rule: 'self.l.all(x, self.l.all(y, x.matches(y)))' }], {
    l: { type: 'array', items: text },
  }),
  rule('quantity', [{ rule: "quantity(self.a).isGreaterThan(quantity('1Gi'))" }]),
  rule('url', [{ rule: "isURL(self.a) && url(self.a).getScheme() == 'https'" }]),
  rule('ip', [{ rule: 'isIP(self.a)' }]),
  rule('format', [{ rule: '!format.dns1123Label().validate(self.a).hasValue()' }]),
  rule('regular expression', [{ rule: "self.a.find('[a-z]+') == 'x' && self.a.matches('^x')" }]),
  rule('bad regular expression', [{ rule: "self.a.matches('(')" }]),
  rule('lists', [{ rule: 'self.l.isSorted() && self.l.sum() > 1 && self.l.indexOf(1) == 0' }], {
    l: { type: 'array', maxItems: 3, items: number },
  }),
  rule(
    'strings',
    [
      {
        rule: "self.a.lowerAscii().split(',').size() > 1 && self.a.charAt(0) == 'a' && self.a.replace('a', 'b') == 'b'",
      },
    ],
    { a: { type: 'string', maxLength: 20 } },
  ),
  rule('sets', [{ rule: "sets.contains(self.l, ['a'])" }], {
    l: { type: 'array', maxItems: 3, items: { type: 'string', maxLength: 5 } },
  }),
  rule('optional fields', [{ rule: "self.?a.orValue('x') == 'x'" }]),
  rule('two variables in macros', [{ rule: 'self.l.all(i, v, i < 5 || v > 1)' }], {
    l: { type: 'array', maxItems: 3, items: number },
  }),
  rule('semver', [{ rule: 'semver(self.a).major() > 0' }]),
  rule('cidr', [{ rule: "cidr('10.0.0.0/8').containsIP(self.a)" }]),
  rule('keyword as a field', [{ rule: "self.__namespace__ == 'a'" }], { namespace: text }),
  rule('field with a dash', [{ rule: "self.a__dash__b == 'a'" }], { 'a-b': text }),
  judged(
    'rule: oldSelf below a list',
    definition(
      specOf({
        l: { type: 'array', items: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } },
      }),
    ),
  ),
  judged(
    'rule: oldSelf below a list map',
    definition(
      specOf({
        l: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: {
            type: 'object',
            required: ['k'],
            properties: { k: text, v: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } },
          },
        },
      }),
    ),
  ),
  judged(
    'rule: metadata.name at the root',
    definition({ ...specOf({ a: text }), 'x-kubernetes-validations': [{ rule: "self.metadata.name == 'x'" }] }),
  ),
  judged(
    'rule: metadata.labels at the root',
    definition({ ...specOf({ a: text }), 'x-kubernetes-validations': [{ rule: "self.metadata.labels['a'] == 'x'" }] }),
  ),
  judged(
    'rule: inside of anyOf',
    definition(specOf({ a: { type: 'string', anyOf: [{ 'x-kubernetes-validations': [{ rule: 'true' }] }] } })),
  ),
];

const extras: readonly Case[] = [
  judged('column: taken', column({ name: 'A', type: 'string', jsonPath: '.spec.a' })),
  judged('column: no path', column({ name: 'A', type: 'string' })),
  judged('column: bad path', column({ name: 'A', type: 'string', jsonPath: '.spec[' })),
  judged('column: path without a dot', column({ name: 'A', type: 'string', jsonPath: 'spec.a' })),
  judged('column: unknown type', column({ name: 'A', type: 'text', jsonPath: '.spec.a' })),
  judged('column: no name', column({ type: 'string', jsonPath: '.spec.a' })),
  judged('column: unknown format', column({ name: 'A', type: 'integer', format: 'odd', jsonPath: '.spec.a' })),
  judged('selectable: taken', definition(specOf({ a: text }), { selectableFields: [{ jsonPath: '.spec.a' }] })),
  judged('selectable: not described', definition(specOf({ a: text }), { selectableFields: [{ jsonPath: '.spec.z' }] })),
  judged(
    'selectable: of an object',
    definition(specOf({ a: { type: 'object' } }), { selectableFields: [{ jsonPath: '.spec.a' }] }),
  ),
  judged(
    'selectable: metadata',
    definition(specOf({ a: text }), { selectableFields: [{ jsonPath: '.metadata.name' }] }),
  ),
  judged(
    'selectable: twice',
    definition(specOf({ a: text }), { selectableFields: [{ jsonPath: '.spec.a' }, { jsonPath: '.spec.a' }] }),
  ),
  judged(
    'selectable: into a list',
    definition(specOf({ a: { type: 'array', items: text } }), { selectableFields: [{ jsonPath: '.spec.a[0]' }] }),
  ),
  judged(
    'selectable: nine',
    definition(specOf(Object.fromEntries([...letters].map((name) => [name, text]))), {
      selectableFields: [...letters].map((name) => ({ jsonPath: `.spec.${name}` })),
    }),
  ),
  judged(
    'scale: taken',
    definition(specOf({ n: number }), {
      subresources: { scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' } },
    }),
  ),
  judged(
    'scale: path outside of spec',
    definition(specOf({ n: number }), {
      subresources: { scale: { specReplicasPath: '.n', statusReplicasPath: '.status.n' } },
    }),
  ),
  judged(
    'scale: status path outside of status',
    definition(specOf({ n: number }), {
      subresources: { scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.spec.n' } },
    }),
  ),
  judged(
    'scale: selector path outside',
    definition(specOf({ n: number }), {
      subresources: {
        scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n', labelSelectorPath: '.metadata.x' },
      },
    }),
  ),
  judged('scale: no paths', definition(specOf({ n: number }), { subresources: { scale: {} } })),
];

const life: readonly Case[] = [
  {
    name: 'life: conditions',
    steps: [
      create(definitions, definition(specOf({ a: text })), { show: () => null }),
      get(`${definitions}/things.<group>`, { until: { path: 'status.conditions.1.status', is: 'True' } }),
    ],
  },
  {
    name: 'life: two definitions of one kind',
    steps: [
      ...define(definition(specOf({ a: text }))),
      create(
        definitions,
        { ...withSpec({ names: { plural: 'items', kind: 'Thing' } }), metadata: { name: 'items.<group>' } },
        { show: () => null },
      ),
      get(`${definitions}/items.<group>`, { until: { path: 'status.conditions.0.status', is: 'False' } }),
    ],
  },
  {
    name: 'life: deletion takes the objects with it',
    steps: [
      ...define(simple),
      create(things, thing({ a: 'x' })),
      watch(things, 2, [remove(`${definitions}/things.<group>`, undefined, { show: () => null })]),
      get(`${definitions}/things.<group>`, { until: { status: 404 } }),
      get(things, { until: { status: 404 } }),
    ],
  },
  {
    name: 'life: deletion waits for finalizers of objects',
    steps: [
      ...define(simple),
      create(things, thing({ a: 'x' }, { finalizers: ['example.com/wait'] })),
      remove(`${definitions}/things.<group>`, undefined, { show: () => null }),
      get(`${things}/one`, { until: { path: 'metadata.deletionGracePeriodSeconds', is: 0 } }),
      create(things, thing({ a: 'y' }, { name: 'two' })),
      mergePatch(`${things}/one`, { metadata: { finalizers: null } }),
      get(`${definitions}/things.<group>`, { until: { status: 404 } }),
    ],
  },
  {
    name: 'life: a change of the schema',
    steps: [
      ...define(simple),
      create(things, thing({ a: 'x', b: 'pruned' })),
      mergePatch(
        `${definitions}/things.<group>`,
        {
          spec: {
            versions: [
              { ...version, schema: { openAPIV3Schema: specOf({ a: text, b: { type: 'string', default: 'new' } }) } },
            ],
          },
        },
        { show: statusOf },
      ),
      get(`${things}/one`, { until: { path: 'spec.b', is: 'new' } }),
      get(`${definitions}/things.<group>`, {
        show: (body) => ((body as JsonObject)['metadata'] as JsonObject)['generation'] ?? null,
      }),
    ],
  },
  {
    name: 'life: scope, group and names stay',
    steps: [
      ...define(simple),
      mergePatch(`${definitions}/things.<group>`, { spec: { scope: 'Cluster' } }),
      mergePatch(`${definitions}/things.<group>`, { spec: { names: { plural: 'items' } } }),
      mergePatch(`${definitions}/things.<group>`, { spec: { group: 'other.example.com' } }),
    ],
  },
  {
    name: 'life: a version that is not served',
    steps: [
      ...define(withSpec({ versions: [version, { ...version, name: 'v2', storage: false, served: false }] })),
      get('/apis/<group>/v2/namespaces/<ns>/things'),
      get('/apis/<group>', { show: (body) => (body as JsonObject)['versions'] ?? body }),
    ],
  },
  {
    name: 'life: two versions of one object',
    steps: [
      ...define(withSpec({ versions: [version, { ...version, name: 'v2', storage: false }] })),
      create(things, thing({ a: 'x' })),
      get('/apis/<group>/v2/namespaces/<ns>/things/one'),
      get('/apis/<group>', { until: { status: 200 } }),
    ],
  },
  {
    name: 'life: an update needs its version',
    steps: [...define(simple), update(`${definitions}/things.<group>`, simple)],
  },
  {
    name: 'life: what discovery says',
    steps: [
      ...define(
        definition(
          specOf({ n: number }),
          { subresources: { status: {}, scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' } } },
          { names: { plural: 'things', kind: 'Thing', shortNames: ['th'], categories: ['all'] } },
        ),
      ),
      get('/apis/<group>/v1', { until: { status: 200 }, show: withoutHashes }),
    ],
  },
];

function withoutHashes(body: JsonValue): JsonValue {
  return JSON.parse(
    JSON.stringify(body, (key, value: unknown) => (key === 'storageVersionHash' ? undefined : value)),
  ) as JsonObject;
}

export const definitionCases: Suite = {
  name: 'definitions',
  cases: [...names, ...schemas, ...rules, ...extras, ...life],
};
