import { child, item } from './field-error.ts';
import { copy, isObject, put } from './json.ts';
import type { JsonObject } from './json.ts';

type Plain = 'any' | 'boolean' | 'integer' | 'list' | 'number' | 'object' | 'string' | 'strings';
type Shape = Plain | 'rules' | 'schema' | 'schemaMap' | 'schemaOrBoolean' | 'schemaOrList' | 'schemas';

/** The fields of a JSONSchemaProps. Source: k8s.io/apiextensions-apiserver pkg/apis/apiextensions/v1. */
const keywords: Readonly<Record<string, Shape>> = {
  id: 'string',
  $schema: 'string',
  $ref: 'string',
  description: 'string',
  type: 'string',
  format: 'string',
  title: 'string',
  default: 'any',
  maximum: 'number',
  exclusiveMaximum: 'boolean',
  minimum: 'number',
  exclusiveMinimum: 'boolean',
  maxLength: 'integer',
  minLength: 'integer',
  pattern: 'string',
  maxItems: 'integer',
  minItems: 'integer',
  uniqueItems: 'boolean',
  multipleOf: 'number',
  enum: 'list',
  maxProperties: 'integer',
  minProperties: 'integer',
  required: 'strings',
  items: 'schemaOrList',
  allOf: 'schemas',
  oneOf: 'schemas',
  anyOf: 'schemas',
  not: 'schema',
  properties: 'schemaMap',
  additionalProperties: 'schemaOrBoolean',
  patternProperties: 'schemaMap',
  dependencies: 'object',
  additionalItems: 'schemaOrBoolean',
  definitions: 'schemaMap',
  externalDocs: 'object',
  example: 'any',
  nullable: 'boolean',
  'x-kubernetes-preserve-unknown-fields': 'boolean',
  'x-kubernetes-embedded-resource': 'boolean',
  'x-kubernetes-int-or-string': 'boolean',
  'x-kubernetes-list-map-keys': 'strings',
  'x-kubernetes-list-type': 'string',
  'x-kubernetes-map-type': 'string',
  'x-kubernetes-validations': 'rules',
};

const ruleFields: Readonly<Record<string, Shape>> = {
  rule: 'string',
  message: 'string',
  messageExpression: 'string',
  reason: 'string',
  fieldPath: 'string',
  optionalOldSelf: 'boolean',
};

/** A schema that cannot be read as one, such as `minLength: "x"`. */
export class SchemaPropsError extends Error {
  override readonly name = 'SchemaPropsError';
}

/**
 * An `openAPIV3Schema` without the keywords that are none, and their paths.
 * @throws SchemaPropsError where a keyword has a value of another type
 */
export function pruneSchemaProps(schema: JsonObject, path: string): { schema: JsonObject; unknown: string[] } {
  const unknown: string[] = [];
  return { schema: fieldsOf(schema, path, keywords, unknown), unknown };
}

function fieldsOf(
  object: JsonObject,
  path: string,
  known: Readonly<Record<string, Shape>>,
  unknown: string[],
): JsonObject {
  const result: JsonObject = {};
  for (const name of Object.keys(object)) {
    const shape = Object.hasOwn(known, name) ? known[name] : undefined;
    const at = child(path, name);
    const value = object[name];
    if (shape === undefined) unknown.push(at);
    else if (value === null && shape !== 'any') continue;
    else put(result, name, valueOf(value, at, shape, unknown));
  }
  return result;
}

function valueOf(value: unknown, path: string, shape: Shape, unknown: string[]): unknown {
  switch (shape) {
    case 'schemaOrList':
      return valueOf(value, path, Array.isArray(value) ? 'schemas' : 'schema', unknown);
    case 'schemaOrBoolean':
      return typeof value === 'boolean' ? value : valueOf(value, path, 'schema', unknown);
    case 'schema':
      if (isObject(value)) return fieldsOf(value, path, keywords, unknown);
      break;
    case 'schemas':
    case 'rules': {
      const known = shape === 'rules' ? ruleFields : keywords;
      if (!Array.isArray(value) || !value.every(isObject)) break;
      return value.map((inner, index) => fieldsOf(inner, item(path, index), known, unknown));
    }
    case 'schemaMap':
      if (!isObject(value)) break;
      return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, valueOf(inner, child(path, name), 'schema', unknown)]),
      );
    case 'any':
    case 'boolean':
    case 'integer':
    case 'list':
    case 'number':
    case 'object':
    case 'string':
    case 'strings':
      if (fits(value, shape)) return copy(value);
  }
  throw new SchemaPropsError(`json: cannot unmarshal ${path} into a ${shape} of an OpenAPI schema`);
}

function fits(value: unknown, shape: Plain): boolean {
  switch (shape) {
    case 'boolean':
    case 'number':
    case 'string':
      return typeof value === shape;
    case 'integer':
      return Number.isInteger(value);
    case 'list':
      return Array.isArray(value);
    case 'strings':
      return Array.isArray(value) && value.every((each) => typeof each === 'string');
    case 'object':
      return isObject(value);
    case 'any':
      return true;
  }
}
