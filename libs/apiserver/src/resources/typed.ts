import { quote } from '../schema/field-error.ts';
import { type JsonObject, get, isObject } from '../schema/json.ts';
import { microTimestamp, timestamp } from '../object.ts';
import { badRequest } from '../status.ts';
import { canonicalQuantity } from './builtin/quantity.ts';
import { microTime, quantity } from './builtin/words.ts';
import { unset } from './builtin/written.ts';

/**
 * An object of a built-in kind as Go's structs would carry it: nulls, empty lists and empty maps are absent, some fields are never
 * absent, times are in UTC and cut to the precision of their field. What the schema leaves open stays as it is.
 */
export function asTyped(object: JsonObject, schema: JsonObject): JsonObject {
  const properties = get(schema, 'properties');
  const values = get(schema, 'additionalProperties');
  const always = unset(schema);
  const result: [string, unknown][] = Object.entries(always);
  for (const [key, value] of Object.entries(object)) {
    const field = (isObject(properties) ? get(properties, key) : undefined) ?? values;
    if (!isObject(field)) result.push([key, value]);
    else if (value !== null && (Object.hasOwn(always, key) || !isOmitted(value, field))) {
      result.push([key, typedValue(value, field)]);
    }
    // A map of strings holds the zero value where null was written.
    else if (field === values && get(field, 'type') === 'string') result.push([key, '']);
  }
  return Object.fromEntries(result);
}

const isOmitted = (value: unknown, schema: JsonObject): boolean =>
  Array.isArray(value)
    ? value.length === 0 && get(schema, 'type') === 'array'
    : isObject(value) && isObject(get(schema, 'additionalProperties')) && Object.keys(value).length === 0;

function typedValue(value: unknown, schema: JsonObject): unknown {
  if (get(schema, 'format') === 'date-time') return normalTime(value, schema === microTime);
  if (schema === quantity) return normalQuantity(value);
  if (isObject(value)) return asTyped(value, schema);
  const items = get(schema, 'items');
  if (Array.isArray(value) && isObject(items)) return value.map((item) => typedValue(item, items));
  return value;
}

/** A quantity as the server writes it. Throws a 400 for what is none. */
function normalQuantity(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  const normal = canonicalQuantity(value);
  if (normal !== undefined) return normal;
  throw badRequest(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$': " +
      quote(String(value)),
  );
}

/** A time as the server writes it; anything else is left for validation to refuse. */
export function normalTime(value: unknown, micro = false): unknown {
  if (typeof value !== 'string') return value;
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return value;
  if (!micro) return timestamp(at);
  // Date knows milliseconds only; the digits behind them are kept from the text.
  const digits = /\.(\d+)/.exec(value)?.[1] ?? '';
  return `${microTimestamp(at).slice(0, 20)}${digits.padEnd(6, '0').slice(0, 6)}Z`;
}
