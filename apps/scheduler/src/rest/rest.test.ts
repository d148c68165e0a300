import {
  annotations,
  Application,
  builtin,
  GitSource,
  labels,
  WasmCloudActor,
  WasmCloudDistribution,
  type GitSourceObject,
} from '@kasmcloud/kube-api';
import type { Logger } from '@kasmcloud/observe';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ApiWorld, LATTICE, READER_TOKEN, type Ask } from '../api.fixture.ts';
import { manifest } from '../applications/manifest.fixture.ts';
import { LOGGER } from '../tokens.ts';
import { badRequests } from './bad-requests.fixture.ts';
import { openApiDocument } from './docs.ts';
import * as shapes from './shapes.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
}, 60_000);
afterAll(() => world.close());

const YAML = { type: 'application/yaml' } as const;
const at = (name: string, tail = ''): string => `/api/v1/namespaces/${LATTICE}/applications/${name}${tail}`;
const put = (name: string, body: string, query = ''): ReturnType<ApiWorld['ask']> =>
  world.ask('PUT', at(name, query), { ...YAML, body });

describe('the supercluster', () => {
  test('clusters and hosts', async () => {
    await expect
      .poll(async () => (await world.ask('GET', '/api/v1/clusters/self')).body)
      .toMatchObject({ name: 'self', region: 'eu', reach: 'Reachable', status: { hosts: 2, readyHosts: 2 } });
    const clusters = shapes.clustersReply.parse((await world.ask('GET', '/api/v1/clusters')).body);
    expect(clusters.items.map(({ name }) => name)).toEqual(['self']);
    const hosts = shapes.hostsReply.parse((await world.ask('GET', '/api/v1/hosts?cluster=self')).body);
    expect(hosts.items).toMatchObject([
      { name: 'h1', cluster: 'self', liveness: 'Ready', labels: { region: 'eu', [labels.cluster]: 'self' } },
      { name: 'h2' },
    ]);
  });

  test('what runs on a host is shown to those who may list it', async () => {
    const spec = { hostName: 'h1', id: 'mine', image: 'file:///x.wasm', instances: 3 };
    await world.hub.client.create(WasmCloudActor, { metadata: { name: 'mine', namespace: 'plain' }, spec });
    const see = [{ apiGroups: ['kasmcloud.io'], resources: ['wasmcloudhosts'], verbs: ['list'] }];
    await world.hub.client.create(builtin.ClusterRole, { metadata: { name: 'see-hosts' }, rules: see });
    await world.hub.client.create(builtin.ClusterRoleBinding, {
      metadata: { name: 'see-hosts' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'see-hosts' },
      subjects: [{ kind: 'User', name: 'reader', apiGroup: 'rbac.authorization.k8s.io' }],
    });
    const hostSeen = async (ask: Ask): Promise<unknown> => {
      const { items } = shapes.hostsReply.parse((await world.ask('GET', '/api/v1/hosts', ask)).body);
      return items.find(({ name }) => name === 'h1');
    };
    await expect
      .poll(() => hostSeen({}))
      .toMatchObject({ used: { instances: 3 }, running: [{ kind: 'actor', namespace: 'plain', name: 'mine' }] });
    expect(await hostSeen({ token: READER_TOKEN })).toMatchObject({ used: { instances: 3 }, running: [] });
  });
});

describe('an Application', () => {
  test('goes through its life', async () => {
    const first = await put('life', manifest({ name: 'life', version: 'v1' }));
    expect(first.body).toEqual({ result: 'created', version: 'v1', deployed: true, versions: 1, warnings: [] });
    const second = await put('life', manifest({ name: 'life', version: 'v2', instances: 4 }), '?deploy=false');
    expect(second.body).toMatchObject({ result: 'newversion', deployed: false, versions: 2 });
    expect((await put('life', manifest({ name: 'life', version: 'v1' }))).body).toMatchObject({ result: 'unchanged' });

    const read = shapes.applicationReply.parse((await world.ask('GET', at('life'))).body);
    expect(read).toMatchObject({ deployedVersion: 'v1', version: 'v1', description: 'says hello' });
    expect((await world.ask('GET', at('life', '?version=v2'))).body).toMatchObject({
      version: 'v2',
      manifest: { spec: { components: [{ traits: [{ properties: { instances: 4 } }] }] } },
    });
    expect((await world.ask('POST', at('life', '/deploy'))).body).toEqual({ version: 'v2' });
    expect((await world.ask('GET', at('life', '/versions'))).body).toEqual({
      items: [
        { version: 'v1', deployed: false },
        { version: 'v2', deployed: true },
      ],
    });
    const body = JSON.stringify({ version: 'v1' });
    const json = { type: 'application/json', body };
    expect((await world.ask('POST', at('life', '/deploy'), json)).body).toEqual({ version: 'v1' });

    expect((await world.ask('POST', at('life', '/undeploy'))).body).toEqual({ version: 'v1' });
    expect((await world.ask('POST', at('life', '/undeploy'))).body).toEqual({});
    expect((await world.ask('DELETE', at('life', '?version=v1'))).body).toEqual({ undeployed: false, last: false });
    expect((await world.ask('DELETE', at('life'))).body).toEqual({ undeployed: false, last: true });
    expect((await world.ask('GET', at('life'))).status).toBe(404);
  });

  test('is placed, and its Distribution says where', async () => {
    await put('placed', manifest({ name: 'placed', instances: 4 }));
    const distribution = `/api/v1/namespaces/${LATTICE}/distributions/placed-http`;
    await expect
      .poll(async () => (await world.ask('GET', distribution)).body)
      .toMatchObject({
        application: 'placed',
        status: { replicas: 4 },
        placements: [
          {
            cluster: 'self',
            hosts: [
              { host: 'h1', replicas: 2 },
              { host: 'h2', replicas: 2 },
            ],
          },
        ],
      });
    shapes.distributionReply.parse((await world.ask('GET', distribution)).body);
    const all = shapes.distributionsReply.parse(
      (await world.ask('GET', distribution.replace('/placed-http', ''))).body,
    );
    expect(all.items.map(({ name }) => name)).toContain('placed-http');
    const { items } = shapes.applicationsReply.parse(
      (await world.ask('GET', `/api/v1/applications?namespace=${LATTICE}`)).body,
    );
    expect(items.find(({ name }) => name === 'placed')).toMatchObject({ replicas: 4, status: 'reconciling' });
  });

  test('may be JSON, and what git owns is not written here', async () => {
    const value = {
      apiVersion: 'core.oam.dev/v1beta1',
      kind: 'Application',
      metadata: { name: 'json', annotations: {} },
      spec: { components: [{ name: 'a', type: 'component', properties: { image: 'file:///a.wasm' } }] },
    };
    const json = { type: 'application/json', body: JSON.stringify(value) };
    expect(await world.ask('PUT', at('json', '?deploy=false'), json)).toMatchObject({ status: 200 });

    const metadata = { name: 'from-git', namespace: LATTICE, labels: { [labels.gitSource]: 'repo' } };
    await world.hub.client.create(Application, { metadata, spec: value.spec });
    const refused = await put('from-git', manifest({ name: 'from-git' }), '?force=true');
    expect(refused).toMatchObject({ status: 409, body: { message: expect.stringContaining('GitSource repo') } });
    expect(await world.ask('DELETE', at('from-git'))).toMatchObject({ status: 409 });
    expect((await world.ask('GET', at('from-git'))).body).toMatchObject({ owner: expect.stringContaining('repo') });
  });

  test('an equal version with another content is refused', async () => {
    await put('twice', manifest({ name: 'twice', version: 'v1' }), '?deploy=false');
    expect(await put('twice', manifest({ name: 'twice', version: 'v1', instances: 9 }))).toMatchObject({
      status: 409,
      body: { error: 'Conflict', details: [{ field: 'metadata.annotations.version' }] },
    });
  });
});

test('a plan says what would run where, and writes nothing', async () => {
  const before = await world.hub.client.list(Application);
  const body = `${manifest({ name: 'planned', instances: 5 })}---
apiVersion: kasmcloud.io/v1alpha1
kind: WasmCloudDistribution
metadata: {name: nowhere}
spec:
  actor: {id: nowhere, image: 'file:///x.wasm'}
  replicas: 1
  hosts: {required: [{matchExpressions: [{key: gpu, operator: Exists}]}]}
`;
  const answer = await world.ask('POST', `/api/v1/plan?namespace=${LATTICE}`, { ...YAML, body });
  const plan = shapes.planReply.parse(answer.body);
  expect(plan.distributions).toMatchObject([
    { name: 'nowhere', placed: 0, unplaced: [{ count: 1, reason: 'NoEligibleHost' }] },
    { name: 'planned-http', application: 'planned', exists: false, desired: 5, placed: 5 },
  ]);
  expect(plan.distributions[1]?.changes).toHaveLength(2);
  expect((await world.hub.client.list(Application)).items).toHaveLength(before.items.length);
});

test('a GitSource is asked to sync', async () => {
  const spec = { url: 'https://git.example/x.git', suspend: true };
  await world.hub.client.create(GitSource, { metadata: { name: 'repo-2', namespace: LATTICE }, spec });
  const path = `/api/v1/namespaces/${LATTICE}/gitsources/repo-2/sync`;
  const { status, body } = await world.ask('POST', path);
  expect(status).toBe(202);
  const { metadata } = await world.hub.client.get<GitSourceObject>(GitSource, 'repo-2', LATTICE);
  expect(metadata.annotations?.[annotations.syncRequestedAt]).toBe(shapes.syncReply.parse(body).requestedAt);
  expect((await world.ask('POST', path.replace('repo-2', 'none'))).status).toBe(404);
});

test.for(badRequests)('$name is answered with $status', async ({ method = 'GET', path, status, want, ...ask }) => {
  const answer = await world.ask(method, path, ask);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/json');
  const body = shapes.errorReply.parse(answer.body);
  expect(body.statusCode).toBe(status);
  expect(JSON.stringify(body)).toContain(want);
});

test('probes and docs need no token, and every answer has its headers', async () => {
  for (const path of ['/livez', '/readyz', '/metrics', '/docs', '/docs-json', '/docs/swagger-ui-bundle.js']) {
    const { status, headers } = await world.ask('GET', path, { token: null });
    expect([path, status]).toEqual([path, 200]);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
  const { headers } = await world.ask('GET', '/api/v1/clusters');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('the OpenAPI document lists every route with its shapes', async () => {
  const document = openApiDocument(world.app);
  const routes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method} ${path.replace('/api/v1/', '')}`),
  );
  expect(routes.toSorted()).toEqual([
    'delete clusters/{name}',
    'delete namespaces/{namespace}/applications/{name}',
    'get applications',
    'get clusters',
    'get clusters/{name}',
    'get hosts',
    'get namespaces/{namespace}/applications/{name}',
    'get namespaces/{namespace}/applications/{name}/versions',
    'get namespaces/{namespace}/distributions',
    'get namespaces/{namespace}/distributions/{name}',
    'get namespaces/{namespace}/distributions/{name}/explain',
    'post clusters/{name}/{use}',
    'post namespaces/{namespace}/applications/{name}/deploy',
    'post namespaces/{namespace}/applications/{name}/undeploy',
    'post namespaces/{namespace}/gitsources/{name}/sync',
    'post plan',
    'put clusters/{name}',
    'put namespaces/{namespace}/applications/{name}',
  ]);
  const ids = new Set<unknown>();
  for (const item of Object.values(document.paths)) {
    for (const operation of Object.values(item)) {
      expect(operation).toMatchObject({ security: [{ bearer: [] }], responses: { default: {} } });
      expect(JSON.stringify(operation)).toContain('"schema"');
      ids.add(operation.operationId);
    }
  }
  expect(ids.size).toBe(routes.length);
  expect((await world.ask('GET', '/docs-json', { token: null })).body).toMatchObject({ openapi: '3.0.0' });
});

test('every write is told in the log: who, what, and what became of it', async () => {
  const info = vi.spyOn(world.app.get<Logger>(LOGGER), 'info');
  await put('audited', manifest({ name: 'audited' }));
  await world.ask('DELETE', at('audited'), { token: READER_TOKEN });
  await world.ask('GET', at('audited'));
  await expect
    .poll(() => info.mock.calls.filter((call: unknown[]) => call[1] === 'audit').map((call: unknown[]) => call[0]), {
      timeout: 15_000,
    })
    .toEqual([
      expect.objectContaining({
        user: 'kubernetes-admin',
        verb: 'update',
        object: `core.oam.dev/v1beta1/Application/${LATTICE}/audited`,
        outcome: 200,
      }),
      expect.objectContaining({ user: 'reader', verb: 'delete', outcome: 403 }),
    ]);
});

test('whoever guesses tokens is slowed down, whoever has one is not', async () => {
  const guess = (i: number): ReturnType<ApiWorld['ask']> =>
    world.ask('GET', '/api/v1/clusters', { token: `guess-${i}` });
  const statuses: number[] = [];
  for (let i = 0; i < 30; i++) statuses.push((await guess(i)).status);
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  const { status, headers } = await guess(31);
  expect(status).toBe(429);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await world.ask('GET', '/api/v1/clusters')).status).toBe(200);
});

describe('a member', () => {
  const json = { type: 'application/json' } as const;

  test('joins, is taken out of use and into it again, and leaves', async () => {
    const body = JSON.stringify({ kubeconfig: world.hub.kubeconfig(), region: 'us' });
    expect(await world.ask('PUT', '/api/v1/clusters/twin', { ...json, body })).toMatchObject({
      status: 200,
      body: { name: 'twin', unschedulable: false },
    });
    for (const [use, unschedulable] of [
      ['cordon', true],
      ['drain', true],
      ['uncordon', false],
    ] as const)
      expect(await world.ask('POST', `/api/v1/clusters/twin/${use}`)).toMatchObject({
        status: 200,
        body: { unschedulable },
      });
    expect(await world.ask('DELETE', '/api/v1/clusters/twin')).toMatchObject({ status: 202, body: { leaving: true } });
    await expect.poll(async () => (await world.ask('GET', '/api/v1/clusters/twin')).status).toBe(404);
  });

  test.each([
    {
      what: 'a program in its kubeconfig',
      body: { kubeconfig: 'users: [{name: u, user: {exec: {command: x}}}]' },
      status: 400,
    },
    { what: 'no access at all', body: { region: 'eu' }, status: 400 },
    { what: 'two kinds of access', body: { kubeconfig: 'x', inCluster: true }, status: 400 },
  ])('is refused with $what', async ({ body, status }) => {
    const answer = await world.ask('PUT', '/api/v1/clusters/bad', { ...json, body: JSON.stringify(body) });
    expect(answer.status).toBe(status);
    expect((await world.ask('GET', '/api/v1/clusters/bad')).status).toBe(404);
  });

  test('is only for those who may', async () => {
    const body = JSON.stringify({ inCluster: true });
    expect((await world.ask('PUT', '/api/v1/clusters/mine', { ...json, body, token: READER_TOKEN })).status).toBe(403);
    expect((await world.ask('DELETE', '/api/v1/clusters/self', { token: READER_TOKEN })).status).toBe(403);
    expect((await world.ask('POST', '/api/v1/clusters/self/explode')).status).toBe(400);
    expect((await world.ask('POST', '/api/v1/clusters/absent/cordon')).status).toBe(404);
  });
});

test('a Distribution is explained', async () => {
  const spec = { actor: { id: 'why', image: 'file:///why.wasm' }, replicas: 3, maxPerHost: 1 };
  await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'why', namespace: LATTICE }, spec });
  await expect
    .poll(async () => (await world.ask('GET', `/api/v1/namespaces/${LATTICE}/distributions/why/explain`)).body, {
      timeout: 15_000,
    })
    .toMatchObject({
      key: `${LATTICE}/why`,
      desired: 3,
      placed: 2,
      unplaced: [{ count: 1 }],
      remedies: expect.any(Array),
    });
  expect((await world.ask('GET', `/api/v1/namespaces/${LATTICE}/distributions/none/explain`)).status).toBe(404);
  await world.hub.client.delete(WasmCloudDistribution, 'why', LATTICE);
});
