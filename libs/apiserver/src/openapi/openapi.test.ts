import { describe, expect, test } from 'vitest';
import { isObject } from '../schema/json.ts';
import { openApiV3Document } from './index.ts';
import type { OpenApiResource } from './index.ts';

const distribution: OpenApiResource = {
  group: 'kasmcloud.io',
  version: 'v1alpha1',
  kind: 'WasmCloudDistribution',
  plural: 'wasmclouddistributions',
  namespaced: true,
  schema: {
    type: 'object',
    description: 'What to run, how many, and where',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: {
        type: 'object',
        properties: { replicas: { type: 'integer', minimum: 0, description: 'Over all hosts of all clusters' } },
      },
    },
  },
  subresources: ['status', 'scale'],
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
};
const host: OpenApiResource = {
  ...distribution,
  kind: 'WasmCloudHost',
  plural: 'wasmcloudhosts',
  namespaced: false,
  subresources: [],
};
const gvk = { group: 'kasmcloud.io', version: 'v1alpha1', kind: 'WasmCloudDistribution' };
const document = openApiV3Document('kasmcloud.io/v1alpha1', [distribution, host]);

test('paths by scope, verbs and subresources', () => {
  const root = '/apis/kasmcloud.io/v1alpha1';
  expect(
    Object.fromEntries(Object.entries(object(document['paths'])).map(([path, item]) => [path, methods(item)])),
  ).toEqual({
    [`${root}/wasmclouddistributions`]: ['get'],
    [`${root}/namespaces/{namespace}/wasmclouddistributions`]: ['get', 'post', 'delete'],
    [`${root}/namespaces/{namespace}/wasmclouddistributions/{name}`]: ['get', 'put', 'patch', 'delete'],
    [`${root}/namespaces/{namespace}/wasmclouddistributions/{name}/status`]: ['get', 'put', 'patch'],
    [`${root}/namespaces/{namespace}/wasmclouddistributions/{name}/scale`]: ['get', 'put', 'patch'],
    [`${root}/wasmcloudhosts`]: ['get', 'post', 'delete'],
    [`${root}/wasmcloudhosts/{name}`]: ['get', 'put', 'patch', 'delete'],
  });
});

test('only the verbs that a resource has', () => {
  const readOnly = openApiV3Document('kasmcloud.io/v1alpha1', [{ ...host, verbs: ['get'] }]);
  expect(Object.keys(object(readOnly['paths']))).toEqual(['/apis/kasmcloud.io/v1alpha1/wasmcloudhosts/{name}']);
});

test('the core group is under /api', () => {
  const core = openApiV3Document('v1', [
    { ...host, group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces' },
  ]);
  expect(Object.keys(object(core['paths']))).toEqual(['/api/v1/namespaces', '/api/v1/namespaces/{name}']);
  expect(Object.keys(schemas(core))).toContain('io.k8s.api.core.v1.Namespace');
});

// kubectl asks for server-side field validation only where the PATCH of the kind names the parameter.
test('patch tells its kind, action, parameters and media types', () => {
  const item = object(
    object(document['paths'])['/apis/kasmcloud.io/v1alpha1/namespaces/{namespace}/wasmclouddistributions/{name}'],
  );
  const patch = object(item['patch']);
  expect(patch).toMatchObject({
    operationId: 'patchKasmcloudIoV1alpha1NamespacedWasmCloudDistribution',
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': gvk,
  });
  expect(list(patch['parameters']).map((parameter) => parameter['name'])).toEqual([
    'dryRun',
    'fieldManager',
    'fieldValidation',
    'force',
  ]);
  expect(Object.keys(object(object(patch['requestBody'])['content']))).toEqual([
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/apply-patch+yaml',
  ]);
  expect(list(item['parameters']).map((parameter) => parameter['name'])).toEqual(['name', 'namespace', 'pretty']);
});

describe('schemas', () => {
  test('of a kind: description, own properties and common metadata', () => {
    expect(schemas(document)['io.kasmcloud.v1alpha1.WasmCloudDistribution']).toMatchObject({
      description: 'What to run, how many, and where',
      properties: {
        apiVersion: { type: 'string' },
        metadata: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }] },
        spec: { properties: { replicas: { description: 'Over all hosts of all clusters', minimum: 0 } } },
      },
      'x-kubernetes-group-version-kind': [gvk],
    });
  });

  test('of its list', () => {
    expect(schemas(document)['io.kasmcloud.v1alpha1.WasmCloudDistributionList']).toMatchObject({
      required: ['items'],
      properties: {
        items: {
          items: { allOf: [{ $ref: '#/components/schemas/io.kasmcloud.v1alpha1.WasmCloudDistribution' }] },
        },
      },
    });
  });

  test('every reference resolves', () => {
    const known = new Set(Object.keys(schemas(document)).map((name) => `#/components/schemas/${name}`));
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]);
    expect(refs.length).toBeGreaterThan(20);
    expect(refs.filter((ref) => !known.has(ref ?? ''))).toEqual([]);
  });

  test('operation ids are unique', () => {
    const ids = [...JSON.stringify(document['paths']).matchAll(/"operationId":"([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

function object(value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw new Error(`not an object: ${JSON.stringify(value)}`);
  return value;
}

function list(value: unknown): Record<string, unknown>[] {
  if (!Array.isArray(value)) throw new Error(`not a list: ${JSON.stringify(value)}`);
  return value.map((item) => object(item));
}

function methods(item: unknown): string[] {
  return Object.keys(object(item)).filter((key) => key !== 'parameters');
}

function schemas(of: Record<string, unknown>): Record<string, unknown> {
  return object(object(of['components'])['schemas']);
}
