import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkCrd, compileSchema, isObject } from './index.ts';
import type { JsonObject } from './index.ts';

const spec = {
  type: 'object',
  properties: {
    replicas: { type: 'integer' },
    name: { type: 'string' },
    list: { type: 'array', items: { type: 'string' } },
  },
};
const schema = { type: 'object', properties: { spec } };
const version = {
  name: 'v1alpha1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema },
  subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
  additionalPrinterColumns: [{ name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' }],
  selectableFields: [{ jsonPath: '.spec.name' }],
};
const crd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList', shortNames: ['th'] },
    versions: [version],
  },
};

function withSpec(change: JsonObject): JsonObject {
  return { ...crd, spec: { ...crd.spec, ...change } };
}

function withVersion(change: JsonObject): JsonObject {
  return withSpec({ versions: [{ ...version, ...change }] });
}

function withProperty(property: JsonObject): JsonObject {
  const changed = { type: 'object', properties: { spec: { type: 'object', properties: { a: property } } } };
  return withVersion({ schema: { openAPIV3Schema: changed }, selectableFields: [] });
}

function errorsOf(of: JsonObject): string[] {
  return checkCrd(of).map(({ field, message }) => `${field}: ${message}`);
}

test('a good definition has no fault', () => {
  expect(errorsOf(crd)).toEqual([]);
});

describe('faults', () => {
  const v = 'spec';
  const s = 'spec.validation.openAPIV3Schema';
  const a = `${s}.properties[spec].properties[a]`;

  test.for<[name: string, crd: JsonObject, want: string[]]>([
    ['no spec', { metadata: { name: 'x' } }, ['spec: Required value']],
    [
      'name',
      { ...crd, metadata: { name: 'x' } },
      ['metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group'],
    ],
    [
      'protected group',
      { ...withSpec({ group: 'x.k8s.io' }), metadata: { name: 'things.x.k8s.io' } },
      [
        'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ],
    ],
    [
      'group without a dot',
      { ...withSpec({ group: 'x' }), metadata: { name: 'things.x' } },
      ['spec.group: Invalid value: "x": should be a domain with at least one dot'],
    ],
    [
      'scope',
      withSpec({ scope: 'Global' }),
      ['spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"'],
    ],
    [
      'no kind',
      withSpec({ names: { plural: 'things' } }),
      ['spec.names.singular: Required value', 'spec.names.kind: Required value', 'spec.names.listKind: Required value'],
    ],
    [
      'kind and list kind',
      withSpec({ names: { ...crd.spec.names, listKind: 'Thing' } }),
      ['spec.names.listKind: Invalid value: "Thing": kind and listKind may not be the same'],
    ],
    [
      'no version',
      withSpec({ versions: [] }),
      [
        'spec.versions: Invalid value: must have exactly one version marked as storage version',
        'status.storedVersions: Invalid value: must have at least one stored version',
      ],
    ],
    [
      'two storage versions',
      withSpec({ versions: [version, { ...version, name: 'v1' }] }),
      [
        'spec.versions: Invalid value: must have exactly one version marked as storage version',
        'status.storedVersions: Invalid value: must have the storage version v1',
      ],
    ],
    [
      'a version twice',
      withSpec({ versions: [version, { ...version, storage: false }] }),
      ['spec.versions: Invalid value: must contain unique version names'],
    ],
    [
      'webhook conversion',
      withSpec({
        conversion: { strategy: 'Webhook', webhook: { clientConfig: {}, conversionReviewVersions: ['v1'] } },
      }),
      ['spec.conversion.strategy: Forbidden: this server calls no conversion webhooks'],
    ],
    [
      'preserveUnknownFields',
      withSpec({ preserveUnknownFields: true }),
      [
        'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ],
    ],
    [
      'no schema',
      withVersion({ schema: undefined, selectableFields: [] }),
      ['spec.versions[0].schema.openAPIV3Schema: Required value'],
    ],
    [
      'scale outside of spec',
      withVersion({ subresources: { scale: { specReplicasPath: '.status.x', statusReplicasPath: '' } } }),
      [
        `${v}.subresources.scale.specReplicasPath: Invalid value: ".status.x": should be a json path under .spec`,
        `${v}.subresources.scale.statusReplicasPath: Required value`,
      ],
    ],
    [
      'column',
      withVersion({ additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: 'spec' }] }),
      [
        `${v}.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string`,
        `${v}.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .`,
      ],
    ],
    [
      'column path',
      withVersion({ additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: 'spec' }] }),
      [`${v}.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .`],
    ],
    [
      'selectable field that is not there',
      withVersion({ selectableFields: [{ jsonPath: '.spec.x' }] }),
      [
        `${v}.selectableFields[0].jsonPath: Invalid value: ".spec.x": is an invalid path: does not refer to a valid field`,
      ],
    ],
    [
      'selectable list',
      withVersion({ selectableFields: [{ jsonPath: '.spec.list' }] }),
      [
        `${v}.selectableFields[0].jsonPath: Invalid value: ".spec.list": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.`,
      ],
    ],
    [
      'selectable twice',
      withVersion({ selectableFields: [{ jsonPath: '.spec.name' }, { jsonPath: '.spec.name' }] }),
      [`${v}.selectableFields[1].jsonPath: Duplicate value: ".spec.name"`],
    ],
    [
      'warning without deprecation',
      withVersion({ deprecationWarning: 'old' }),
      [`spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions`],
    ],
    [
      'not structural',
      withProperty({ type: 'string', anyOf: [{ type: 'string' }] }),
      [`${a}.anyOf[0].type: Forbidden: must be empty to be structural`],
    ],
    [
      'unknown type',
      withProperty({ type: 'text' }),
      [
        `${a}.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`,
      ],
    ],
    [
      'set of objects',
      withProperty({ type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'set' }),
      [
        `${a}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
      ],
    ],
    [
      'keys without a map',
      withProperty({ type: 'array', items: { type: 'string' }, 'x-kubernetes-list-map-keys': ['a'] }),
      [`${a}.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty`],
    ],
    [
      'a default that does not fit',
      withProperty({ type: 'integer', minimum: 1, default: 0 }),
      [`${a}.default: Invalid value: 0:  in body should be greater than or equal to 1`],
    ],
    [
      'a default with unknown fields',
      withProperty({ type: 'object', properties: {}, default: { x: 1 } }),
      [`${a}.default: Invalid value: {"x":1}: must not have unknown fields`],
    ],
    [
      'a default that breaks its rule',
      withProperty({ type: 'integer', default: 0, 'x-kubernetes-validations': [{ rule: 'self > 0', message: 'no' }] }),
      [`${a}.default: Invalid value: 0: no`],
    ],
    [
      'a rule that does not compile',
      withProperty({ type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > "x"' }] }),
      [
        `${a}.x-kubernetes-validations[0].rule: Invalid value: "self > \\"x\\"": compilation failed: ERROR: <input>:1:1: no such overload: int > string`,
      ],
    ],
    [
      'a message of two lines',
      withProperty({ type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 0', message: 'a\nb' }] }),
      [`${a}.x-kubernetes-validations[0].message: Invalid value: "a\\nb": must not contain line breaks`],
    ],
    [
      'a reason that is none',
      withProperty({ type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 0', reason: 'Bad' }] }),
      [
        `${a}.x-kubernetes-validations[0].reason: Unsupported value: "Bad": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
      ],
    ],
    [
      'a default of metadata',
      withVersion({
        schema: { openAPIV3Schema: { ...schema, properties: { spec, kind: { type: 'string', default: 'Thing' } } } },
      }),
      [`${s}.properties[kind].default: Forbidden: must not be set in top-level kind`],
    ],
  ])('%s', ([, of, want]) => {
    expect(errorsOf(of)).toEqual(want);
  });
});

describe('the definitions that we ship', () => {
  const folder = join(import.meta.dirname, '../../../../deploy/crds');
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

  test('are there', () => {
    expect(files.length).toBeGreaterThan(5);
  });

  test.for(files)('%s', (file) => {
    const definition: unknown = parse(readFileSync(join(folder, file), 'utf8'));
    expect(isObject(definition) ? errorsOf(definition) : definition).toEqual([]);
  });
});

test('garbage is refused, without an exception', () => {
  const key = fc.constantFrom(
    'spec',
    'names',
    'versions',
    'schema',
    'openAPIV3Schema',
    'properties',
    'type',
    'metadata',
    'plural',
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 6 }, fc.constantFrom(null, 1, 'x', 'object', true), tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  }));
  fc.assert(
    fc.property(fc.dictionary(key, value), (garbage) => {
      expect(checkCrd(garbage).length).toBeGreaterThan(0);
    }),
  );
});

test('what checkCrd accepts, compileSchema compiles', () => {
  const property = fc.oneof(
    fc.constantFrom<JsonObject>(
      { type: 'string', default: 'x' },
      { 'x-kubernetes-int-or-string': true },
      { type: 'text' },
    ),
    fc.record({
      type: fc.constantFrom('string', 'integer'),
      minimum: fc.nat(3),
      default: fc.constantFrom<unknown>(0, 'x'),
    }),
  );
  fc.assert(
    fc.property(property, (candidate) => {
      const changed = { type: 'object', properties: { a: candidate } };
      const accepted =
        checkCrd(withVersion({ schema: { openAPIV3Schema: changed }, selectableFields: [] })).length === 0;
      expect(compiles(changed)).toBe(accepted);
    }),
  );
});

function compiles(candidate: JsonObject): boolean {
  try {
    compileSchema(candidate);
    return true;
  } catch {
    return false;
  }
}
