export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

/** The value at a path such as `metadata.uid` or `items.0.metadata.name`. */
export function at(value: JsonValue | undefined, path: string): JsonValue | undefined {
  return path.split('.').reduce<JsonValue | undefined>((parent, key) => {
    if (Array.isArray(parent)) return (parent as readonly JsonValue[])[Number(key)];
    return isObject(parent) ? parent[key] : undefined;
  }, value);
}

/** A copy in which every string is what `change` makes of it. */
export function mapStrings<T extends JsonValue>(value: T, change: (text: string) => string): T;
export function mapStrings(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => mapStrings(item, change));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [change(key), mapStrings(item ?? null, change)]));
}
