import { isObject, isShared, withFields, withItems } from './json.ts';
import type { JsonObject } from './json.ts';
import { objectMeta } from './object-meta.ts';
import { fieldSchema } from './structural.ts';
import type { Structural } from './structural.ts';

const typeMeta: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * The object without the fields that the schema does not know, and their paths in the order of the object. What holds none
 * of them is not copied. Below `x-kubernetes-preserve-unknown-fields` everything is kept, save what specified fields below it say.
 * @param known holds nothing unknown, and neither does a field that the object shares with it
 */
export function prune(
  object: JsonObject,
  schema: Structural,
  known: JsonObject = {},
): { object: JsonObject; unknown: string[] } {
  const pruner = new Pruner();
  const result = pruner.object(object, { ...schema, embedded: true }, '', known);
  return { object: result, unknown: pruner.unknown };
}

/** Any value without the fields that its schema does not know. */
export function pruneValue(value: unknown, schema: Structural): unknown {
  return new Pruner().value(value, schema, '');
}

class Pruner {
  readonly unknown: string[] = [];

  object(value: JsonObject, schema: Structural | undefined, path: string, known?: JsonObject): JsonObject {
    return withFields(value, (field, name) => {
      if (known !== undefined && isShared(field, name, known)) return field;
      const at = path === '' ? name : `${path}.${name}`;
      if (schema?.embedded === true && typeMeta.has(name)) {
        return name === 'metadata' ? this.value(field, objectMeta, at) : field;
      }
      const inner = fieldSchema(schema, name);
      if (inner !== undefined) return this.value(field, inner, at);
      if (schema?.preserveUnknown === true) return field;
      // `additionalProperties: true` without a schema allows the key; its value then has no schema of its own.
      if (schema?.allowsAdditional === true) return this.value(field, undefined, at);
      this.unknown.push(at);
      return undefined;
    });
  }

  value(value: unknown, schema: Structural | undefined, path: string): unknown {
    if (isObject(value)) return this.object(value, schema, path);
    if (!Array.isArray(value)) return value;
    if (schema?.preserveUnknown === true && schema.items === undefined) return value;
    // What a list preserves, its items preserve.
    const items =
      schema?.preserveUnknown === true && schema.items !== undefined
        ? { ...schema.items, preserveUnknown: true }
        : schema?.items;
    return withItems(value, (inner, index) => this.value(inner, items, `${path}[${index}]`));
  }
}
