import { type JsonObject, isObject } from './schema/json.ts';

/** The value at a path of object keys, or undefined where the path ends early. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const key of path) {
    if (!isObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}

/** A copy of `object` with the value at `path` replaced, or removed when `next` is undefined. */
export function withValueAt<T extends JsonObject>(object: T, path: readonly string[], next: unknown): T {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  const child = Object.hasOwn(object, key) ? object[key] : undefined;
  const value = rest.length === 0 ? next : withValueAt(isObject(child) ? child : {}, rest, next);
  // A removal below something that is not there leaves it absent.
  if (value === undefined || (next === undefined && child === undefined)) {
    const { [key]: _removed, ...others } = object;
    return others as T;
  }
  return { ...object, [key]: value };
}
