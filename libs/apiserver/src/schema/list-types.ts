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
  if (!hasUniqueLists(schema)) return undefined;
  return (value, path) => {
    const errors: FieldError[] = [];
    collect(schema, value, path, errors);
    return errors;
  };
}

function hasUniqueLists(schema: Structural): boolean {
  if (schema.listType === 'set' || schema.listType === 'map') return true;
  return [schema.items, schema.additional, ...schema.properties.values()].some(
    (inner) => inner !== undefined && hasUniqueLists(inner),
  );
}

function collect(schema: Structural, value: unknown, path: string, errors: FieldError[]): void {
  if (Array.isArray(value)) {
    if (schema.listType === 'set') collectRepeated(value, path, errors);
    if (schema.listType === 'map') collectRepeatedKeys(value, path, schema.mapKeys, errors);
    const { items } = schema;
    if (items === undefined || !holdsParts(items)) return;
    for (const [index, inner] of value.entries()) collect(items, inner, item(path, index), errors);
  } else if (isObject(value)) {
    for (const name of Object.keys(value)) {
      const inner = fieldSchema(schema, name);
      if (inner === undefined || !holdsParts(inner)) continue;
      collect(inner, value[name], schema.properties.has(name) ? child(path, name) : entry(path, name), errors);
    }
  }
}

function holdsParts({ type }: Structural): boolean {
  return type === 'object' || type === 'array' || type === '';
}

function collectRepeated(items: unknown[], path: string, errors: FieldError[]): void {
  for (const index of repeated(items.map((value) => textOf(value)))) {
    errors.push(duplicate(item(path, index), items[index]));
  }
}

function collectRepeatedKeys(items: unknown[], path: string, keys: readonly string[], errors: FieldError[]): void {
  const stray = items.findIndex((value) => value !== null && !isObject(value));
  if (stray >= 0) {
    errors.push(invalid(item(path, stray), items[stray], 'must be an object for an array of list-type map'));
    return;
  }
  const texts = items.map((value) => (isObject(value) ? keys.map((key) => textOf(get(value, key))).join() : ''));
  for (const index of repeated(texts)) {
    const found = items[index];
    errors.push(duplicate(item(path, index), isObject(found) ? keysOf(found, keys) : {}));
  }
}

function keysOf(value: JsonObject, keys: readonly string[]): JsonObject {
  const present = keys.filter((key) => Object.hasOwn(value, key));
  return Object.fromEntries(present.map((key) => [key, get(value, key)]));
}

/** Equal values have equal texts; nothing has the empty text. */
function textOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'object' ? canonical(value) : JSON.stringify(value);
}

/** The index of the second appearance of each text that appears more than once. */
function repeated(texts: readonly string[]): number[] {
  const seen = new Map<string, number>();
  const result: number[] = [];
  for (const [index, text] of texts.entries()) {
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    if (count === 2) result.push(index);
  }
  return result;
}
