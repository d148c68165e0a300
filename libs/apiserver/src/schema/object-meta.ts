import { labelRule } from './dns-label.ts';
import { child, entry, invalid, item, required } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { get, isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { fieldSchema, readStructural } from './structural.ts';
import type { Structural } from './structural.ts';
import { compileCheck } from './value-check.ts';
import type { Check, Findings } from './value-check.ts';

const string = { type: 'string', nullable: true };
const strings = { type: 'object', nullable: true, additionalProperties: { type: 'string' } };
const integer = { type: 'integer', nullable: true };
const boolean = { type: 'boolean', nullable: true };
const time = { type: 'string', format: 'date-time', nullable: true };

const ownerReference = {
  type: 'object',
  properties: {
    apiVersion: string,
    kind: string,
    name: string,
    uid: string,
    controller: boolean,
    blockOwnerDeletion: boolean,
  },
};
const managedFieldsEntry = {
  type: 'object',
  properties: {
    manager: string,
    operation: string,
    apiVersion: string,
    time,
    fieldsType: string,
    fieldsV1: { type: 'object', nullable: true, 'x-kubernetes-preserve-unknown-fields': true },
    subresource: string,
  },
};

/** The fields that `metadata` of any object may have; everything else in it is unknown. */
const objectMetaSchema: JsonObject = {
  type: 'object',
  nullable: true,
  properties: {
    name: string,
    generateName: string,
    namespace: string,
    selfLink: string,
    uid: string,
    resourceVersion: string,
    generation: integer,
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: integer,
    labels: strings,
    annotations: strings,
    ownerReferences: { type: 'array', nullable: true, items: ownerReference },
    finalizers: { type: 'array', nullable: true, items: { type: 'string' } },
    managedFields: { type: 'array', nullable: true, items: managedFieldsEntry },
  },
};

export const objectMeta: Structural = readStructural(objectMetaSchema);
const checkObjectMeta: Check = compileCheck(objectMetaSchema);

/** Checks that the fields of a `metadata` have their types; `old` is what it replaces. */
export function metadataErrors(metadata: unknown, path: string, old?: unknown): FieldError[] {
  const found: Findings = { errors: [], visits: 0 };
  checkObjectMeta(metadata, path, old, found);
  return found.errors;
}

/** Checks type and metadata of the objects inside an object (`x-kubernetes-embedded-resource`). */
export function embeddedErrors(schema: Structural, value: unknown, path: string): FieldError[] {
  return errorsInside(schema, value, path, typeErrors);
}

/** Checks only that the metadata of the objects inside an object has its types. */
export function embeddedMetadataErrors(schema: Structural, value: unknown, path: string): FieldError[] {
  return errorsInside(schema, value, path, (inner, at) =>
    Object.hasOwn(inner, 'metadata') ? metadataErrors(inner['metadata'], child(at, 'metadata')) : [],
  );
}

function errorsInside(
  schema: Structural,
  value: unknown,
  path: string,
  errorsOf: (value: JsonObject, path: string) => FieldError[],
): FieldError[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return [];
    return value.flatMap((inner, index) => errorsInside(items, inner, item(path, index), errorsOf));
  }
  if (!isObject(value)) return [];
  return [
    ...(schema.embedded ? errorsOf(value, path) : []),
    ...Object.keys(value).flatMap((name) => {
      const inner = fieldSchema(schema, name);
      if (inner === undefined) return [];
      const at = schema.properties.has(name) ? child(path, name) : entry(path, name);
      return errorsInside(inner, value[name], at, errorsOf);
    }),
  ];
}

/** Whether `embeddedErrors` has anything to look at below the schema. */
export function hasEmbedded(schema: Structural): boolean {
  if (schema.embedded) return true;
  return [schema.items, schema.additional, ...schema.properties.values()].some(
    (inner) => inner !== undefined && hasEmbedded(inner),
  );
}

function typeErrors(value: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['apiVersion', 'kind']) {
    const at = child(path, name);
    const text = get(value, name);
    if (text === undefined) errors.push(required(at));
    else if (typeof text !== 'string') errors.push(invalid(at, text, 'must be a string'));
    else if (text === '') errors.push(invalid(at, text, 'must not be empty'));
  }
  const kind = get(value, 'kind');
  if (typeof kind === 'string' && kind !== '' && !/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/i.test(kind)) {
    errors.push(invalid(child(path, 'kind'), kind, `may have mixed case, but should otherwise match: ${labelRule}`));
  }
  const apiVersion = get(value, 'apiVersion');
  if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2) {
    errors.push(invalid(child(path, 'apiVersion'), apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  }
  const metadata = get(value, 'metadata');
  return metadata === undefined ? errors : [...errors, ...metadataErrors(metadata, child(path, 'metadata'))];
}
