import { child, duplicate, entry, invalid, item } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { canonical, get, isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { fieldSchema } from './structural.ts';
import type { Structural } from './structural.ts';

/** Finds items that a list-type set holds twice, and items of a list-type map with the same keys. */
export type ListTypeCheck = (value: unknown, path: string) => FieldError[];

/** undefined when no list below the schema has such a type. */
export function compileListTypes(schema: Structural): ListTypeCheck | undefined {
  return hasUniqueLists(schema) ? (value, path) => uniqueErrors(schema, value, path) : undefined;
}

function hasUniqueLists(schema: Structural): boolean {
  if (schema.listType === 'set' || schema.listType === 'map') return true;
  return [schema.items, schema.additional, ...schema.properties.values()].some(
    (inner) => inner !== undefined && hasUniqueLists(inner),
  );
}

function uniqueErrors(schema: Structural, value: unknown, path: string): FieldError[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return [
      ...(schema.listType === 'set' ? setErrors(value, path) : []),
      ...(schema.listType === 'map' ? mapErrors(value, path, schema.mapKeys) : []),
      ...(items === undefined ? [] : value.flatMap((inner, index) => uniqueErrors(items, inner, item(path, index)))),
    ];
  }
  if (!isObject(value)) return [];
  return Object.keys(value).flatMap((name) => {
    const inner = fieldSchema(schema, name);
    if (inner === undefined) return [];
    return uniqueErrors(inner, value[name], schema.properties.has(name) ? child(path, name) : entry(path, name));
  });
}

function setErrors(items: unknown[], path: string): FieldError[] {
  return repeated(items).map((index) => duplicate(item(path, index), items[index]));
}

function mapErrors(items: unknown[], path: string, keys: readonly string[]): FieldError[] {
  const stray = items.findIndex((value) => value !== null && !isObject(value));
  if (stray >= 0) {
    return [invalid(item(path, stray), items[stray], 'must be an object for an array of list-type map')];
  }
  const found = items.map((value) => (isObject(value) ? keysOf(value, keys) : {}));
  return repeated(found).map((index) => duplicate(item(path, index), found[index]));
}

function keysOf(value: JsonObject, keys: readonly string[]): JsonObject {
  const present = keys.filter((key) => Object.hasOwn(value, key));
  return Object.fromEntries(present.map((key) => [key, get(value, key)]));
}

/** The index of the second appearance of each value that appears more than once. */
function repeated(values: unknown[]): number[] {
  const seen = new Map<string, number>();
  return [...values.keys()].filter((index) => {
    const text = canonical(values[index]);
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    return count === 2;
  });
}
