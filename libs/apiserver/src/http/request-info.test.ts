import { expect, test } from 'vitest';
import { requestInfo } from './request-info.ts';

const cases: readonly { name: string; method: string; path: string; want: object | undefined }[] = [
  {
    name: 'a list over all namespaces',
    method: 'GET',
    path: '/api/v1/pods',
    want: { verb: 'list', resource: 'pods', namespace: '', name: '' },
  },
  {
    name: 'a list narrowed to one name',
    method: 'GET',
    path: '/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dx',
    want: { verb: 'list', namespace: 'a', name: '', selectedName: 'x' },
  },
  {
    name: 'a watch',
    method: 'GET',
    path: '/apis/apps/v1/deployments?watch=true',
    want: { verb: 'watch', group: 'apps', version: 'v1' },
  },
  { name: 'watch=false', method: 'GET', path: '/api/v1/pods?watch=false', want: { verb: 'list' } },
  {
    name: 'a subresource',
    method: 'PATCH',
    path: '/apis/apps/v1/namespaces/a/deployments/d/scale',
    want: { verb: 'patch', namespace: 'a', resource: 'deployments', name: 'd', subresource: 'scale' },
  },
  {
    name: 'a namespace itself',
    method: 'DELETE',
    path: '/api/v1/namespaces/a',
    want: { verb: 'delete', resource: 'namespaces', name: 'a', namespace: 'a' },
  },
  {
    name: 'finalize of a namespace',
    method: 'PUT',
    path: '/api/v1/namespaces/a/finalize',
    want: { resource: 'namespaces', name: 'a', subresource: 'finalize' },
  },
  {
    name: 'a collection to delete',
    method: 'DELETE',
    path: '/api/v1/namespaces/a/pods',
    want: { verb: 'deletecollection' },
  },
  {
    name: 'discovery is no resource',
    method: 'GET',
    path: '/apis/apps/v1',
    want: { isResource: false, verb: 'get', path: '/apis/apps/v1' },
  },
  { name: 'broken encoding', method: 'GET', path: '/api/v1/%zz', want: undefined },
];

test.for(cases)('$name', ({ method, path, want }) => {
  const info = requestInfo(method, new URL(`https://localhost${path}`));
  expect(info === undefined ? info : { ...info, ...want }).toEqual(info);
  expect(info === undefined).toBe(want === undefined);
});
