import { expect, test } from 'vitest';
import type { ObjectMeta } from '../object.ts';
import { builtinResources } from './builtin/index.ts';
import { decodeMetadata, metadataErrors } from './metadata.ts';

const configMaps = builtinResources.find(({ plural }) => plural === 'configmaps');
if (configMaps === undefined) throw new Error('no ConfigMaps');
const live: ObjectMeta = {
  name: 'x',
  uid: 'x',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
  labels: { app: 'x' },
  annotations: { note: 'x' },
};
const errorsOf = (change: Partial<ObjectMeta>): string[] =>
  metadataErrors({ ...live, ...change }, configMaps, live).map(({ field }) => field);

test.for<[name: string, change: Partial<ObjectMeta>, want: string[]]>([
  ['nothing', {}, []],
  ['other labels', { labels: { app: 'y' } }, []],
  ['a wrong label', { labels: { app: 'x', 'a b': 'c d' } }, ['metadata.labels', 'metadata.labels']],
  ['a wrong annotation', { annotations: { 'a b': '' } }, ['metadata.annotations']],
  ['a wrong name', { name: 'X' }, ['metadata.name']],
  ['a wrong finalizer', { finalizers: ['a b'] }, ['metadata.finalizers', 'metadata.finalizers[0]']],
])('an update that changes %s', ([, change, want]) => {
  expect(errorsOf(change)).toEqual(want);
});

test('metadata that is as the server writes it keeps its parts, by which what was made of them is known', () => {
  const managedFields = [{ manager: 'm', operation: 'Update', apiVersion: 'v1', time: '2026-01-01T00:00:00Z' }];
  const { metadata } = decodeMetadata({ ...live, managedFields });
  expect(metadata.labels).toBe(live.labels);
  expect(metadata.managedFields).toBe(managedFields);
  const lax = { labels: { app: null }, managedFields: [{ time: '2026-01-01T02:00:00+02:00' }] };
  expect(decodeMetadata(lax).metadata).toEqual({
    labels: { app: '' },
    managedFields: [{ time: '2026-01-01T00:00:00Z' }],
  });
});
