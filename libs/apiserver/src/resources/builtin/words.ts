import type { JsonObject } from '../../schema/json.ts';
import { writing } from './written.ts';

/** The words in which the schemas of built-in kinds are written: each gives a structural OpenAPI v3 schema. */
export const string: JsonObject = { type: 'string' };
export const integer: JsonObject = { type: 'integer' };
export const boolean: JsonObject = { type: 'boolean' };
/** Base64, as JSON carries bytes. */
export const bytes: JsonObject = { type: 'string', format: 'byte' };
/** Whole seconds. */
export const time: JsonObject = { type: 'string', format: 'date-time', nullable: true };
/** Microseconds: known by being this very object. */
export const microTime: JsonObject = { type: 'string', format: 'date-time', nullable: true };
export const intOrString: JsonObject = { 'x-kubernetes-int-or-string': true };
/** An amount such as `100m` or `1Gi`: known by being this very object. */
export const quantity: JsonObject = { 'x-kubernetes-int-or-string': true };
/** Any object: its fields are stored as they come. */
export const anything: JsonObject = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

export const object = (properties: JsonObject, required: readonly string[] = []): JsonObject => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required: [...required] }),
});

export const mapOf = (values: JsonObject): JsonObject => ({ type: 'object', additionalProperties: values });

/** A list that one manager owns as a whole. */
export const listOf = (items: JsonObject): JsonObject => ({
  type: 'array',
  items,
  'x-kubernetes-list-type': 'atomic',
});

export const setOf = (items: JsonObject): JsonObject => ({ type: 'array', items, 'x-kubernetes-list-type': 'set' });

/** A list whose items are known by key fields, so that each item can have another owner. */
export const listBy = (keys: readonly string[], items: JsonObject): JsonObject => ({
  type: 'array',
  items,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': [...keys],
});

export const withDefault = (schema: JsonObject, value: unknown): JsonObject => ({ ...schema, default: value });

export const oneOf = (...values: readonly string[]): JsonObject => ({ type: 'string', enum: [...values] });

/** A reference is owned as a whole: half a reference means nothing. */
export const atomic = (schema: JsonObject): JsonObject => ({ ...schema, 'x-kubernetes-map-type': 'atomic' });

export const objectReference = atomic(
  object({
    apiVersion: string,
    kind: string,
    namespace: string,
    name: string,
    uid: string,
    resourceVersion: string,
    fieldPath: string,
  }),
);

export const localReference = atomic(object({ name: withDefault(string, '') }));

export const labelSelector = atomic(
  object({
    matchLabels: mapOf(string),
    matchExpressions: listOf(object({ key: string, operator: string, values: listOf(string) }, ['key', 'operator'])),
  }),
);

/** `status.conditions`, in the form that each kind gives them. */
export const conditions = (extra: JsonObject = {}): JsonObject =>
  listBy(
    ['type'],
    writing(
      object({ type: string, status: string, lastTransitionTime: time, reason: string, message: string, ...extra }, [
        'type',
        'status',
      ]),
      Object.fromEntries(
        Object.entries({ lastTransitionTime: time, ...extra })
          .filter(([, schema]) => schema === time)
          .map(([name]) => [name, null]),
      ),
    ),
  );
