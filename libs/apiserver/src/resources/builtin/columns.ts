import type { KubeObject } from '../../object.ts';
import { asList, asObject } from '../../object.ts';
import { valueAt } from '../../paths.ts';
import { ageOf } from '../../table/index.ts';
import type { Printer } from '../resource.ts';

type Cell = string | number | boolean | null;

interface Computed {
  readonly name: string;
  readonly type?: string;
  /** 1 for what only `-o wide` shows. */
  readonly priority?: number;
  readonly value: (object: KubeObject, now: Date) => Cell;
}

const nameColumn: Computed = { name: 'Name', value: ({ metadata }) => metadata.name };

/** A printer out of its columns; the name comes first, unless it has a place among them. */
export function printer(columns: readonly Computed[]): Printer {
  const isNamed = columns.some(({ name }) => name === 'Name');
  const all: readonly Computed[] = isNamed ? columns : [nameColumn, ...columns];
  return {
    columns: all.map(({ name, type = 'string', priority = 0 }) => ({
      name,
      type,
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority,
    })),
    cells: (object, now) => all.map(({ value }) => value(object, now)),
  };
}

export const age: Computed = { name: 'Age', value: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now) };

/** What a workload's pods are, which only `-o wide` shows. */
export const podColumns: readonly Computed[] = [
  { name: 'Containers', priority: 1, value: (object) => podFields(object, 'name') },
  { name: 'Images', priority: 1, value: (object) => podFields(object, 'image') },
  {
    name: 'Selector',
    priority: 1,
    value: (object) => pairs(valueAt(object, ['spec', 'selector', 'matchLabels'])),
  },
];

const podFields = (object: KubeObject, field: string): string =>
  asList(valueAt(object, ['spec', 'template', 'spec', 'containers']))
    .map((container) => String(asObject(container)[field]))
    .join(',');

/** A map as `key=value,key=value`. */
export const pairs = (map: unknown): string =>
  Object.entries(asObject(map))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',') || '<none>';

/** A column with the text at a path, `<none>` where there is nothing. */
export const text = (name: string, path: string, priority = 0): Computed => ({
  name,
  priority,
  value: (object) => textAt(object, path) || '<none>',
});

export const number = (name: string, path: string): Computed => ({
  name,
  type: 'integer',
  value: (object) => numberAt(object, path),
});

export const size = (name: string, path: string): Computed => ({
  name,
  value: (object) => {
    const value = valueAt(object, path.split('.'));
    return Array.isArray(value) ? asList(value).length : Object.keys(asObject(value)).length;
  },
});

export const textAt = (object: KubeObject, path: string): string => {
  const value = valueAt(object, path.split('.'));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
};

export const numberAt = (object: KubeObject, path: string): number => {
  const value = valueAt(object, path.split('.'));
  return typeof value === 'number' ? value : 0;
};
