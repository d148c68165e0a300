import { child, invalid, item, noField, notSupported, quote, required, tooMany, typeInvalid } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { get, isObject, sameJson } from './json.ts';
import type { JsonObject } from './json.ts';
import { numberCheck } from './number-check.ts';
import { stringCheck } from './string-check.ts';
import { objects, text, texts } from './structural.ts';

/** What a check found; `visits` counts schema nodes, to tell which branch of an anyOf came closest. */
export interface Findings {
  errors: FieldError[];
  visits: number;
}

/**
 * Checks a value at a path. `old` is the value that this one replaces, when the two can be told to be the same field:
 * then errors in an unchanged value are dropped, so that a stricter schema does not lock existing objects.
 */
export type Check = (value: unknown, path: string, old: unknown, found: Findings) => void;

/**
 * Compiles what a schema says of values: types, bounds, formats, enums, required fields and logic.
 * Words and order of checks are those of kube-openapi's validator.
 */
export function compileCheck(schema: JsonObject): Check {
  const type = typeCheck(schema);
  const enumeration = enumCheck(schema);
  const checks = [
    logicCheck(schema),
    stringCheck(schema),
    numberCheck(schema),
    listCheck(schema),
    enumeration,
    objectCheck(schema),
  ].filter((check) => check !== undefined);
  return (value, path, old, found) => {
    found.visits++;
    if (value === old && typeof value === 'object' && value !== null) return;
    const before = found.errors.length;
    type?.(value, path, old, found);
    if (value === null) enumeration?.(value, path, old, found);
    else for (const check of checks) check(value, path, old, found);
    if (found.errors.length > before && old !== undefined && sameJson(value, old)) found.errors.length = before;
  };
}

/** The JSON type of a value, as schemas name it. */
export function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function typeCheck(schema: JsonObject): Check | undefined {
  const declared = text(schema, 'type');
  const types =
    get(schema, 'x-kubernetes-int-or-string') === true ? ['integer', 'string'] : declared === '' ? [] : [declared];
  if (types.length === 0) return undefined;
  const nullable = get(schema, 'nullable') === true;
  return (value, path, _old, found) => {
    const actual = typeOf(value);
    if (types.includes(actual) || (actual === 'null' && nullable)) return;
    if (actual === 'integer' && types.includes('number')) return;
    const detail = `${path} in body must be of type ${types.join(',')}: ${quote(actual)}`;
    found.errors.push(typeInvalid(path || noField, actual, detail));
  };
}

function enumCheck(schema: JsonObject): Check | undefined {
  const values = get(schema, 'enum');
  if (!Array.isArray(values) || values.length === 0) return undefined;
  const supported = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return (value, path, _old, found) => {
    if (value !== null && values.some((allowed) => sameJson(allowed, value))) return;
    found.errors.push(notSupported(path || noField, value, supported));
  };
}

function listCheck(schema: JsonObject): Check | undefined {
  const itemSchema = get(schema, 'items');
  const itemCheck = isObject(itemSchema) ? compileCheck(itemSchema) : undefined;
  const min = get(schema, 'minItems');
  const max = get(schema, 'maxItems');
  const keys = get(schema, 'x-kubernetes-list-type') === 'map' ? texts(get(schema, 'x-kubernetes-list-map-keys')) : [];
  if (itemCheck === undefined && min === undefined && max === undefined) return undefined;
  return (value, path, old, found) => {
    if (!Array.isArray(value)) return;
    if (itemCheck !== undefined) {
      const before = oldItems(old, keys);
      for (const [index, entry] of value.entries()) {
        itemCheck(entry, item(path, index), before?.get(keyOf(entry, keys)), found);
      }
    }
    if (typeof min === 'number' && value.length < min) {
      found.errors.push(invalid(path, value.length, `${path} in body should have at least ${min} items`));
    }
    if (typeof max === 'number' && value.length > max) found.errors.push(tooMany(path, value.length, max));
  };
}

/** The items of an old list by their keys. Only items of list-type map are the same item when they moved. */
export function oldItems(old: unknown, keys: readonly string[]): Map<string, unknown> | undefined {
  if (keys.length === 0 || !Array.isArray(old)) return undefined;
  return new Map(old.toReversed().map((entry) => [keyOf(entry, keys), entry]));
}

/** What tells an item of a list-type map from the others. */
export function keyOf(entry: unknown, keys: readonly string[]): string {
  return isObject(entry) ? JSON.stringify(keys.map((key) => get(entry, key) ?? null)) : '';
}

function objectCheck(schema: JsonObject): Check | undefined {
  const propertySchemas = get(schema, 'properties');
  const properties = new Map<string, Check>();
  for (const [name, inner] of Object.entries(isObject(propertySchemas) ? propertySchemas : {})) {
    if (isObject(inner)) properties.set(name, compileCheck(inner));
  }
  const additionalSchema = get(schema, 'additionalProperties');
  const additional = isObject(additionalSchema) ? compileCheck(additionalSchema) : undefined;
  const necessary = texts(get(schema, 'required'));
  const min = get(schema, 'minProperties');
  const max = get(schema, 'maxProperties');
  if (
    properties.size === 0 &&
    additional === undefined &&
    necessary.length === 0 &&
    min === undefined &&
    max === undefined
  ) {
    return undefined;
  }
  return (value, path, old, found) => {
    if (!isObject(value)) return;
    const names = Object.keys(value);
    if (typeof min === 'number' && names.length < min) {
      found.errors.push(
        invalid(path || noField, names.length, `${path} in body should have at least ${min} properties`),
      );
    }
    if (typeof max === 'number' && names.length > max) found.errors.push(tooMany(path || noField, names.length, max));
    const before = isObject(old) ? old : undefined;
    for (const name of names) {
      const check = properties.get(name) ?? additional;
      check?.(value[name], child(path, name), before === undefined ? undefined : get(before, name), found);
    }
    for (const name of necessary) {
      if (!Object.hasOwn(value, name)) found.errors.push(required(child(path, name)));
    }
  };
}

function logicCheck(schema: JsonObject): Check | undefined {
  const branches = (keyword: string): Check[] => objects(get(schema, keyword)).map((branch) => compileCheck(branch));
  const anyOf = branches('anyOf');
  const oneOf = branches('oneOf');
  const allOf = branches('allOf');
  const notSchema = get(schema, 'not');
  const not = isObject(notSchema) ? compileCheck(notSchema) : undefined;
  if (anyOf.length + oneOf.length + allOf.length === 0 && not === undefined) return undefined;

  return (value, path, old, found) => {
    const outcome = (check: Check): Findings => {
      const inner: Findings = { errors: [], visits: 0 };
      check(value, path, old, inner);
      return inner;
    };
    const add = (detail: string, errors: readonly FieldError[]): void => {
      found.errors.push(invalid(noField, '', `${quote(path)} ${detail}`), ...errors);
    };
    if (anyOf.length > 0) {
      const failures: Findings[] = [];
      const valid = anyOf.some((check) => {
        const result = outcome(check);
        failures.push(result);
        return result.errors.length === 0;
      });
      if (!valid) add('must validate at least one schema (anyOf)', closest(failures));
    }
    if (oneOf.length > 0) {
      const results = oneOf.map((check) => outcome(check));
      const valid = results.filter(({ errors }) => errors.length === 0).length;
      if (valid === 0) add('must validate one and only one schema (oneOf). Found none valid', closest(results));
      if (valid > 1) add(`must validate one and only one schema (oneOf). Found ${valid} valid alternatives`, []);
    }
    if (allOf.length > 0) {
      const results = allOf.map((check) => outcome(check));
      const valid = results.filter(({ errors }) => errors.length === 0).length;
      const errors = results.flatMap((result) => result.errors);
      if (valid < allOf.length)
        add(`must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`, errors);
    }
    if (not !== undefined && outcome(not).errors.length === 0) add('must not validate the schema (not)', []);
  };
}

/** The errors of the branch that got furthest. */
function closest(failures: readonly Findings[]): readonly FieldError[] {
  const [first, ...others] = failures;
  if (first === undefined) return [];
  return others.reduce((best, next) => (next.visits > best.visits ? next : best), first).errors;
}
