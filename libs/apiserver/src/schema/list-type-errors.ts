import { child, entry, forbidden, invalid, notSupported, required } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { get, isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { text, texts } from './structural.ts';

/** Checks that `x-kubernetes-list-type`, `-list-map-keys` and `-map-type` fit the schema that carries them. */
export function listTypeErrors(schema: JsonObject, path: string): FieldError[] {
  const listType = get(schema, 'x-kubernetes-list-type');
  const mapType = get(schema, 'x-kubernetes-map-type');
  const keys = get(schema, 'x-kubernetes-list-map-keys');
  const errors: FieldError[] = [];
  if (mapType !== undefined) {
    errors.push(...typeErrors(schema, path, 'object', 'x-kubernetes-map-type'));
    if (mapType !== 'atomic' && mapType !== 'granular') {
      errors.push(notSupported(child(path, 'x-kubernetes-map-type'), mapType, ['atomic', 'granular']));
    }
  }
  if (listType !== undefined) {
    errors.push(...typeErrors(schema, path, 'array', 'x-kubernetes-list-type'));
    if (listType !== 'atomic' && listType !== 'set' && listType !== 'map') {
      errors.push(notSupported(child(path, 'x-kubernetes-list-type'), listType, ['atomic', 'set', 'map']));
    }
  }
  if (keys !== undefined && listType !== 'map') {
    const at = child(path, 'x-kubernetes-list-type');
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(listType === undefined ? required(at, detail) : invalid(at, listType, detail));
  }
  if (listType !== 'set' && listType !== 'map') return errors;
  const items = get(schema, 'items');
  const inner = isObject(items) ? items : {};
  if (get(inner, 'nullable') === true) {
    const at = child(child(path, 'items'), 'nullable');
    errors.push(forbidden(at, `cannot be nullable when x-kubernetes-list-type is ${listType}`));
  }
  const own = listType === 'set' ? setErrors(inner, child(path, 'items')) : mapErrors(schema, inner, path);
  return [...errors, ...own];
}

function typeErrors(schema: JsonObject, path: string, type: string, extension: string): FieldError[] {
  const actual = text(schema, 'type');
  const at = child(path, 'type');
  const detail = `must be ${type} if ${extension} is specified`;
  if (actual === type) return [];
  return [actual === '' ? required(at, detail) : invalid(at, actual, detail)];
}

/** Items of a set are compared as a whole, so they must also be owned as a whole. */
function setErrors(items: JsonObject, path: string): FieldError[] {
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = get(items, 'x-kubernetes-list-type') ?? 'atomic';
  const mapType = get(items, 'x-kubernetes-map-type');
  if (text(items, 'type') === 'array' && listType !== 'atomic') {
    return [invalid(child(path, 'x-kubernetes-list-type'), listType, detail)];
  }
  if (text(items, 'type') === 'object' && mapType !== 'atomic') {
    return [invalid(child(path, 'x-kubernetes-map-type'), mapType, detail)];
  }
  return [];
}

function mapErrors(schema: JsonObject, items: JsonObject, path: string): FieldError[] {
  const keysAt = child(path, 'x-kubernetes-list-map-keys');
  const itemsAt = child(path, 'items');
  const keys = texts(get(schema, 'x-kubernetes-list-map-keys'));
  if (keys.length === 0) return [required(keysAt, 'must not be empty if x-kubernetes-list-type is map')];
  if (!isObject(get(schema, 'items'))) {
    return [required(itemsAt, 'must have a schema if x-kubernetes-list-type is map')];
  }
  const itemType = text(items, 'type');
  if (itemType !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    return [invalid(child(itemsAt, 'type'), itemType, detail)];
  }
  const repeated = new Set(keys).size < keys.length;
  return [
    ...(repeated ? [invalid(keysAt, keys, 'must not contain duplicate entries')] : []),
    ...keys.flatMap((key) => keyErrors(key, keys, items, path)),
  ];
}

function keyErrors(key: string, keys: readonly string[], items: JsonObject, path: string): FieldError[] {
  const properties = get(items, 'properties');
  const property = isObject(properties) ? get(properties, key) : undefined;
  if (!isObject(property)) {
    const at = child(path, 'x-kubernetes-list-map-keys');
    return [invalid(at, keys, 'entries must all be names of item properties')];
  }
  const at = entry(child(child(path, 'items'), 'properties'), key);
  const errors: FieldError[] = [];
  if (['object', 'array'].includes(text(property, 'type'))) {
    const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
    errors.push(invalid(child(at, 'type'), text(property, 'type'), detail));
  }
  const inKeys = 'this property is in x-kubernetes-list-map-keys, so it';
  if (!texts(get(items, 'required')).includes(key) && get(property, 'default') === undefined) {
    errors.push(required(child(at, 'default'), `${inKeys} must have a default or be a required property`));
  }
  if (get(property, 'nullable') === true) {
    errors.push(forbidden(child(at, 'nullable'), `${inKeys} cannot be nullable`));
  }
  return errors;
}
