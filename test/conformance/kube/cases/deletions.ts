import { configMap, create, get, inNamespace, mergePatch, remove, type Suite } from '../case.ts';
import { define, definition, specOf, thing, things } from '../definition.ts';
import type { JsonObject } from '../json.ts';

const path = inNamespace('configmaps');
const options = (fields: JsonObject): JsonObject => ({ apiVersion: 'v1', kind: 'DeleteOptions', ...fields });
const made = (name: string, metadata: JsonObject = {}) =>
  create(path, configMap(name, {}, metadata), {
    save: { uid: 'metadata.uid', rv: 'metadata.resourceVersion' },
    unseen: true,
  });

export const deletions: Suite = {
  name: 'deletions',
  cases: [
    { name: 'at once', steps: [made('one'), remove(`${path}/one`), get(`${path}/one`), remove(`${path}/one`)] },
    {
      name: 'preconditions',
      steps: [
        made('one'),
        remove(`${path}/one`, options({ preconditions: { uid: 'another' } })),
        remove(`${path}/one`, options({ preconditions: { resourceVersion: '1' } })),
        remove(`${path}/one`, options({ preconditions: { uid: '<uid>', resourceVersion: '<rv>' } })),
      ],
    },
    {
      name: 'dry run',
      steps: [
        made('one'),
        remove(`${path}/one?dryRun=All`),
        remove(`${path}/one`, options({ dryRun: ['All'] })),
        get(`${path}/one`),
        remove(`${path}/one`, options({ dryRun: ['Odd'] })),
      ],
    },
    {
      name: 'finalizers hold it',
      steps: [
        made('one', { finalizers: ['example.com/a'] }),
        remove(`${path}/one`),
        remove(`${path}/one`),
        mergePatch(`${path}/one`, { data: { a: '1' } }),
        mergePatch(`${path}/one`, { metadata: { finalizers: ['example.com/a', 'example.com/b'] } }),
        mergePatch(`${path}/one`, { metadata: { finalizers: null } }),
        get(`${path}/one`),
      ],
    },
    {
      name: 'propagation: foreground',
      steps: [made('one'), remove(`${path}/one?propagationPolicy=Foreground`), get(`${path}/one`)].slice(0, 2),
    },
    {
      name: 'propagation: background and orphan',
      steps: [
        made('one'),
        remove(`${path}/one`, options({ propagationPolicy: 'Background' })),
        made('two'),
        remove(`${path}/two`, options({ propagationPolicy: 'Orphan' })),
      ],
    },
    {
      name: 'propagation: refused',
      steps: [
        made('one'),
        remove(`${path}/one`, options({ propagationPolicy: 'Odd' })),
        remove(`${path}/one`, options({ propagationPolicy: 'Orphan', orphanDependents: true })),
        remove(`${path}/one?propagationPolicy=Odd`),
      ],
    },
    {
      name: 'grace period',
      steps: [
        made('one'),
        remove(`${path}/one?gracePeriodSeconds=30`),
        made('two'),
        remove(`${path}/two`, options({ gracePeriodSeconds: -1 })),
        remove(`${path}/two?gracePeriodSeconds=x`),
      ],
    },
    {
      name: 'options that are none',
      steps: [
        made('one'),
        remove(`${path}/one`, 'not json', { headers: { 'content-type': 'application/json' } }),
        remove(`${path}/one`, { kind: 'Other', apiVersion: 'v1' }, { headers: { 'content-type': 'application/json' } }),
        remove(`${path}/one`, options({ odd: 1 })),
      ],
    },
    {
      name: 'collection',
      steps: [
        made('a', { labels: { x: '1' } }),
        made('b', { labels: { x: '2' } }),
        remove(`${path}?labelSelector=x%3D1`),
        get(path),
        remove(path),
        get(`${path}?labelSelector=x`),
      ],
    },
    {
      name: 'collection: fields and dry run',
      steps: [
        made('a'),
        made('b'),
        remove(`${path}?fieldSelector=metadata.name%3Da&dryRun=All`),
        remove(`${path}?fieldSelector=metadata.name%3Da`),
        get(path),
      ],
    },
    {
      name: 'collection: refused',
      steps: [
        remove(`${path}?labelSelector=a%20b`),
        remove(`${path}?fieldSelector=x%3Dy`),
        remove('/api/v1/configmaps'),
        remove('/api/v1/namespaces'),
      ],
    },
    {
      name: 'custom resources',
      steps: [
        ...define(definition(specOf({ a: { type: 'string' } }))),
        create(things, thing({ a: 'x' }), { unseen: true }),
        create(things, thing({ a: 'y' }, { name: 'two', finalizers: ['example.com/a'] }), { unseen: true }),
        remove(`${things}/one`),
        remove(things),
        get(`${things}/two`),
        mergePatch(`${things}/two`, { metadata: { finalizers: [] } }),
        get(things),
      ],
    },
    {
      name: 'deleted objects of other kinds',
      steps: [
        create(inNamespace('secrets'), { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } }, { unseen: true }),
        remove(`${inNamespace('secrets')}/s`),
        create(
          inNamespace('leases', 'coordination.k8s.io/v1'),
          { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' } },
          { unseen: true },
        ),
        remove(`${inNamespace('leases', 'coordination.k8s.io/v1')}/l`),
        create(
          inNamespace('services'),
          {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: 's' },
            spec: { clusterIP: 'None', ports: [{ port: 1 }] },
          },
          { unseen: true },
        ),
        remove(`${inNamespace('services')}/s`),
      ],
    },
  ],
};
