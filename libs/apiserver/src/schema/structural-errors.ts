import { child, entry, forbidden, invalid, item, notSupported, required } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { get, isObject, sameJson } from './json.ts';
import type { JsonObject } from './json.ts';
import { PatternError, compilePattern } from './pattern.ts';
import { listTypeErrors } from './list-type-errors.ts';
import { objects, text } from './structural.ts';

type Level = 'root' | 'items' | 'field';

const unsupportedKeywords = [
  'id',
  '$schema',
  '$ref',
  'patternProperties',
  'dependencies',
  'additionalItems',
  'definitions',
];
const intOrString = [{ type: 'integer' }, { type: 'string' }];
const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

/**
 * Checks that a schema is structural: every field has a type outside of logic (anyOf, allOf, oneOf, not), and logic only
 * restricts values.
 * Source: k8s.io/apiextensions-apiserver pkg/apiserver/schema.
 * @param path of the schema in its CustomResourceDefinition
 */
export function structuralErrors(schema: JsonObject, path: string): FieldError[] {
  return nodeErrors(schema, path, 'root');
}

function nodeErrors(schema: JsonObject, path: string, level: Level): FieldError[] {
  const type = text(schema, 'type');
  const errors = [
    ...keywordErrors(schema, path),
    ...typeErrors(schema, path, level),
    ...extensionErrors(schema, path),
    ...metadataErrors(schema, path, level),
    ...logicErrors(schema, path, isIntOrString(get(schema, 'anyOf')), startsIntOrString(get(schema, 'allOf'))),
  ];
  const items = get(schema, 'items');
  if (type === 'array' && items === undefined) errors.push(required(child(path, 'items'), 'must be specified'));
  if (isObject(items)) errors.push(...nodeErrors(items, child(path, 'items'), 'items'));
  for (const [name, inner] of schemas(get(schema, 'properties'))) {
    errors.push(...nodeErrors(inner, entry(child(path, 'properties'), name), 'field'));
  }
  const additional = get(schema, 'additionalProperties');
  if (additional !== undefined) {
    const at = child(path, 'additionalProperties');
    if (level === 'root') errors.push(forbidden(at, 'must not be used at the root'));
    if (additional !== true && schemas(get(schema, 'properties')).length > 0) {
      errors.push(forbidden(at, 'additionalProperties and properties are mutual exclusive'));
    }
    if (isObject(additional)) errors.push(...nodeErrors(additional, at, 'field'));
  }
  return errors;
}

function keywordErrors(schema: JsonObject, path: string): FieldError[] {
  const errors = unsupportedKeywords
    .filter((keyword) => get(schema, keyword) !== undefined)
    .map((keyword) => forbidden(child(path, keyword), `${keyword} is not supported`));
  if (get(schema, 'uniqueItems') === true) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbidden(child(path, 'uniqueItems'), detail));
  }
  if (Array.isArray(get(schema, 'items'))) {
    errors.push(forbidden(child(path, 'items'), 'items must be a schema object and not an array'));
  }
  return errors;
}

function typeErrors(schema: JsonObject, path: string, level: Level): FieldError[] {
  const type = text(schema, 'type');
  const at = child(path, 'type');
  const anything = flag(schema, 'int-or-string') || flag(schema, 'preserve-unknown-fields');
  if (flag(schema, 'embedded-resource') && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    return [type === '' ? required(at, detail) : invalid(at, type, detail)];
  }
  if (type === '') {
    if (anything || get(schema, '$ref') !== undefined) return [];
    const where = { root: 'at the root', items: 'for specified array items', field: 'for specified object fields' };
    return [required(at, `must not be empty ${where[level]}`)];
  }
  if (type === 'null') {
    const detail = 'type cannot be set to null, use nullable as an alternative';
    return [notSupported(at, type, types), forbidden(at, detail)];
  }
  if (!types.includes(type)) return [notSupported(at, type, types)];
  return level === 'root' && type !== 'object' ? [invalid(at, type, 'must be object at the root')] : [];
}

function extensionErrors(schema: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const at = (name: string): string => child(path, `x-kubernetes-${name}`);
  if (get(schema, 'x-kubernetes-preserve-unknown-fields') === false) {
    errors.push(invalid(at('preserve-unknown-fields'), false, 'must be true or undefined'));
  }
  if (flag(schema, 'int-or-string')) {
    const detail = 'must be false if x-kubernetes-int-or-string is true';
    if (flag(schema, 'preserve-unknown-fields')) errors.push(invalid(at('preserve-unknown-fields'), true, detail));
    if (flag(schema, 'embedded-resource')) errors.push(invalid(at('embedded-resource'), true, detail));
  }
  if (flag(schema, 'embedded-resource')) {
    if (get(schema, 'additionalProperties') !== undefined) {
      const detail = 'must not be used if x-kubernetes-embedded-resource is set';
      errors.push(forbidden(child(path, 'additionalProperties'), detail));
    }
    if (!flag(schema, 'preserve-unknown-fields') && schemas(get(schema, 'properties')).length === 0) {
      const detail =
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
      errors.push(required(child(path, 'properties'), detail));
    }
  }
  return [...errors, ...listTypeErrors(schema, path), ...ruleErrors(schema, path)];
}

function ruleErrors(schema: JsonObject, path: string): FieldError[] {
  return objects(get(schema, 'x-kubernetes-validations')).flatMap((rule, index) => {
    const at = (name: string): string => child(item(child(path, 'x-kubernetes-validations'), index), name);
    const errors: FieldError[] = [];
    const message = get(rule, 'message');
    const reason = get(rule, 'reason');
    if (text(rule, 'rule').trim() === '') errors.push(required(at('rule'), 'rule is not specified'));
    if (typeof message === 'string' && message !== '') {
      if (message.trim() === '') errors.push(invalid(at('message'), message, 'must be non-empty if specified'));
      if (/[\n\r]/.test(message.trim())) errors.push(invalid(at('message'), message, 'must not contain line breaks'));
    } else if (/[\n\r]/.test(text(rule, 'rule').trim())) {
      errors.push(required(at('message'), 'message must be specified if rule contains line breaks'));
    }
    if (reason !== undefined && !(typeof reason === 'string' && reasons.includes(reason))) {
      errors.push(notSupported(at('reason'), reason, reasons));
    }
    return errors;
  });
}

function metadataErrors(schema: JsonObject, path: string, level: Level): FieldError[] {
  if (level !== 'root' && !flag(schema, 'embedded-resource')) return [];
  const properties = new Map(schemas(get(schema, 'properties')));
  const at = (name: string): string => entry(child(path, 'properties'), name);
  const errors: FieldError[] = [];
  for (const [name, type] of [
    ['kind', 'string'],
    ['apiVersion', 'string'],
    ['metadata', 'object'],
  ] as const) {
    const found = properties.get(name);
    if (found !== undefined && text(found, 'type') !== type) {
      errors.push(invalid(child(at(name), 'type'), text(found, 'type'), `must be ${type}`));
    }
  }
  const metadata = properties.get('metadata');
  if (level === 'root' && metadata !== undefined) {
    const names = schemas(get(metadata, 'properties')).map(([name]) => name);
    const others = Object.keys(metadata).filter((key) => !['type', 'properties', 'description'].includes(key));
    if (others.length > 0 || names.some((name) => name !== 'name' && name !== 'generateName')) {
      const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
      errors.push(forbidden(at('metadata'), detail));
    }
  }
  return errors;
}

function logicErrors(schema: JsonObject, path: string, skipAnyOf: boolean, skipFirstAllOf: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const branches = (keyword: string): JsonObject[] => {
    const list = get(schema, keyword);
    return Array.isArray(list) ? list.filter((branch) => isObject(branch)) : [];
  };
  if (!skipAnyOf) {
    for (const [index, branch] of branches('anyOf').entries()) {
      errors.push(...nestedErrors(branch, item(child(path, 'anyOf'), index), false));
    }
  }
  for (const [index, branch] of branches('allOf').entries()) {
    errors.push(...nestedErrors(branch, item(child(path, 'allOf'), index), skipFirstAllOf && index === 0));
  }
  for (const [index, branch] of branches('oneOf').entries()) {
    errors.push(...nestedErrors(branch, item(child(path, 'oneOf'), index), false));
  }
  const not = get(schema, 'not');
  if (isObject(not)) errors.push(...nestedErrors(not, child(path, 'not'), false));
  const pattern = text(schema, 'pattern');
  if (pattern !== '') {
    try {
      compilePattern(pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      const detail = `must be a valid regular expression, but isn't: ${error.message}`;
      errors.push(invalid(child(path, 'pattern'), pattern, detail));
    }
  }
  return errors;
}

const forbiddenInLogic: readonly (readonly [keyword: string, state: string])[] = [
  ['type', 'empty'],
  ['title', 'empty'],
  ['description', 'empty'],
  ['default', 'undefined'],
  ['additionalProperties', 'undefined'],
  ['nullable', 'false'],
  ['x-kubernetes-preserve-unknown-fields', 'false'],
  ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'],
  ['x-kubernetes-list-map-keys', 'empty'],
  ['x-kubernetes-list-type', 'undefined'],
  ['x-kubernetes-map-type', 'undefined'],
  ['x-kubernetes-validations', 'empty'],
];

function nestedErrors(schema: JsonObject, path: string, skipAnyOf: boolean): FieldError[] {
  const errors = [...keywordErrors(schema, path), ...logicErrors(schema, path, skipAnyOf, false)];
  for (const [keyword, state] of forbiddenInLogic) {
    const value = get(schema, keyword);
    if (value === undefined || value === false || value === '') continue;
    errors.push(forbidden(child(path, keyword), `must be ${state} to be structural`));
  }
  const items = get(schema, 'items');
  if (isObject(items)) errors.push(...nestedErrors(items, child(path, 'items'), false));
  for (const [name, inner] of schemas(get(schema, 'properties'))) {
    const at = entry(child(path, 'properties'), name);
    errors.push(...nestedErrors(inner, at, false));
    if (name === 'metadata') errors.push(forbidden(at, 'must not be specified in a nested context'));
  }
  return errors;
}

function flag(schema: JsonObject, name: string): boolean {
  return get(schema, `x-kubernetes-${name}`) === true;
}

function schemas(properties: unknown): [string, JsonObject][] {
  return isObject(properties)
    ? Object.entries(properties).filter((pair): pair is [string, JsonObject] => isObject(pair[1]))
    : [];
}

function isIntOrString(anyOf: unknown): boolean {
  return sameJson(anyOf, intOrString);
}

function startsIntOrString(allOf: unknown): boolean {
  const [first] = Array.isArray(allOf) ? allOf : [];
  return isObject(first) && isIntOrString(get(first, 'anyOf'));
}
