import { type Case, type Suite } from '../case.ts';
import { definition, judged, specOf, withSpec, simpleVersion as version, simple } from '../definition.ts';
import type { JsonObject } from '../json.ts';

const text = { type: 'string' };
const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
const number = { type: 'integer' };
const column = (fields: JsonObject): JsonObject =>
  definition(specOf({ a: text }), { additionalPrinterColumns: [fields] });

const names: readonly Case[] = [
  judged('names: not plural.group', { ...simple, metadata: { name: 'things.example.org' } }),
  judged('names: no kind', withSpec({ names: { plural: 'things' } })),
  judged('names: upper case plural', {
    ...withSpec({ names: { plural: 'Things', kind: 'Thing' } }),
    metadata: { name: 'Things.<group>' },
  }),
  judged('names: bad kind', withSpec({ names: { plural: 'things', kind: 'Odd Thing' } })),
  judged('names: bad short name', withSpec({ names: { plural: 'things', kind: 'Thing', shortNames: ['T_'] } })),
  judged('names: bad category', withSpec({ names: { plural: 'things', kind: 'Thing', categories: ['All'] } })),
  judged('group without a dot', { ...withSpec({ group: 'example' }), metadata: { name: 'things.example' } }),
  judged('protected group', { ...withSpec({ group: 'x.k8s.io' }), metadata: { name: 'things.x.k8s.io' } }),
  judged('scope missing', withSpec({ scope: '' })),
  judged('scope unknown', withSpec({ scope: 'World' })),
  judged('versions missing', withSpec({ versions: [] })),
  judged('versions: two stored', withSpec({ versions: [version, { ...version, name: 'v2' }] })),
  judged('versions: none stored', withSpec({ versions: [{ ...version, storage: false }] })),
  judged('versions: the same twice', withSpec({ versions: [version, { ...version, storage: false }] })),
  judged('versions: bad name', withSpec({ versions: [{ ...version, name: 'V_1' }] })),
  judged('versions: schema missing', withSpec({ versions: [{ name: 'v1', served: true, storage: true }] })),
  judged('versions: two', withSpec({ versions: [version, { ...version, name: 'v2', storage: false }] })),
  judged('preserveUnknownFields', withSpec({ preserveUnknownFields: true })),
  judged('conversion unknown', withSpec({ conversion: { strategy: 'Odd' } })),
  judged('conversion: webhook without configuration', withSpec({ conversion: { strategy: 'Webhook' } })),
];

const extras: readonly Case[] = [
  judged('column: taken', column({ name: 'A', type: 'string', jsonPath: '.spec.a' })),
  judged('column: no path', column({ name: 'A', type: 'string' })),
  judged('column: bad path', column({ name: 'A', type: 'string', jsonPath: '.spec[' })),
  judged('column: path without a dot', column({ name: 'A', type: 'string', jsonPath: 'spec.a' })),
  judged('column: unknown type', column({ name: 'A', type: 'text', jsonPath: '.spec.a' })),
  judged('column: no name', column({ type: 'string', jsonPath: '.spec.a' })),
  judged('column: unknown format', column({ name: 'A', type: 'integer', format: 'odd', jsonPath: '.spec.a' })),
  judged('selectable: taken', definition(specOf({ a: text }), { selectableFields: [{ jsonPath: '.spec.a' }] })),
  judged('selectable: not described', definition(specOf({ a: text }), { selectableFields: [{ jsonPath: '.spec.z' }] })),
  judged(
    'selectable: of an object',
    definition(specOf({ a: { type: 'object' } }), { selectableFields: [{ jsonPath: '.spec.a' }] }),
  ),
  judged(
    'selectable: metadata',
    definition(specOf({ a: text }), { selectableFields: [{ jsonPath: '.metadata.name' }] }),
  ),
  judged(
    'selectable: twice',
    definition(specOf({ a: text }), { selectableFields: [{ jsonPath: '.spec.a' }, { jsonPath: '.spec.a' }] }),
  ),
  judged(
    'selectable: into a list',
    definition(specOf({ a: { type: 'array', items: text } }), { selectableFields: [{ jsonPath: '.spec.a[0]' }] }),
  ),
  judged(
    'selectable: nine',
    definition(specOf(Object.fromEntries([...letters].map((name) => [name, text]))), {
      selectableFields: [...letters].map((name) => ({ jsonPath: `.spec.${name}` })),
    }),
  ),
  judged(
    'scale: taken',
    definition(specOf({ n: number }), {
      subresources: { scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' } },
    }),
  ),
  judged(
    'scale: path outside of spec',
    definition(specOf({ n: number }), {
      subresources: { scale: { specReplicasPath: '.n', statusReplicasPath: '.status.n' } },
    }),
  ),
  judged(
    'scale: status path outside of status',
    definition(specOf({ n: number }), {
      subresources: { scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.spec.n' } },
    }),
  ),
  judged(
    'scale: selector path outside',
    definition(specOf({ n: number }), {
      subresources: {
        scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n', labelSelectorPath: '.metadata.x' },
      },
    }),
  ),
  judged('scale: no paths', definition(specOf({ n: number }), { subresources: { scale: {} } })),
];

export const definitionCases: Suite = { name: 'definitions', cases: [...names, ...extras] };
