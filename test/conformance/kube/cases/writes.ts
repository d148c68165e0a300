import {
  configMap,
  create,
  get,
  inNamespace,
  jsonPatch,
  mergePatch,
  strategicPatch,
  update,
  type Case,
  type Suite,
} from '../case.ts';
import { define, definition, specOf, thing, things } from '../definition.ts';
import type { JsonObject, JsonValue } from '../json.ts';

const path = inNamespace('configmaps');
const deployments = inNamespace('deployments', 'apps/v1');
const services = inNamespace('services');

const deployment = (spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'one' },
  spec: {
    selector: { matchLabels: { app: 'a' } },
    template: {
      metadata: { labels: { app: 'a' } },
      spec: {
        containers: [
          { name: 'main', image: 'example.com/a:1', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }] },
        ],
      },
    },
    ...spec,
  },
});

const named = (name: string, metadata: JsonObject): Case => ({
  name: `metadata: ${name}`,
  steps: [create(path, { apiVersion: 'v1', kind: 'ConfigMap', metadata })],
});

const patched = (
  name: string,
  patches: readonly JsonValue[],
  patch: typeof jsonPatch,
  first = configMap('one', { a: '1', b: '2' }),
): Case => ({
  name,
  steps: [create(path, first, { unseen: true }), ...patches.map((body) => patch(`${path}/one`, body))],
});

const podPatch = (containers: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  spec: { template: { spec: { containers, ...more } } },
});

const modes = ['Strict', 'Warn', 'Ignore', 'Odd'];

export const writes: Suite = {
  name: 'writes',
  cases: [
    named('generateName', { generateName: 'x-' }),
    named('neither name nor generateName', {}),
    named('name beats generateName', { name: 'one', generateName: 'x-' }),
    named('upper case', { name: 'One' }),
    named('underscore', { name: 'a_b' }),
    named('dot at the end', { name: 'a.' }),
    named('slash', { name: 'a/b' }),
    named('254 characters', { name: 'a'.repeat(254) }),

    named('label key', { name: 'one', labels: { 'a b': 'c' } }),
    named('label prefix', { name: 'one', labels: { 'A_B/c': 'd' } }),
    named('two slashes in a label key', { name: 'one', labels: { 'a/b/c': 'd' } }),
    named('long label value', { name: 'one', labels: { a: 'x'.repeat(64) } }),
    named('label value', { name: 'one', labels: { a: '-x' } }),
    named('annotation key', { name: 'one', annotations: { 'a b': 'c' } }),
    named('annotation of upper case', { name: 'one', annotations: { 'Example.com/Ab': 'c' } }),
    named('annotations of 300 KiB', { name: 'one', annotations: { a: 'x'.repeat(300_000) } }),
    named('finalizer without a slash', { name: 'one', finalizers: ['plain'] }),
    named('finalizer with a space', { name: 'one', finalizers: ['a b'] }),
    named('finalizer', { name: 'one', finalizers: ['example.com/a'] }),
    named('owner without uid', { name: 'one', ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x' }] }),
    named('owner without a kind', { name: 'one', ownerReferences: [{ apiVersion: 'v1', name: 'x', uid: 'u' }] }),
    named('owner', {
      name: 'one',
      ownerReferences: [
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u', controller: true, blockOwnerDeletion: true },
      ],
    }),
    named('the same owner twice', {
      name: 'one',
      ownerReferences: [
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u' },
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u' },
      ],
    }),
    named('two controllers', {
      name: 'one',
      ownerReferences: [
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u', controller: true },
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'y', uid: 'v', controller: true },
      ],
    }),
    named('what the server sets', {
      name: 'one',
      uid: 'mine',
      creationTimestamp: '2020-01-01T00:00:00Z',
      generation: 7,
      deletionTimestamp: '2020-01-01T00:00:00Z',
      selfLink: '/x',
    }),
    named('resourceVersion', { name: 'one', resourceVersion: '5' }),
    named('another namespace', { name: 'one', namespace: 'default' }),
    {
      name: 'create: it exists',
      steps: [create(path, configMap('one'), { unseen: true }), create(path, configMap('one'))],
    },
    {
      name: 'create: namespace not there',
      steps: [create('/api/v1/namespaces/nosuch-<ns>/configmaps', configMap('one'))],
    },
    {
      name: 'create: kind does not fit',
      steps: [
        create(path, { ...configMap('one'), kind: 'Secret' }),
        create(path, { ...configMap('one'), apiVersion: 'v2' }),
        create(path, { metadata: { name: 'two' }, data: { a: 'b' } }),
      ],
    },
    {
      name: 'create: dry run',
      steps: [
        create(`${path}?dryRun=All`, configMap('one')),
        get(`${path}/one`),
        create(`${path}?dryRun=Odd`, configMap('one')),
      ],
    },
    {
      name: 'create: field manager',
      steps: [
        create(`${path}?fieldManager=me`, configMap('one')),
        create(`${path}?fieldManager=${'x'.repeat(129)}`, configMap('two')),
        create(`${path}?fieldManager=a%0Ab`, configMap('three')),
      ],
    },
    { name: 'create: on a name', steps: [create(`${path}/one`, configMap('one'))] },
    {
      name: 'create: yaml',
      steps: [
        create(path, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  a: "1"\n', {
          headers: { 'content-type': 'application/yaml' },
        }),
      ],
    },
    {
      name: 'update: with and without a version',
      steps: [
        create(path, configMap('one'), { save: { rv: 'metadata.resourceVersion', uid: 'metadata.uid' } }),
        update(`${path}/one`, configMap('one', { a: '2' }, { resourceVersion: '<rv>' })),
        update(`${path}/one`, configMap('one', { a: '3' }, { resourceVersion: '<rv>' })),
        update(`${path}/one`, configMap('one', { a: '4' })),
        update(`${path}/one`, configMap('one', { a: '5' }, { uid: '<uid>' })),
        update(`${path}/one`, configMap('one', { a: '6' }, { uid: 'another' })),
        update(`${path}/one`, configMap('one', { a: '7' }, { resourceVersion: 'x' })),
      ],
    },
    {
      name: 'update: names do not fit',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        update(`${path}/one`, configMap('two')),
        update(`${path}/one`, { ...configMap('one'), metadata: {} }),
        update(`${path}/one`, configMap('one', {}, { namespace: 'default' })),
      ],
    },
    {
      name: 'update: not there',
      steps: [
        update(`${path}/one`, configMap('one')),
        update(`${path}/one`, configMap('one', {}, { resourceVersion: '5' })),
        update(`${path}/one`, configMap('one', {}, { uid: 'x' })),
      ],
    },
    {
      name: 'update: nothing changes',
      steps: [
        create(path, configMap('one'), { save: { rv: 'metadata.resourceVersion' } }),
        update(`${path}/one`, configMap('one')),
        get(`${path}/one`, { until: { path: 'metadata.name', is: 'one' } }),
      ],
    },
    {
      name: 'update: what the server sets stays',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        update(
          `${path}/one`,
          configMap(
            'one',
            {},
            { creationTimestamp: '2020-01-01T00:00:00Z', generation: 9, deletionTimestamp: '2020-01-01T00:00:00Z' },
          ),
        ),
      ],
    },
    {
      name: 'update: dry run',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        update(`${path}/one?dryRun=All`, configMap('one', { a: '2' })),
        get(`${path}/one`),
      ],
    },
    {
      name: 'update: another name through a patch',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        mergePatch(`${path}/one`, { metadata: { name: 'two' } }),
        mergePatch(`${path}/one`, { metadata: { uid: 'x' } }),
        mergePatch(`${path}/one`, { metadata: { namespace: 'default' } }),
        mergePatch(`${path}/one`, { kind: 'Secret' }),
      ],
    },
    patched(
      'JSON patch: operations',
      [
        [{ op: 'add', path: '/data/c', value: '3' }],
        [{ op: 'replace', path: '/data/a', value: '9' }],
        [{ op: 'remove', path: '/data/b' }],
        [{ op: 'move', from: '/data/a', path: '/data/moved' }],
        [{ op: 'copy', from: '/data/moved', path: '/data/copied' }],
        [
          { op: 'test', path: '/data/copied', value: '9' },
          { op: 'add', path: '/metadata/labels', value: { a: 'b' } },
        ],
        [],
      ],
      jsonPatch,
    ),
    patched(
      'JSON patch: refused',
      [
        [{ op: 'test', path: '/data/a', value: 'no' }],
        [{ op: 'remove', path: '/data/zzz' }],
        [{ op: 'replace', path: '/data/zzz', value: 'x' }],
        [{ op: 'add', path: '/zzz/a', value: 'x' }],
        [{ op: 'odd', path: '/data/a' }],
        { op: 'add' },
        [{ op: 'add', path: 'data', value: 'x' }],
        'not json',
        [{ op: 'add', path: '/data/a', value: 1 }],
      ],
      jsonPatch,
    ),
    patched(
      'merge patch',
      [
        { data: { a: '9', b: null, c: '3' } },
        { metadata: { labels: { x: 'y' } } },
        { metadata: { labels: null } },
        { data: null },
        {},
      ],
      mergePatch,
    ),
    patched(
      'merge patch: refused',
      [[], 'not json', { data: { a: 1 } }, { data: 'x' }, null, { metadata: { labels: { 'a b': 'c' } } }],
      mergePatch,
    ),
    patched(
      'merge patch: version',
      [{ metadata: { resourceVersion: '1' }, data: { a: '2' } }, { metadata: { resourceVersion: 'x' } }],
      mergePatch,
    ),
    patched(
      'strategic merge patch',
      [
        { data: { a: '9', b: null } },
        { data: { $patch: 'replace', z: '1' } },
        { data: { $patch: 'delete' } },
        { metadata: { finalizers: ['example.com/a'] } },
        { metadata: { finalizers: ['example.com/b'] } },
        { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/a', 'example.com/b'] } },
      ],
      strategicPatch,
    ),
    patched(
      'strategic merge patch: refused',
      ['not json', [], { data: { $patch: 'odd' } }, { data: { a: 1 } }],
      strategicPatch,
    ),
    {
      name: 'strategic merge patch: lists by key',
      steps: [
        create(deployments, deployment(), { unseen: true }),
        strategicPatch(`${deployments}/one`, podPatch([{ name: 'main', image: 'example.com/a:2' }])),
        strategicPatch(`${deployments}/one`, podPatch([{ name: 'side', image: 'example.com/s:1' }])),
        strategicPatch(`${deployments}/one`, podPatch([{ name: 'main', env: [{ name: 'B', value: '2' }] }])),
        strategicPatch(`${deployments}/one`, podPatch([{ name: 'main', env: [{ name: 'A', $patch: 'delete' }] }])),
        strategicPatch(`${deployments}/one`, podPatch([{ name: 'side', $patch: 'delete' }])),
        strategicPatch(`${deployments}/one`, podPatch([{ image: 'no name' }])),
        strategicPatch(`${deployments}/one`, podPatch([], { '$setElementOrder/containers': [{ name: 'main' }] })),
      ],
    },
    {
      name: 'strategic merge patch: ports of a service',
      steps: [
        create(
          services,
          {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: 'one' },
            spec: { clusterIP: 'None', ports: [{ name: 'a', port: 1 }] },
          },
          { unseen: true },
        ),
        strategicPatch(`${services}/one`, { spec: { ports: [{ name: 'b', port: 2 }] } }),
        strategicPatch(`${services}/one`, { spec: { ports: [{ port: 1, $patch: 'delete' }] } }),
      ],
    },
    {
      name: 'strategic merge patch: not for custom resources',
      steps: [
        ...define(definition(specOf({ a: { type: 'string' } }))),
        create(things, thing({ a: 'x' }), { unseen: true }),
        strategicPatch(`${things}/one`, { spec: { a: 'y' } }),
      ],
    },
    {
      name: 'patch: not there',
      steps: [mergePatch(`${path}/one`, {}), jsonPatch(`${path}/one`, []), strategicPatch(`${path}/one`, {})],
    },
    {
      name: 'patch: dry run',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        mergePatch(`${path}/one?dryRun=All`, { data: { a: '2' } }),
        get(`${path}/one`),
      ],
    },
    {
      name: 'patch: content type',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        mergePatch(`${path}/one`, {}, { headers: { 'content-type': 'application/json' } }),
        mergePatch(`${path}/one`, {}, { headers: { 'content-type': 'text/plain' } }),
      ],
    },
    {
      name: 'patch: force is for apply',
      steps: [create(path, configMap('one'), { unseen: true }), mergePatch(`${path}/one?force=true`, {})],
    },
    {
      name: 'field validation: unknown field of a built-in kind',
      steps: modes.map((mode, index) =>
        create(`${path}?fieldValidation=${mode}`, {
          ...configMap(`o${index}`),
          odd: 1,
          metadata: { name: `o${index}`, strange: { a: 1 } },
        }),
      ),
    },
    {
      name: 'field validation: duplicate key',
      steps: modes
        .slice(0, 3)
        .map((mode, index) =>
          create(
            `${path}?fieldValidation=${mode}`,
            `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"o${index}"},"data":{"a":"1","a":"2"}}`,
          ),
        ),
    },
    {
      name: 'field validation: deep in a deployment',
      steps: modes.slice(0, 3).map((mode) =>
        create(
          `${deployments}?dryRun=All&fieldValidation=${mode}`,
          deployment({
            odd: 1,
            template: {
              metadata: { labels: { app: 'a' } },
              spec: { containers: [{ name: 'a', image: 'i', imagee: 'x' }] },
            },
          }),
        ),
      ),
    },
    {
      name: 'field validation: unknown field of a custom resource',
      steps: [
        ...define(definition(specOf({ a: { type: 'string' } }))),
        ...modes
          .slice(0, 3)
          .map((mode, index) =>
            create(
              `${things}?fieldValidation=${mode}`,
              thing({ a: 'x', odd: 1, deep: { er: 1 } }, { name: `o${index}`, odd: 1 }),
            ),
          ),
        create(
          `${things}?fieldValidation=Strict`,
          '{"apiVersion":"<group>/v1","kind":"Thing","metadata":{"name":"dup"},"spec":{"a":"1","a":"2"}}',
        ),
        create(
          `${things}?fieldValidation=Warn`,
          '{"apiVersion":"<group>/v1","kind":"Thing","metadata":{"name":"dup"},"spec":{"a":"1","a":"2"}}',
        ),
      ],
    },
    {
      name: 'field validation: in patches',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        mergePatch(`${path}/one?fieldValidation=Strict`, { odd: 1 }),
        mergePatch(`${path}/one?fieldValidation=Warn`, { odd: 1 }),
        jsonPatch(`${path}/one?fieldValidation=Strict`, [{ op: 'add', path: '/odd', value: 1 }]),
        strategicPatch(`${path}/one?fieldValidation=Strict`, { odd: 1 }),
        update(`${path}/one?fieldValidation=Strict`, { ...configMap('one'), odd: 1 }),
      ],
    },
  ],
};
