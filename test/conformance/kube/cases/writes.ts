import { configMap, create, get, inNamespace, update, type Case, type Suite } from '../case.ts';
import type { JsonObject } from '../json.ts';

const path = inNamespace('configmaps');

const named = (name: string, metadata: JsonObject): Case => ({
  name: `metadata: ${name}`,
  steps: [create(path, { apiVersion: 'v1', kind: 'ConfigMap', metadata })],
});

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
  ],
};
