import { canonical, get, isObject } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';
import { ageOf } from './age.ts';
import { compileJsonPath } from './json-path.ts';
import type { JsonPath } from './json-path.ts';

export { ageOf, humanAge } from './age.ts';
export { compileJsonPath, JsonPathError } from './json-path.ts';

/** A printer column of a resource, as in `additionalPrinterColumns`. */
export interface Column {
  name: string;
  /** integer, number, string, boolean or date */
  type: string;
  format?: string;
  description?: string;
  /** above 0: shown only in wide output */
  priority?: number;
  jsonPath: string;
}

export interface TableOptions {
  /** what `rows[].object` carries */
  includeObject: 'None' | 'Metadata' | 'Object';
  now: Date;
  /** `metadata` of the list: resourceVersion, continue, remainingItemCount */
  listMeta: JsonObject;
}

/** What kube-apiserver shows of a custom resource that names no column. */
const ageColumn: Column = {
  name: 'Age',
  type: 'date',
  description: 'Time since the object was created',
  jsonPath: '.metadata.creationTimestamp',
};

const nameDefinition = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client ' +
    'to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and ' +
    'configuration definition. Cannot be updated. More info: ' +
    'https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  priority: 0,
};

/**
 * A `meta.k8s.io/v1` Table: the name, then one cell per column; without columns, the age.
 * A value that is missing, or not of the column's type, is null.
 * @throws JsonPathError when a column's path cannot be read; `checkCrd` refuses such a column
 */
export function renderTable(objects: JsonObject[], columns: Column[], opts: TableOptions): JsonObject {
  const shown = columns.length === 0 ? [ageColumn] : columns;
  const cells = shown.map((column) => ({ type: column.type, find: compileJsonPath(column.jsonPath) }));
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: opts.listMeta,
    columnDefinitions: [nameDefinition, ...shown.map((column) => definition(column))],
    rows: objects.map((object) => ({
      cells: [nameOf(object), ...cells.map(({ type, find }) => cell(type, find, object, opts.now))],
      object: rowObject(object, opts.includeObject),
    })),
  };
}

function definition(column: Column): JsonObject {
  return {
    name: column.name,
    type: column.type,
    format: column.format ?? '',
    description: column.description || `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
    priority: column.priority ?? 0,
  };
}

function nameOf(object: JsonObject): unknown {
  const metadata = get(object, 'metadata');
  return isObject(metadata) ? (get(metadata, 'name') ?? '') : '';
}

function rowObject(object: JsonObject, include: TableOptions['includeObject']): JsonObject | null {
  if (include === 'None') return null;
  if (include === 'Object') return object;
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: get(object, 'metadata') ?? {} };
}

function cell(type: string, find: JsonPath, object: JsonObject, now: Date): unknown {
  const found = find(object);
  if (found.length === 0) return null;
  const value = found[0];
  if (type === 'string') return printed(value);
  if (value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageOf(value, now) : null;
    default:
      return null;
  }
}

/** Any value fits a string column: lists and objects as JSON, an explicit null as Go's templates say it. */
function printed(value: unknown): string {
  if (value === null) return '<no value>';
  return typeof value === 'string' ? value : canonical(value);
}
