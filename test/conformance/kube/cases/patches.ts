import {
  configMap,
  create,
  get,
  inNamespace,
  jsonPatch,
  mergePatch,
  strategicPatch,
  type Case,
  type Suite,
} from '../case.ts';
import { define, definition, specOf, thing, things } from '../definition.ts';
import { deploymentOfOne as deployment } from '../stored.ts';
import type { JsonObject, JsonValue } from '../json.ts';

const path = inNamespace('configmaps');
const deployments = inNamespace('deployments', 'apps/v1');
const services = inNamespace('services');

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

export const patches: Suite = {
  name: 'patches',
  cases: [
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
  ],
};
