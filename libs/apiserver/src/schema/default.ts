import { copy, isObject, isShared, put, withFields, withItems } from './json.ts';
import type { JsonObject } from './json.ts';
import { fieldSchema } from './structural.ts';
import type { Structural } from './structural.ts';

/**
 * The object with the schema's defaults where a field is missing, also inside defaults. A null in a field that is not
 * nullable counts as missing: it takes the default, or goes. What lacks nothing is not copied.
 * @param known lacks nothing, and neither does a field that the object shares with it
 */
export function applyDefaults(object: JsonObject, schema: Structural, known: JsonObject = {}): JsonObject {
  return defaultObject(object, schema, known);
}

function defaultObject(object: JsonObject, schema: Structural, known?: JsonObject): JsonObject {
  let result = withFields(object, (value, name) => {
    if (known !== undefined && isShared(value, name, known)) return value;
    const inner = fieldSchema(schema, name);
    if (value !== null || inner === undefined || inner.nullable) return defaultValue(value, inner);
    return inner.defaultValue === undefined ? undefined : defaultValue(copy(inner.defaultValue), inner);
  });
  for (const [name, inner] of schema.properties) {
    if (inner.defaultValue === undefined || Object.hasOwn(result, name)) continue;
    if (result === object) result = { ...object };
    put(result, name, defaultValue(copy(inner.defaultValue), inner));
  }
  return result;
}

function defaultValue(value: unknown, schema: Structural | undefined): unknown {
  // Below what no schema is for, nothing has a default.
  if (schema === undefined) return value;
  if (isObject(value)) return defaultObject(value, schema);
  if (!Array.isArray(value)) return value;
  const { items } = schema;
  const fallback = items === undefined || items.nullable ? undefined : items.defaultValue;
  return withItems(value, (inner) =>
    defaultValue(inner === null && fallback !== undefined ? copy(fallback) : inner, items),
  );
}
