import { type JsonObject, get, isObject } from '../../schema/json.ts';

const written = new WeakMap<JsonObject, JsonObject>();

/**
 * A schema of an object some of whose fields Go writes even when nobody set them, as structs have no absent fields.
 * @param fields what it writes then; for an object, what its own schema adds is written too
 */
export function writing(schema: JsonObject, fields: JsonObject): JsonObject {
  const marked = { ...schema };
  written.set(marked, fields);
  return marked;
}

/** The object of this schema in which nothing is set. */
export function unset(schema: JsonObject): JsonObject {
  const properties = get(schema, 'properties');
  const fields = Object.entries(written.get(schema) ?? {}).map(([name, value]) => {
    const inner = isObject(properties) ? get(properties, name) : undefined;
    return [name, isObject(value) && isObject(inner) ? { ...value, ...unset(inner) } : value] as const;
  });
  return Object.fromEntries(fields);
}
