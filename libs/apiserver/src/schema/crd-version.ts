import { child, duplicate, entry, forbidden, invalid, item, omitted, required, tooMany } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { get, isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { schemaErrors } from './schema-errors.ts';
import { fieldSchema, objects, readStructural, text } from './structural.ts';
import type { Structural } from './structural.ts';

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const maxSelectableFields = 8;

/** What a schema may say at its root when status is a subresource: the schema of status is its property alone. */
const rootKeywords = [
  'description',
  'type',
  'format',
  'title',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
  'required',
  'items',
  'properties',
  'externalDocs',
  'example',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
];

/** Where the parts of a version are, for the errors. */
export interface VersionPaths {
  readonly schema: string;
  /** of everything else */
  readonly rest: string;
}

/** The faults of one of `spec.versions`. */
export function versionErrors(version: JsonObject, { schema, rest: path }: VersionPaths): FieldError[] {
  const subresources = get(version, 'subresources');
  const columns = objects(get(version, 'additionalPrinterColumns'));
  return [
    ...versionSchemaErrors(version, schema),
    ...(isObject(subresources) ? scaleErrors(subresources, child(path, 'subresources')) : []),
    ...columns.flatMap((column, index) => columnErrors(column, item(child(path, 'additionalPrinterColumns'), index))),
    ...selectableErrors(version, child(path, 'selectableFields')),
  ];
}

function versionSchemaErrors(version: JsonObject, path: string): FieldError[] {
  const schema = openApiSchema(version);
  const at = child(path, 'openAPIV3Schema');
  if (schema === undefined) return [required(at)];
  const errors: FieldError[] = [];
  const subresources = get(version, 'subresources');
  if (isObject(subresources) && get(subresources, 'status') !== undefined) {
    if (Object.keys(schema).some((keyword) => !rootKeywords.includes(keyword))) {
      const detail = `only [${rootKeywords.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`;
      errors.push(invalid(at, omitted, detail));
    }
  }
  if (get(schema, 'nullable') === true)
    errors.push(forbidden(child(at, 'nullable'), 'nullable cannot be true at the root'));
  return [...errors, ...topLevelDefaults(schema, at), ...schemaErrors(schema, at)];
}

/** What is the same for all kinds cannot have a default in one. */
function topLevelDefaults(schema: JsonObject, path: string): FieldError[] {
  const properties = get(schema, 'properties');
  return ['apiVersion', 'kind', 'metadata'].flatMap((name) => {
    const property = isObject(properties) ? get(properties, name) : undefined;
    if (!isObject(property) || get(property, 'default') === undefined) return [];
    const at = child(entry(child(path, 'properties'), name), 'default');
    return [forbidden(at, `must not be set in top-level ${name}`)];
  });
}

function openApiSchema(version: JsonObject): JsonObject | undefined {
  const schema = get(version, 'schema');
  const openApi = isObject(schema) ? get(schema, 'openAPIV3Schema') : undefined;
  return isObject(openApi) ? openApi : undefined;
}

function scaleErrors(subresources: JsonObject, path: string): FieldError[] {
  const scale = get(subresources, 'scale');
  if (!isObject(scale)) return [];
  const check = (name: string, roots: readonly string[], where: string): FieldError[] => {
    const at = child(child(path, 'scale'), name);
    const value = text(scale, name);
    if (value === '') return name === 'labelSelectorPath' ? [] : [required(at)];
    if (!value.startsWith('.')) return [invalid(at, value, 'must be a simple json path starting with .')];
    return roots.some((root) => value.startsWith(root))
      ? []
      : [invalid(at, value, `should be a json path under ${where}`)];
  };
  return [
    ...check('specReplicasPath', ['.spec.'], '.spec'),
    ...check('statusReplicasPath', ['.status.'], '.status'),
    ...check('labelSelectorPath', ['.spec.', '.status.'], 'either .spec or .status'),
  ];
}

function columnErrors(column: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const type = text(column, 'type');
  const format = text(column, 'format');
  const jsonPath = text(column, 'jsonPath');
  if (text(column, 'name') === '') errors.push(required(child(path, 'name')));
  if (!columnTypes.includes(type)) {
    const detail = `must be one of ${columnTypes.join(',')}`;
    errors.push(type === '' ? required(child(path, 'type'), detail) : invalid(child(path, 'type'), type, detail));
  }
  if (format !== '' && !columnFormats.includes(format)) {
    errors.push(invalid(child(path, 'format'), format, `must be one of ${columnFormats.join(',')}`));
  }
  if (jsonPath === '') errors.push(required(child(path, 'JSONPath')));
  else if (!jsonPath.startsWith('.')) {
    errors.push(invalid(child(path, 'JSONPath'), jsonPath, 'must be a simple json path starting with .'));
  }
  return errors;
}

function selectableErrors(version: JsonObject, path: string): FieldError[] {
  const fields = objects(get(version, 'selectableFields'));
  const schema = openApiSchema(version);
  if (fields.length === 0 || schema === undefined) return [];
  const structural = readStructural(schema);
  const seen = new Set<string>();
  const errors = fields.flatMap((field, index) => {
    const at = child(item(path, index), 'jsonPath');
    const jsonPath = text(field, 'jsonPath');
    if (jsonPath === '') return [required(at)];
    const found = selectedSchema(jsonPath, structural);
    if (/[[\]]/.test(jsonPath)) return [invalid(at, jsonPath, 'is an invalid path: array notation is not allowed')];
    if (found === undefined) return [invalid(at, jsonPath, 'is an invalid path: does not refer to a valid field')];
    if (/^\.metadata(\.|$)/.test(jsonPath)) return [invalid(at, jsonPath, 'must not point to fields in metadata')];
    if (!['string', 'boolean', 'integer'].includes(found.type)) {
      const detail =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      return [invalid(at, jsonPath, detail)];
    }
    if (seen.has(jsonPath)) return [duplicate(at, jsonPath)];
    seen.add(jsonPath);
    return [];
  });
  return seen.size > maxSelectableFields ? [...errors, tooMany(path, seen.size, maxSelectableFields)] : errors;
}

function selectedSchema(jsonPath: string, schema: Structural): Structural | undefined {
  if (!/^(\.[^.[\]]+)+$/.test(jsonPath)) return undefined;
  const names = jsonPath.slice(1).split('.');
  return names.reduce<Structural | undefined>((at, name) => fieldSchema(at, name), schema);
}

export function deprecationErrors(version: JsonObject, path: string): FieldError[] {
  const warning = get(version, 'deprecationWarning');
  if (warning === undefined || warning === null) return [];
  if (get(version, 'deprecated') !== true) return [invalid(path, warning, 'can only be set for deprecated versions')];
  if (warning === '') return [invalid(path, warning, 'must not be an empty string')];
  const tooLong = typeof warning === 'string' && warning.length > 256;
  return tooLong ? [invalid(path, warning, 'must be <= 256 characters long')] : [];
}
