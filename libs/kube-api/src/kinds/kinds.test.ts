import { expect, test } from 'vitest';
import { toCrd } from '../definition.ts';
import { distributionSpec } from './distribution.ts';
import { kinds } from './index.ts';

/** Every schema node of a CRD, with its path. */
function* nodes(value: unknown, path: string): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const record = value as Record<string, unknown>;
  if ('type' in record && typeof record['type'] === 'string') yield [path, record];
  for (const [key, child] of Object.entries(record)) yield* nodes(child, `${path}.${key}`);
}

test.for(kinds.map((kind) => ({ name: kind.kind, kind })))('$name bounds every list, string and map', ({ kind }) => {
  const crd = toCrd(kind) as { spec: { versions: { schema: unknown }[] } };
  const unbounded = [...nodes(crd.spec.versions[0]?.schema, kind.kind)].filter(([path, node]) => {
    if (path.endsWith('apiVersion') || path.endsWith('.kind') || node['x-kubernetes-preserve-unknown-fields'])
      return false;
    if (node['type'] === 'array') return node['maxItems'] === undefined;
    if (node['type'] === 'string') return node['maxLength'] === undefined && node['enum'] === undefined;
    if (node['additionalProperties'] !== undefined) return node['maxProperties'] === undefined;
    return false;
  });
  expect(unbounded.map(([path]) => path)).toEqual([]);
});

/** Every field below spec and status, with its schema. */
function* fields(schema: Record<string, unknown>, path: string): Generator<[string, Record<string, unknown>]> {
  for (const [name, field] of Object.entries((schema['properties'] ?? {}) as Record<string, Record<string, unknown>>)) {
    yield [`${path}.${name}`, field];
    yield* fields(field, `${path}.${name}`);
  }
  for (const inner of [schema['items'], schema['additionalProperties']])
    if (typeof inner === 'object' && inner !== null) yield* fields(inner as Record<string, unknown>, path);
}

test.for(kinds.map((kind) => ({ name: kind.kind, kind })))(
  '$name says of every field what it is, as kubectl explain shows it',
  ({ kind }) => {
    const crd = toCrd(kind) as { spec: { versions: { schema: { openAPIV3Schema: Record<string, unknown> } }[] } };
    const all = [...fields(crd.spec.versions[0]?.schema.openAPIV3Schema ?? {}, kind.kind)];
    const common = ['apiVersion', 'kind', 'metadata'].map((name) => `${kind.kind}.${name}`);
    const silent = all.filter(([path, field]) => field['description'] === undefined && !common.includes(path));
    expect(all.length).toBeGreaterThan(5);
    expect(silent.map(([path]) => path)).toEqual([]);
  },
);

test('plurals and short names are unique', () => {
  const names = kinds.flatMap((kind) => [kind.plural, ...kind.shortNames]);
  expect(new Set(names).size).toBe(names.length);
});

test('a distribution with an unknown field is refused with its path', () => {
  const result = distributionSpec.safeParse({ actor: { id: 'a', image: 'i' }, replica: 3 });
  expect(result.error?.issues[0]?.message).toContain('replica');
});
