import { isObject, put, copy } from './json.ts';
import type { JsonObject } from './json.ts';
import { objectMeta } from './object-meta.ts';
import type { Structural } from './structural.ts';

const typeMeta: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * A copy of the object without the fields that the schema does not know, and their paths in the order of the object.
 * Below `x-kubernetes-preserve-unknown-fields` everything is kept, save what specified fields below it say.
 */
export function prune(object: JsonObject, schema: Structural): { object: JsonObject; unknown: string[] } {
  const pruner = new Pruner();
  const result = pruner.object(object, { ...schema, embedded: true }, '');
  return { object: result, unknown: pruner.unknown };
}

/** A copy of any value without the fields that its schema does not know. */
export function pruneValue(value: unknown, schema: Structural): unknown {
  return new Pruner().value(value, schema, '');
}

class Pruner {
  readonly unknown: string[] = [];

  object(value: JsonObject, schema: Structural | undefined, path: string): JsonObject {
    const result: JsonObject = {};
    for (const name of Object.keys(value)) {
      const at = path === '' ? name : `${path}.${name}`;
      if (schema?.embedded === true && typeMeta.has(name)) {
        put(result, name, name === 'metadata' ? this.value(value[name], objectMeta, at) : copy(value[name]));
        continue;
      }
      const inner = schema?.properties.get(name) ?? schema?.additional;
      if (inner !== undefined) put(result, name, this.value(value[name], inner, at));
      else if (schema?.preserveUnknown === true) put(result, name, copy(value[name]));
      // `additionalProperties: true` without a schema allows the key; its value then has no schema of its own.
      else if (schema?.allowsAdditional === true) put(result, name, this.value(value[name], undefined, at));
      else this.unknown.push(at);
    }
    return result;
  }

  value(value: unknown, schema: Structural | undefined, path: string): unknown {
    if (isObject(value)) return this.object(value, schema, path);
    if (!Array.isArray(value)) return value;
    if (schema?.preserveUnknown === true && schema.items === undefined) return copy(value);
    // What a list preserves, its items preserve.
    const items =
      schema?.preserveUnknown === true && schema.items !== undefined
        ? { ...schema.items, preserveUnknown: true }
        : schema?.items;
    return value.map((inner, index) => this.value(inner, items, `${path}[${index}]`));
  }
}
