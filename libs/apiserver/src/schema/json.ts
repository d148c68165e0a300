/** A JSON object as JSON.parse gives it. Every key is an own property, also `__proto__`. */
export type JsonObject = { [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own property, or undefined: an inherited name such as `constructor` is no field of a document. */
export function get(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets an own property. Plain assignment to `__proto__` would change the prototype instead. */
export function put(object: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

/** A deep copy that shares nothing with its input. */
export function copy<T>(value: T): T;
export function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => copy(item));
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) put(result, key, copy(value[key]));
  return result;
}

/** The object with what `change` makes of each field, without those of which it makes nothing; itself where all stay the same. */
export function withFields(object: JsonObject, change: (value: unknown, name: string) => unknown): JsonObject {
  const names = Object.keys(object);
  let result: JsonObject | undefined;
  for (const [index, name] of names.entries()) {
    const value = change(object[name], name);
    if (result === undefined) {
      if (value === object[name]) continue;
      result = {};
      for (const before of names.slice(0, index)) put(result, before, object[before]);
    }
    if (value !== undefined) put(result, name, value);
  }
  return result ?? object;
}

/** The list with what `change` makes of each item; itself where all stay the same. */
export function withItems(
  list: readonly unknown[],
  change: (item: unknown, index: number) => unknown,
): readonly unknown[] {
  const result = list.map(change);
  return result.every((item, index) => item === list[index]) ? list : result;
}

/** Whether a field is the very object or list that another object has there. */
export function isShared(value: unknown, name: string, other: JsonObject): boolean {
  return typeof value === 'object' && value !== null && value === get(other, name);
}

/** Deep equality of JSON values; the order of keys does not matter. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
}

/** Deeper documents are refused: nothing in Kubernetes nests so far, and walking them would exhaust the stack. */
export const maxDepth = 200;

/** @param known is not too deep, and neither is what the value shares with it at the same place */
export function isTooDeep(value: unknown, known?: unknown, levels: number = maxDepth): boolean {
  if (typeof value !== 'object' || value === null || value === known) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((inner) => isTooDeep(inner, undefined, levels - 1));
  const before = isObject(known) ? known : undefined;
  for (const key in value) if (isTooDeep((value as JsonObject)[key], before?.[key], levels - 1)) return true;
  return false;
}

/** JSON text with sorted keys, escaped as Go's encoder does: equal values give equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value)).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => sorted(item));
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value).toSorted()) put(result, key, sorted(value[key]));
  return result;
}
