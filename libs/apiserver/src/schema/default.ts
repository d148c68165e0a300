import { copy, isObject, put } from './json.ts';
import type { JsonObject } from './json.ts';
import { fieldSchema } from './structural.ts';
import type { Structural } from './structural.ts';

/**
 * A copy of the object with the schema's defaults where a field is missing, also inside defaults. A null in a field that
 * is not nullable counts as missing: it takes the default, or goes.
 */
export function applyDefaults(object: JsonObject, schema: Structural): JsonObject {
  return defaultObject(object, schema);
}

function defaultObject(object: JsonObject, schema: Structural | undefined): JsonObject {
  const result: JsonObject = {};
  for (const name of Object.keys(object)) {
    const inner = fieldSchema(schema, name);
    const value = object[name];
    if (value !== null || inner === undefined || inner.nullable) put(result, name, defaultValue(value, inner));
    else if (inner.defaultValue !== undefined) put(result, name, defaultValue(copy(inner.defaultValue), inner));
  }
  for (const [name, inner] of schema?.properties ?? []) {
    if (inner.defaultValue === undefined || Object.hasOwn(result, name)) continue;
    put(result, name, defaultValue(copy(inner.defaultValue), inner));
  }
  return result;
}

function defaultValue(value: unknown, schema: Structural | undefined): unknown {
  if (isObject(value)) return defaultObject(value, schema);
  if (!Array.isArray(value)) return value;
  const items = schema?.items;
  const fallback = items === undefined || items.nullable ? undefined : items.defaultValue;
  return value.map((inner) => defaultValue(inner === null && fallback !== undefined ? copy(fallback) : inner, items));
}
