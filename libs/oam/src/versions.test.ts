import { expect, test } from 'vitest';
import { addVersion, latestVersion, removeVersion, resolveVersion, withVersion, type Versions } from './versions.ts';

const versions: Versions = { order: ['v2', 'v1'], deployed: 'v2' };

test('the latest is the one put last, whatever its text', () => {
  expect(latestVersion(versions)).toBe('v1');
  expect(latestVersion(addVersion(versions, 'v0'))).toBe('v0');
  expect(addVersion(versions, 'v2')).toEqual(versions);
  expect(latestVersion({ order: [], deployed: undefined })).toBeUndefined();
});

test('deleting the latest makes the one before it the latest; deleting the deployed one undeploys it', () => {
  expect(removeVersion(versions, 'v1')).toEqual({ order: ['v2'], deployed: 'v2' });
  expect(removeVersion(versions, 'v2')).toEqual({ order: ['v1'], deployed: undefined });
  expect(removeVersion(versions, 'v9')).toEqual(versions);
});

test.for([
  [undefined, 'v1'],
  [null, 'v1'],
  ['', 'v1'],
  ['latest', 'v1'],
  ['v2', 'v2'],
  ['v9', undefined],
] as const)('a request for %s means %s', ([requested, want]) => {
  expect(resolveVersion(versions, requested)).toBe(want);
});

test('a manifest keeps its version, or gets the fresh one', () => {
  const own = { metadata: { name: 'a', annotations: { version: 'v3', description: 'd' } } };
  expect(withVersion(own, 'fresh')).toEqual({ manifest: own, version: 'v3' });
  expect(withVersion({ kind: 'Application', metadata: { name: 'a' } }, 'fresh')).toEqual({
    manifest: { kind: 'Application', metadata: { name: 'a', annotations: { version: 'fresh' } } },
    version: 'fresh',
  });
});
