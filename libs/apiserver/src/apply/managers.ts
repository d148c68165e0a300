import { get, isObject } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';
import { text } from '../schema/structural.ts';
import { difference, fromFieldsV1, isEmpty, noFields, sameSet, toFieldsV1, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';

export type Operation = 'Apply' | 'Update';

/** One entry of `metadata.managedFields`. */
export interface Manager {
  /** What tells it from the others: name, operation and subresource, for updates also the version. */
  id: string;
  name: string;
  operation: Operation;
  apiVersion: string;
  subresource: string;
  /** RFC 3339; empty when unknown */
  time: string;
  fields: FieldSet;
}

/** Managers by identity. */
export type Managers = ReadonlyMap<string, Manager>;

/** The paths that belong to the server: nobody manages them. */
const serverFields: FieldSet = fromFieldsV1({
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    '.': {},
    'f:name': {},
    'f:namespace': {},
    'f:uid': {},
    'f:resourceVersion': {},
    'f:generation': {},
    'f:creationTimestamp': {},
    'f:deletionTimestamp': {},
    'f:deletionGracePeriodSeconds': {},
    'f:selfLink': {},
    'f:managedFields': {},
  },
});

/** More updating managers than this are gathered, oldest first, under one name. */
const maxUpdaters = 10;
const gathered = 'ancient-changes';

export function managerOf(parts: Omit<Manager, 'id'>): Manager {
  const { name, operation, apiVersion, subresource } = parts;
  return { ...parts, id: JSON.stringify([name, operation, operation === 'Apply' ? '' : apiVersion, subresource]) };
}

/** Who a conflict is with, as kubectl prints it: `"kubectl" using apps/v1`. */
export function describeManager({ name, operation, apiVersion, subresource }: Manager): string {
  const who = JSON.stringify(name) + (subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`);
  return operation === 'Update' ? `${who} using ${apiVersion}` : who;
}

/** Managers of an object; undefined when an entry cannot be read, since one lost entry would free its fields. */
export function readManagers(object: JsonObject | undefined): Managers | undefined {
  const entries = managedFields(object);
  const managers = new Map<string, Manager>();
  for (const entry of Array.isArray(entries) ? entries : []) {
    const manager = isObject(entry) ? readManager(entry) : undefined;
    if (manager === undefined) return undefined;
    managers.set(manager.id, manager);
  }
  return managers;
}

/** Entries never change, and every change of an object reads all of them. */
const read = new WeakMap<JsonObject, Manager>();
const written = new WeakMap<FieldSet, JsonObject>();

function readManager(entry: JsonObject): Manager | undefined {
  const known = read.get(entry);
  if (known !== undefined) return known;
  const manager = readEntry(entry);
  if (manager !== undefined) read.set(entry, manager);
  return manager;
}

function readEntry(entry: JsonObject): Manager | undefined {
  const operation = text(entry, 'operation');
  const apiVersion = text(entry, 'apiVersion');
  const fields = get(entry, 'fieldsV1') ?? {};
  if ((operation !== 'Apply' && operation !== 'Update') || apiVersion === '') return undefined;
  if (text(entry, 'fieldsType') !== 'FieldsV1' || !isObject(fields)) return undefined;
  return managerOf({
    name: text(entry, 'manager'),
    operation,
    apiVersion,
    subresource: text(entry, 'subresource'),
    time: text(entry, 'time'),
    fields: fromFieldsV1(fields),
  });
}

/** An empty list, or a list of one empty entry, asks that management starts anew. */
export function isReset(object: JsonObject): boolean {
  const entries = managedFields(object);
  if (!Array.isArray(entries) || entries.length > 1) return false;
  const [only] = entries;
  return only === undefined || (isObject(only) && Object.keys(only).length === 0);
}

export function managedFields(object: JsonObject | undefined): unknown {
  const metadata = object === undefined ? undefined : get(object, 'metadata');
  return isObject(metadata) ? get(metadata, 'managedFields') : undefined;
}

export function withoutManagedFields(object: JsonObject): JsonObject {
  const metadata = get(object, 'metadata');
  if (!isObject(metadata) || !Object.hasOwn(metadata, 'managedFields')) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}

/** The object with these managers; an unchanged list keeps the form that it has in `live`. */
export function withManagers(object: JsonObject, managers: Managers, live: JsonObject | undefined): JsonObject {
  const old = live === undefined ? undefined : readManagers(live);
  const entries = old !== undefined && sameManagers(old, managers) ? managedFields(live) : writeManagers(managers);
  const bare = withoutManagedFields(object);
  if (entries === undefined || (Array.isArray(entries) && entries.length === 0)) return bare;
  const metadata = get(bare, 'metadata');
  return { ...bare, metadata: { ...(isObject(metadata) ? metadata : {}), managedFields: entries } };
}

function sameManagers(a: Managers, b: Managers): boolean {
  return (
    a.size === b.size &&
    [...a].every(([id, { apiVersion, time, fields }]) => {
      const other = b.get(id);
      if (other === undefined) return false;
      return other.apiVersion === apiVersion && other.time === time && sameSet(other.fields, fields);
    })
  );
}

function writeManagers(managers: Managers): JsonObject[] {
  return [...managers.values()].toSorted(inOrder).map((manager) => {
    const { name, operation, apiVersion, subresource, time, fields } = manager;
    const entry = {
      manager: name,
      operation,
      apiVersion,
      ...(time === '' ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: writeFields(fields),
      ...(subresource === '' ? {} : { subresource }),
    };
    read.set(entry, manager);
    return entry;
  });
}

function writeFields(fields: FieldSet): JsonObject {
  const known = written.get(fields);
  if (known !== undefined) return known;
  const fieldsV1 = toFieldsV1(fields);
  written.set(fields, fieldsV1);
  return fieldsV1;
}

function inOrder(a: Manager, b: Manager): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time, b.time) ||
    compareText(a.name, b.name) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Managers whose fields are all gone leave the list. */
export function dropEmpty(managers: Managers): Managers {
  return new Map([...managers].filter(([, { fields }]) => !isEmpty(fields)));
}

export function withoutServerFields(fields: FieldSet): FieldSet {
  return difference(fields, serverFields);
}

/** Gathers the oldest updating managers of each version, until at most ten are left. */
export function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update');
  let excess = updaters.length - maxUpdaters;
  if (excess <= 0) return managers;
  const result = new Map(managers);
  const firstOf = new Map<string, string>();
  for (const [id, manager] of updaters.toSorted(([, a], [, b]) => inOrder(a, b))) {
    if (excess <= 0) break;
    const first = firstOf.get(manager.apiVersion);
    if (first === undefined) {
      firstOf.set(manager.apiVersion, id);
      continue;
    }
    const bucket = managerOf({ ...manager, name: gathered, subresource: '' });
    const bucketId = bucket.id;
    const before = union(result.get(bucketId)?.fields ?? noFields, result.get(first)?.fields ?? noFields);
    result.delete(first);
    result.delete(id);
    result.set(bucketId, { ...bucket, fields: union(before, manager.fields) });
    firstOf.set(manager.apiVersion, bucketId);
    excess--;
  }
  return result;
}
