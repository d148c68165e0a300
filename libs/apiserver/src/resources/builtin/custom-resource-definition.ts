import { type KubeObject, asList, asObject, asStrings, stringOr, timestamp } from '../../object.ts';

import { SchemaPropsError, checkCrd, formatCheck, pruneSchemaProps } from '../../schema/index.ts';
import { badRequest } from '../../status.ts';
import type { FieldError } from '../../schema/index.ts';
import { type JsonObject, isObject, sameJson } from '../../schema/json.ts';
import type { Resource } from '../resource.ts';
import { builtin } from './builtin.ts';
import { printer } from './columns.ts';
import { writing } from './written.ts';
import { anything, boolean, conditions, integer, listOf, object, string } from './words.ts';

/** Where the definitions are in the store. */
export const definitionBucket = 'customresourcedefinitions.apiextensions.k8s.io';

/** Holds a definition back until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

const names = writing(
  object(
    {
      plural: string,
      singular: string,
      shortNames: listOf(string),
      kind: string,
      listKind: string,
      categories: listOf(string),
    },
    [],
  ),
  { plural: '', kind: '' },
);

const version = object(
  {
    name: string,
    served: boolean,
    storage: boolean,
    deprecated: boolean,
    deprecationWarning: string,
    // A schema of schemas would be recursive; `withKnownKeywords` reads it instead.
    schema: object({ openAPIV3Schema: anything }),
    subresources: object({
      status: anything,
      scale: object({ specReplicasPath: string, statusReplicasPath: string, labelSelectorPath: string }),
    }),
    additionalPrinterColumns: listOf(
      object({ name: string, type: string, format: string, description: string, priority: integer, jsonPath: string }),
    ),
    selectableFields: listOf(object({ jsonPath: string }, ['jsonPath'])),
  },
  ['name', 'served', 'storage'],
);

/** The definition without the keywords of its schemas that are none, and their paths. Throws a 400. */
function withKnownKeywords(crd: JsonObject): { object: JsonObject; unknown: readonly string[] } {
  const spec = asObject(crd['spec']);
  const unknown: string[] = [];
  const versions = asList(spec['versions']).map((item, index) => {
    const schema = asObject(asObject(item)['schema'])['openAPIV3Schema'];
    if (!isObject(item) || !isObject(schema)) return item;
    const known = readKeywords(schema, `spec.versions[${index}].schema.openAPIV3Schema`);
    unknown.push(...known.unknown);
    return { ...item, schema: { ...asObject(item['schema']), openAPIV3Schema: known.schema } };
  });
  return { object: Array.isArray(spec['versions']) ? { ...crd, spec: { ...spec, versions } } : crd, unknown };
}

function readKeywords(schema: JsonObject, path: string): ReturnType<typeof pruneSchemaProps> {
  try {
    return pruneSchemaProps(schema, path);
  } catch (error) {
    if (error instanceof SchemaPropsError) throw badRequest(error.message, { cause: error });
    throw error;
  }
}

const numberFormats: readonly string[] = ['int32', 'int64', 'float', 'double'];

const isKnownFormat = (type: unknown, format: string): boolean =>
  (type !== 'string' && numberFormats.includes(format)) || formatCheck(format) !== undefined;

/** Formats that nobody checks. */
function formatWarnings(crd: KubeObject): readonly string[] {
  const found: string[] = [];
  const look = (schema: unknown): void => {
    if (!isObject(schema)) return;
    const { type, format } = schema;
    if (typeof format === 'string' && format !== '' && !isKnownFormat(type, format)) {
      found.push(`unrecognized format ${JSON.stringify(format)}`);
    }
    for (const inner of Object.values(asObject(schema['properties']))) look(inner);
    for (const inner of [schema['items'], schema['additionalProperties']]) look(inner);
  };
  for (const version of asList(asObject(crd['spec'])['versions'])) {
    look(asObject(asObject(version)['schema'])['openAPIV3Schema']);
  }
  return found;
}

/** Fills in the names that follow from others. */
function withNames(crd: KubeObject): KubeObject {
  const spec = asObject(crd['spec']);
  const given = asObject(spec['names']);
  const kind = stringOr(given['kind'], '');
  const complete = {
    ...given,
    singular: stringOr(given['singular'], '') || kind.toLowerCase(),
    listKind: stringOr(given['listKind'], '') || (kind === '' ? '' : `${kind}List`),
  };
  return { ...crd, spec: { ...spec, names: complete, conversion: spec['conversion'] ?? { strategy: 'None' } } };
}

function immutableErrors(next: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  if (old === undefined) return [];
  const before = asObject(old['spec']);
  const after = asObject(next['spec']);
  const fixed: readonly (readonly [string, unknown, unknown])[] = [
    ['spec.group', after['group'], before['group']],
    ['spec.scope', after['scope'], before['scope']],
    ['spec.names.plural', asObject(after['names'])['plural'], asObject(before['names'])['plural']],
    ['spec.names.kind', asObject(after['names'])['kind'], asObject(before['names'])['kind']],
  ];
  const errors: FieldError[] = fixed
    .filter(([, is, was]) => !sameJson(is, was))
    .map(([field, is]) => ({
      type: 'FieldValueInvalid',
      field,
      message: `Invalid value: ${JSON.stringify(is)}: field is immutable`,
    }));
  const offered = new Set(asList(after['versions']).map((item) => asObject(item)['name']));
  for (const [index, stored] of asStrings(asObject(old['status'])['storedVersions']).entries()) {
    if (offered.has(stored)) continue;
    const message = `Invalid value: ${JSON.stringify(stored)}: missing from spec.versions; must be removed from status.storedVersions first`;
    errors.push({ type: 'FieldValueInvalid', field: `status.storedVersions[${index}]`, message });
  }
  return errors;
}

const customResourceDefinition = builtin({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  description: 'CustomResourceDefinition represents a resource that should be exposed on the API server.',
  fields: {
    spec: writing(
      object(
        {
          group: string,
          names,
          scope: string,
          versions: listOf(version),
          conversion: object({ strategy: string, webhook: anything }, ['strategy']),
          preserveUnknownFields: boolean,
        },
        [],
      ),
      { group: '', names: {}, scope: '', versions: null },
    ),
    status: writing(
      object({
        conditions: conditions({ observedGeneration: integer }),
        acceptedNames: names,
        storedVersions: listOf(string),
        observedGeneration: integer,
      }),
      { conditions: null, acceptedNames: {}, storedVersions: null },
    ),
  },
  written: { spec: {}, status: {} },
  status: true,
  printer: printer([{ name: 'Created At', type: 'date', value: ({ metadata }) => metadata.creationTimestamp }]),
  strategy: {
    generation: true,
    unconditionalUpdate: false,
    prune: withKnownKeywords,
    warnings: formatWarnings,
    complete: withNames,
    prepareCreate: (crd) => {
      const stored = storageVersion(crd);
      return {
        ...crd,
        status: {
          conditions: [],
          acceptedNames: { plural: '', kind: '' },
          storedVersions: stored === '' ? [] : [stored],
        },
      };
    },
    prepareUpdate: (crd) => {
      const stored = storageVersion(crd);
      const status = asObject(crd['status']);
      const versions = new Set([...asStrings(status['storedVersions']), ...(stored === '' ? [] : [stored])]);
      return { ...crd, status: { ...status, storedVersions: [...versions] } };
    },
    validate: (next, old) => [...checkCrd(next, old !== undefined), ...immutableErrors(next, old)],
  },
});

const storageVersion = (crd: KubeObject): string => {
  const stored = asList(asObject(crd['spec'])['versions'])
    .map((item) => asObject(item))
    .find((item) => item['storage'] === true);
  return stringOr(stored?.['name'], '');
};

/** One condition put in place of the one of its type; the time moves only when the status does. */
export function withCondition(
  conditions: readonly unknown[],
  condition: { readonly type: string; readonly status: string; readonly reason: string; readonly message: string },
  now: Date,
): JsonObject[] {
  const others = conditions.map((item) => asObject(item)).filter(({ type }) => type !== condition.type);
  const before = conditions.map((item) => asObject(item)).find(({ type }) => type === condition.type);
  const lastTransitionTime = before?.['status'] === condition.status ? before['lastTransitionTime'] : timestamp(now);
  return [...others, { ...condition, lastTransitionTime }];
}

export const definitionResources: readonly Resource[] = [customResourceDefinition];
