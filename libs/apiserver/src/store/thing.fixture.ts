import type { KubeObject } from '../object.ts';

/** An object for tests of the store. */
export const thing = (name: string, value = 0): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name, namespace: 'ns', uid: name, resourceVersion: '', creationTimestamp: '2026-01-01T00:00:00Z' },
  value,
});
