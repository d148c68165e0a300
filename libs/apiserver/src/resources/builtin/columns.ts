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

/** A printer out of its columns; the name comes first and the age last of the narrow ones. */
export function printer(columns: readonly Computed[]): Printer {
  const all: readonly Computed[] = [{ name: 'Name', value: ({ metadata }) => metadata.name }, ...columns];
  return {
    columns: all.map(({ name, type = 'string', priority = 0 }, index) => ({
      name,
      type,
      format: index === 0 ? 'name' : '',
      description: '',
      priority,
    })),
    cells: (object, now) => all.map(({ value }) => value(object, now)),
  };
}

export const age: Computed = { name: 'Age', value: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now) };

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
  type: 'integer',
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
