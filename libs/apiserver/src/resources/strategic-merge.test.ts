import { expect, test } from 'vitest';
import type { JsonObject } from '../schema/json.ts';
import { strategicMergePatch } from './strategic-merge.ts';

const schema: JsonObject = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        containers: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: { type: 'object', properties: { args: { type: 'array', 'x-kubernetes-list-type': 'atomic' } } },
        },
      },
    },
    data: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

const live: JsonObject = {
  metadata: { finalizers: ['a', 'b'] },
  spec: {
    containers: [
      { name: 'x', image: '1', args: ['p'] },
      { name: 'y', image: '2' },
    ],
  },
  data: { k: 'v', l: 'w' },
};

const cases: readonly { name: string; patch: JsonObject; want: JsonObject }[] = [
  {
    name: 'fields merge and null removes',
    patch: { data: { k: null, m: '1' } },
    want: { ...live, data: { l: 'w', m: '1' } },
  },
  {
    name: 'lists merge by key',
    patch: {
      spec: {
        containers: [
          { name: 'y', image: '3' },
          { name: 'z', image: '4' },
        ],
      },
    },
    want: {
      ...live,
      spec: {
        containers: [
          { name: 'x', image: '1', args: ['p'] },
          { name: 'y', image: '3' },
          { name: 'z', image: '4' },
        ],
      },
    },
  },
  {
    name: 'an item is deleted by directive',
    patch: { spec: { containers: [{ name: 'x', $patch: 'delete' }] } },
    want: { ...live, spec: { containers: [{ name: 'y', image: '2' }] } },
  },
  {
    name: 'a list is replaced by directive',
    patch: { spec: { containers: [{ name: 'n' }, { $patch: 'replace' }] } },
    want: { ...live, spec: { containers: [{ name: 'n' }] } },
  },
  {
    name: 'an order is kept',
    patch: { spec: { '$setElementOrder/containers': [{ name: 'y' }, { name: 'x' }] } },
    want: {
      ...live,
      spec: {
        containers: [
          { name: 'y', image: '2' },
          { name: 'x', image: '1', args: ['p'] },
        ],
      },
    },
  },
  {
    name: 'values leave a set',
    patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'] } },
    want: { ...live, metadata: { finalizers: ['c', 'b'] } },
  },
  {
    name: 'atomic lists are replaced whole',
    patch: { spec: { containers: [{ name: 'x', args: ['q', 'r'] }] } },
    want: {
      ...live,
      spec: {
        containers: [
          { name: 'x', image: '1', args: ['q', 'r'] },
          { name: 'y', image: '2' },
        ],
      },
    },
  },
  {
    name: 'only retained keys stay',
    patch: { data: { $retainKeys: ['l', 'm'], m: '2' } },
    want: { ...live, data: { l: 'w', m: '2' } },
  },
];

test.for(cases)('$name', ({ patch, want }) => {
  const before = structuredClone(live);
  expect(strategicMergePatch(live, patch, schema)).toEqual(want);
  expect(live).toEqual(before);
});
