import { type ObjectMeta, type StringMap, asList, asObject } from '../object.ts';
import type { FieldError } from '../schema/index.ts';
import { type JsonObject, isObject, sameJson, withFields, withItems } from '../schema/json.ts';
import { badRequest } from '../status.ts';
import { nameProblems } from '../names.ts';
import type { Resource } from './resource.ts';
import { normalTime } from './typed.ts';

const maxAnnotationBytes = 256 * 1024;

type Shape = 'string' | 'number' | 'strings' | 'stringMap' | 'objects' | 'time';

/** All fields of ObjectMeta; a typed decoder knows no others. */
const fields: Readonly<Record<string, Shape>> = {
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  selfLink: 'string',
  uid: 'string',
  resourceVersion: 'string',
  generation: 'number',
  creationTimestamp: 'time',
  deletionTimestamp: 'time',
  deletionGracePeriodSeconds: 'number',
  labels: 'stringMap',
  annotations: 'stringMap',
  finalizers: 'strings',
  ownerReferences: 'objects',
  managedFields: 'objects',
};

const ownerFields = ['apiVersion', 'kind', 'name', 'uid', 'controller', 'blockOwnerDeletion'];

const fits = (value: unknown, shape: Shape): boolean => {
  switch (shape) {
    case 'string':
      return typeof value === 'string';
    case 'number':
      return Number.isInteger(value);
    case 'time':
      return typeof value === 'string' && (value === '' || !Number.isNaN(Date.parse(value)));
    case 'strings':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'objects':
      return Array.isArray(value) && value.every(isObject);
    case 'stringMap':
      return isObject(value) && Object.values(value).every((item) => item === null || typeof item === 'string');
  }
};

/**
 * Metadata as sent, reduced to what ObjectMeta has; nulls and empty lists and maps count as absent.
 * Throws a 400 where a field has the wrong type, as Go's decoder does.
 */
export function decodeMetadata(value: unknown, prefix = ''): { metadata: Partial<ObjectMeta>; unknown: string[] } {
  if (value === undefined || value === null) return { metadata: {}, unknown: [] };
  if (!isObject(value))
    throw badRequest(`json: cannot unmarshal ${goType(value)} into Go struct field .metadata of type v1.ObjectMeta`);
  const metadata: JsonObject = {};
  const unknown: string[] = [];
  for (const [key, field] of Object.entries(value)) {
    const shape = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (shape === undefined) {
      unknown.push(`${prefix}metadata.${key}`);
    } else if (field !== null) {
      if (!fits(field, shape)) {
        throw badRequest(
          `json: cannot unmarshal ${goType(field)} into Go struct field ObjectMeta.metadata.${key}: a ${shape} is expected`,
        );
      }
      if (!isEmpty(field)) metadata[key] = normalField(key, field, unknown, prefix);
    }
  }
  return { metadata, unknown };
}

function normalField(key: string, field: unknown, unknown: string[], prefix: string): unknown {
  if (fields[key] === 'time') return normalTime(field);
  if (key === 'managedFields') {
    return withItems(asList(field), (item) => {
      const entry = asObject(item);
      const time = normalTime(entry['time']);
      // What was made of an entry is known by the entry.
      return time === entry['time'] ? entry : { ...entry, time };
    });
  }
  // A map of strings holds the zero value where null was written.
  if (fields[key] === 'stringMap') {
    return withFields(asObject(field), (value) => value ?? '');
  }
  return key === 'ownerReferences' ? owners(field, unknown, prefix) : field;
}

function owners(value: unknown, unknown: string[], prefix: string): JsonObject[] {
  return asList(value).map((reference, index) => {
    const entries = Object.entries(asObject(reference));
    for (const [key] of entries) {
      if (!ownerFields.includes(key)) unknown.push(`${prefix}metadata.ownerReferences[${index}].${key}`);
    }
    return Object.fromEntries(entries.filter(([key]) => ownerFields.includes(key)));
  });
}

const isEmpty = (value: unknown): boolean =>
  value === '' || (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0);

const goType = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;

const invalidValue = (field: string, value: unknown, why: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
});

const required = (field: string, why: string): FieldError => ({
  type: 'FieldValueRequired',
  field,
  message: `Required value: ${why}`,
});

/** What is wrong with the metadata of an object that is to be stored. What it shares with the live one was looked at before. */
export function metadataErrors(metadata: ObjectMeta, resource: Resource, live?: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  if (metadata.name === '') errors.push(required('metadata.name', 'name or generateName is required'));
  else if (metadata.name !== live?.name)
    for (const why of nameProblems(resource.strategy.names, metadata.name))
      errors.push(invalidValue('metadata.name', metadata.name, why));
  errors.push(
    ...(metadata.labels === live?.labels && metadata.annotations === live?.annotations ? [] : mapErrors(metadata)),
    ...finalizerErrors(metadata, resource.group === '' && !resource.custom),
    ...ownerErrors(metadata),
  );
  return errors;
}

function mapErrors({ labels = {}, annotations = {} }: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels)) {
    for (const why of nameProblems('qualified', key)) errors.push(invalidValue('metadata.labels', key, why));
    for (const why of nameProblems('labelValue', value)) errors.push(invalidValue('metadata.labels', value, why));
  }
  for (const key of Object.keys(annotations)) {
    for (const why of nameProblems('qualified', key.toLowerCase()))
      errors.push(invalidValue('metadata.annotations', key, why));
  }
  if (sizeOf(annotations) > maxAnnotationBytes) {
    errors.push({
      type: 'FieldValueTooLong',
      field: 'metadata.annotations',
      message: `Too long: may not be more than ${maxAnnotationBytes} bytes`,
    });
  }
  return errors;
}

const sizeOf = (map: StringMap): number =>
  Object.entries(map).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);

/** What the core group knows without a domain of its own. */
const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

function finalizerErrors({ finalizers = [] }: ObjectMeta, isCore: boolean): FieldError[] {
  const errors = finalizers.flatMap((finalizer, index) => [
    ...nameProblems('qualified', finalizer).map((why) => invalidValue('metadata.finalizers', finalizer, why)),
    ...(!isCore || finalizer.includes('/') || standardFinalizers.includes(finalizer)
      ? []
      : [
          invalidValue(
            `metadata.finalizers[${index}]`,
            finalizer,
            'name is neither a standard finalizer name nor is it fully qualified',
          ),
        ]),
  ]);
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(
      invalidValue('metadata.finalizers', finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'),
    );
  }
  return errors;
}

function ownerErrors({ ownerReferences = [] }: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const reference of ownerReferences) {
    const field = 'metadata.ownerReferences';
    for (const key of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if (typeof reference[key] === 'string' && reference[key] !== '') continue;
      const why = key === 'apiVersion' ? 'version must not be empty' : 'must not be empty';
      errors.push(invalidValue(`${field}.${key}`, reference[key] ?? '', why));
    }
    if (reference.controller !== true) continue;
    const who = `${reference.kind}/${reference.name}`;
    if (controller !== undefined) {
      const why = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${who}`;
      errors.push(invalidValue(field, ownerReferences, why));
    }
    controller = who;
  }
  return errors;
}

/** What is stored though it may do harm, in the words of the warnings. */
export function metadataWarnings({ finalizers = [] }: ObjectMeta): readonly string[] {
  return finalizers
    .filter((finalizer) => !finalizer.includes('/') && !standardFinalizers.includes(finalizer))
    .map(
      (finalizer) =>
        `metadata.finalizers: ${JSON.stringify(finalizer)}: prefer a domain-qualified finalizer name to avoid accidental ` +
        'conflicts with other finalizer writers',
    );
}

/** What an update must not change. */
export function metadataUpdateErrors(next: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const) {
    if (!sameJson(next[key], old[key]))
      errors.push(invalidValue(`metadata.${key}`, next[key] ?? null, 'field is immutable'));
  }
  const added = (next.finalizers ?? []).filter((finalizer) => !(old.finalizers ?? []).includes(finalizer));
  if (old.deletionTimestamp !== undefined && added.length > 0) {
    errors.push({
      type: 'FieldValueForbidden',
      field: 'metadata.finalizers',
      message:
        'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ' +
        `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`,
    });
  }
  return errors;
}
