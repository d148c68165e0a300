import { apply, configMap, create, get, inNamespace, mergePatch, update, type Suite } from '../case.ts';
import { define, definition, specOf, thing, things } from '../definition.ts';
import type { JsonObject } from '../json.ts';

const path = inNamespace('configmaps');
const deployments = inNamespace('deployments', 'apps/v1');
const text = { type: 'string' };

const deployment = (spec: JsonObject): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'one' },
  spec,
});
const pod = (containers: readonly JsonObject[]): JsonObject => ({
  selector: { matchLabels: { app: 'a' } },
  template: { metadata: { labels: { app: 'a' } }, spec: { containers } },
});

const listSchema = specOf({
  set: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
  map: {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['k'],
    items: { type: 'object', required: ['k'], properties: { k: text, v: text, w: text } },
  },
  atomic: { type: 'array', 'x-kubernetes-list-type': 'atomic', items: text },
  plain: { type: 'array', items: text },
  whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: text },
  open: { type: 'object', additionalProperties: text },
  a: text,
  b: { type: 'string', default: 'x' },
});

const one = (spec: JsonObject): JsonObject => thing(spec);

export const applies: Suite = {
  name: 'applies',
  cases: [
    { name: 'creates', steps: [apply(`${path}/one`, configMap('one'), 'me'), get(`${path}/one`)] },
    {
      name: 'the same again changes nothing',
      steps: [apply(`${path}/one`, configMap('one'), 'me'), apply(`${path}/one`, configMap('one'), 'me')],
    },
    {
      name: 'what is no longer applied goes',
      steps: [
        apply(`${path}/one`, configMap('one', { a: '1', b: '2' }), 'me'),
        apply(`${path}/one`, configMap('one', { a: '1' }), 'me'),
      ],
    },
    {
      name: 'two managers, two fields',
      steps: [
        apply(`${path}/one`, configMap('one', { a: '1' }), 'me'),
        apply(`${path}/one`, configMap('one', { b: '2' }), 'you'),
        apply(`${path}/one`, configMap('one', {}), 'me'),
      ],
    },
    {
      name: 'shared ownership',
      steps: [
        apply(`${path}/one`, configMap('one', { a: '1' }), 'me'),
        apply(`${path}/one`, configMap('one', { a: '1' }), 'you'),
        apply(`${path}/one`, configMap('one', {}), 'me'),
        apply(`${path}/one`, configMap('one', { a: '2' }), 'you'),
      ],
    },
    {
      name: 'conflict',
      steps: [
        apply(`${path}/one`, configMap('one', { a: '1', b: '1' }), 'me'),
        apply(`${path}/one`, configMap('one', { a: '2', b: '2' }), 'you'),
        apply(`${path}/one`, configMap('one', { a: '2' }), 'you', { force: true }),
      ],
    },
    {
      name: 'conflict with an update',
      steps: [
        create(`${path}?fieldManager=maker`, configMap('one', { a: '1' }), { unseen: true }),
        apply(`${path}/one`, configMap('one', { a: '2' }), 'me'),
        apply(`${path}/one`, configMap('one', { a: '1' }), 'me'),
        apply(`${path}/one`, configMap('one', { a: '2' }), 'me', { force: true }),
      ],
    },
    {
      name: 'conflict with two',
      steps: [
        apply(`${path}/one`, configMap('one', { a: '1' }), 'me'),
        mergePatch(`${path}/one?fieldManager=patcher`, { data: { b: '1' } }, { unseen: true }),
        apply(`${path}/one`, configMap('one', { a: '2', b: '2' }), 'you'),
      ],
    },
    {
      name: 'an update takes fields over',
      steps: [
        apply(`${path}/one`, configMap('one', { a: '1', b: '1' }), 'me', { save: { rv: 'metadata.resourceVersion' } }),
        update(`${path}/one?fieldManager=other`, configMap('one', { a: '2', b: '1' })),
        apply(`${path}/one`, configMap('one', { a: '1', b: '1' }), 'me'),
      ],
    },
    {
      name: 'managed fields can be cleared',
      steps: [
        apply(`${path}/one`, configMap('one'), 'me'),
        mergePatch(`${path}/one?fieldManager=x`, { metadata: { managedFields: [{}] } }),
        get(`${path}/one`),
      ],
    },
    {
      name: 'refused: managed fields in the body',
      steps: [
        apply(`${path}/one`, configMap('one', {}, { managedFields: [{ manager: 'x', operation: 'Apply' }] }), 'me'),
      ],
    },
    { name: 'refused: no manager', steps: [apply(`${path}/one`, configMap('one'), '')] },
    {
      name: 'refused: names do not fit',
      steps: [
        apply(`${path}/one`, configMap('two'), 'me'),
        apply(`${path}/one`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }, 'me'),
        apply(`${path}/one`, { ...configMap('one'), kind: 'Secret' }, 'me'),
        apply(`${path}/one`, { ...configMap('one'), apiVersion: 'apps/v1' }, 'me'),
      ],
    },
    {
      name: 'refused: unknown field',
      steps: [
        apply(`${path}/one`, { ...configMap('one'), odd: 1 }, 'me'),
        apply(`${deployments}/one`, deployment({ odd: 1 }), 'me'),
      ],
    },
    {
      name: 'refused: type',
      steps: [
        apply(`${path}/one`, configMap('one', { a: 1 }), 'me'),
        apply(`${deployments}/one`, deployment({ replicas: 'x' }), 'me'),
      ],
    },
    {
      name: 'refused: no object',
      steps: [apply(`${path}/one`, '[]', 'me'), apply(`${path}/one`, 'a: b: c', 'me'), apply(`${path}/one`, '', 'me')],
    },
    {
      name: 'refused: uid and version',
      steps: [
        apply(`${path}/one`, configMap('one', {}, { uid: 'x' }), 'me'),
        apply(`${path}/one`, configMap('one', {}, { resourceVersion: '5' }), 'me'),
      ],
    },
    {
      name: 'yaml',
      steps: [apply(`${path}/one`, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata:\n  a: "1"\n', 'me')],
    },
    {
      name: 'dry run',
      steps: [apply(`${path}/one`, configMap('one'), 'me', { query: 'dryRun=All' }), get(`${path}/one`)],
    },
    {
      name: 'labels and annotations',
      steps: [
        apply(`${path}/one`, configMap('one', {}, { labels: { a: 'b' }, annotations: { c: 'd' } }), 'me'),
        apply(`${path}/one`, configMap('one', {}, { labels: { a: 'x', e: 'f' } }), 'you', { force: true }),
        apply(`${path}/one`, configMap('one', {}), 'me'),
      ],
    },
    {
      name: 'finalizers and owners',
      steps: [
        create(path, configMap('x'), { save: { uid1: 'metadata.uid' }, unseen: true }),
        create(path, configMap('y'), { save: { uid2: 'metadata.uid' }, unseen: true }),
        apply(
          `${path}/one`,
          configMap(
            'one',
            {},
            {
              finalizers: ['example.com/a'],
              ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: '<uid1>' }],
            },
          ),
          'me',
        ),
        apply(
          `${path}/one`,
          configMap(
            'one',
            {},
            {
              finalizers: ['example.com/b'],
              ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'y', uid: '<uid2>' }],
            },
          ),
          'you',
        ),
        apply(`${path}/one`, configMap('one', {}), 'me'),
      ],
    },
    {
      name: 'deployment: containers by name, ports and variables',
      steps: [
        apply(
          `${deployments}/one`,
          deployment(
            pod([{ name: 'main', image: 'a:1', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }] }]),
          ),
          'me',
        ),
        apply(
          `${deployments}/one`,
          deployment(
            pod([
              { name: 'main', image: 'a:1', env: [{ name: 'B', value: '2' }] },
              { name: 'side', image: 's:1' },
            ]),
          ),
          'you',
        ),
        apply(`${deployments}/one`, deployment(pod([{ name: 'main', image: 'a:2' }])), 'you'),
        apply(`${deployments}/one`, deployment(pod([{ name: 'main', image: 'a:1' }])), 'you'),
      ],
    },
    {
      name: 'deployment: scaled by another',
      steps: [
        apply(`${deployments}/one`, deployment({ replicas: 1, ...pod([{ name: 'main', image: 'a:1' }]) }), 'me'),
        mergePatch(`${deployments}/one/scale?fieldManager=scaler`, { spec: { replicas: 3 } }),
        get(`${deployments}/one`),
        apply(`${deployments}/one`, deployment({ replicas: 1, ...pod([{ name: 'main', image: 'a:1' }]) }), 'me'),
        apply(`${deployments}/one`, deployment(pod([{ name: 'main', image: 'a:1' }])), 'me'),
      ],
    },
    {
      name: 'status',
      steps: [
        apply(`${deployments}/one`, deployment(pod([{ name: 'main', image: 'a:1' }])), 'me', { unseen: true }),
        apply(
          `${deployments}/one/status`,
          {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            metadata: { name: 'one' },
            status: { replicas: 1, conditions: [{ type: 'Available', status: 'True' }] },
          },
          'controller',
        ),
      ],
    },
    {
      name: 'service: ports by number and protocol',
      steps: [
        apply(
          `${inNamespace('services')}/one`,
          {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: 'one' },
            spec: { clusterIP: 'None', ports: [{ name: 'a', port: 1, protocol: 'TCP' }] },
          },
          'me',
        ),
        apply(
          `${inNamespace('services')}/one`,
          {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: 'one' },
            spec: { ports: [{ name: 'b', port: 2, protocol: 'TCP' }] },
          },
          'you',
        ),
      ],
    },
    {
      name: 'secret: text is written to data',
      steps: [
        apply(
          `${inNamespace('secrets')}/one`,
          { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'one' }, stringData: { a: 'b' } },
          'me',
        ),
      ],
    },
    {
      name: 'custom: sets and list maps are shared',
      steps: [
        ...define(definition(listSchema)),
        apply(
          `${things}/one`,
          one({
            set: ['a', 'b'],
            map: [{ k: '1', v: 'x' }],
            atomic: ['a'],
            plain: ['a'],
            whole: { a: '1' },
            open: { a: '1' },
          }),
          'me',
        ),
        apply(
          `${things}/one`,
          one({
            set: ['b', 'c'],
            map: [
              { k: '2', v: 'y' },
              { k: '1', w: 'z' },
            ],
            open: { b: '2' },
          }),
          'you',
        ),
        apply(`${things}/one`, one({ set: ['a'] }), 'me'),
        apply(`${things}/one`, one({ atomic: ['z'] }), 'you'),
        apply(`${things}/one`, one({ map: [{ k: '1', w: 'other' }] }), 'third'),
      ],
    },
    {
      name: 'custom: conflicts in lists',
      steps: [
        ...define(definition(listSchema)),
        apply(
          `${things}/one`,
          one({ atomic: ['a'], plain: ['a'], whole: { a: '1' }, map: [{ k: '1', v: 'x' }] }),
          'me',
        ),
        apply(
          `${things}/one`,
          one({ atomic: ['b'], plain: ['b'], whole: { b: '1' }, map: [{ k: '1', v: 'y' }] }),
          'you',
        ),
        apply(`${things}/one`, one({ set: ['a', 'a'] }), 'you'),
        apply(`${things}/one`, one({ map: [{ k: '1' }, { k: '1' }] }), 'you'),
        apply(`${things}/one`, one({ map: [{ v: 'x' }] }), 'you'),
      ],
    },
    {
      name: 'custom: defaults, unknown fields and status',
      steps: [
        ...define(
          definition(
            {
              ...listSchema,
              properties: {
                ...(listSchema['properties'] as JsonObject),
                status: { type: 'object', properties: { n: { type: 'integer' } } },
              },
            },
            { subresources: { status: {} } },
          ),
        ),
        apply(`${things}/one`, one({ a: '1' }), 'me'),
        apply(`${things}/one`, one({ a: '1', odd: 1 }), 'me'),
        apply(`${things}/one`, one({ a: '1', b: 'y' }), 'you'),
        apply(
          `${things}/one/status`,
          { apiVersion: '<group>/v1', kind: 'Thing', metadata: { name: 'one' }, status: { n: 1 } },
          'controller',
        ),
        apply(
          `${things}/two/status`,
          { apiVersion: '<group>/v1', kind: 'Thing', metadata: { name: 'two' }, status: { n: 1 } },
          'controller',
        ),
        apply(`${things}/one`, { ...one({ a: '1' }), status: { n: 5 } }, 'me'),
      ],
    },
    {
      name: 'custom: refused by the schema',
      steps: [
        ...define(definition(listSchema)),
        apply(`${things}/one`, one({ a: 1 }), 'me'),
        apply(`${things}/one`, one({ set: 'x' }), 'me'),
      ],
    },
  ],
};
