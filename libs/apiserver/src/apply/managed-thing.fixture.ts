import type { JsonObject } from '../schema/json.ts';
import { applyObject } from './index.ts';
import { get, isObject } from '../schema/json.ts';

export const byName = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };
export const string = { type: 'string' };
export const schema: JsonObject = {
  type: 'object',
  properties: {
    status: { type: 'object', properties: { ready: { type: 'boolean' } } },
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer' },
        image: string,
        atomic: { type: 'array', items: string },
        set: { type: 'array', items: string, 'x-kubernetes-list-type': 'set' },
        list: {
          type: 'array',
          items: { type: 'object', properties: { name: string, value: string, more: string } },
          ...byName,
        },
        map: { type: 'object', additionalProperties: string },
        whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: string },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
};
export const times = [
  '2026-01-01T00:00:00Z',
  '2026-01-01T00:00:01Z',
  '2026-01-01T00:00:02Z',
  '2026-01-01T00:00:03Z',
] as const;

export function object(spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'kasmcloud.io/v1alpha1', kind: 'Thing', metadata: { name: 'x', ...metadata }, spec };
}

export interface Options {
  force?: boolean;
  time?: string;
  subresource?: string;
}

export function context(
  manager: string,
  { force = false, time = times[0], ...more }: Options = {},
): Parameters<typeof applyObject>[2] {
  return { manager, apiVersion: 'kasmcloud.io/v1alpha1', time, schema, force, ...more };
}

/** Applies, and expects no conflict, and no change of what it is given. */
export function apply(
  live: JsonObject | undefined,
  manager: string,
  applied: JsonObject,
  options?: Options,
): JsonObject {
  const result = applyObject(frozen(live), frozen(applied), context(manager, options));
  if ('conflicts' in result) throw new Error(`conflicts: ${JSON.stringify(result.conflicts)}`);
  return result.object;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

export function conflicts(live: JsonObject, manager: string, applied: JsonObject): Record<string, string[]> {
  const result = applyObject(live, applied, context(manager));
  return 'object' in result
    ? {}
    : Object.fromEntries(result.conflicts.map(({ description, fields }) => [description, fields]));
}

/** The fields of each manager of an object, as `name/operation`. */
export function owners(of: JsonObject): JsonObject {
  return Object.fromEntries(
    entries(of).map((entry) => [`${String(entry['manager'])}/${String(entry['operation'])}`, entry['fieldsV1']]),
  );
}

export function entries(of: JsonObject): JsonObject[] {
  const metadata = get(of, 'metadata');
  const fields = isObject(metadata) ? get(metadata, 'managedFields') : undefined;
  return Array.isArray(fields) ? fields.filter((entry) => isObject(entry)) : [];
}

export function items(...names: string[]): JsonObject[] {
  return names.map((name) => ({ name }));
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function specOf(of: JsonObject): unknown {
  return get(of, 'spec');
}
