import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asObject } from '../object.ts';
import type { JsonObject } from '../schema/json.ts';
import { type Answer, TestCluster, eventually } from './harness.ts';

const userToken = 'token-of-a-user';
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start({ tokens: [{ token: userToken, user: 'jane', groups: ['developers'] }] });
});
afterAll(() => cluster.close());

const post = (path: string, body: JsonObject, token?: string): Promise<Answer> =>
  cluster.ask({ method: 'POST', path, body, ...(token === undefined ? {} : { token }) });
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const secrets = '/api/v1/namespaces/default/secrets';

const grant = async (name: string, rules: JsonObject[], subject: JsonObject): Promise<void> => {
  await post(`${rbac}/namespaces/default/roles`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name },
    rules,
  });
  const bound = await post(`${rbac}/namespaces/default/rolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [subject],
  });
  expect(bound.code).toBe(201);
};

describe('authentication', () => {
  test('nobody gets in without a token, but health and version are open', async () => {
    for (const path of ['/livez', '/readyz', '/healthz', '/version']) {
      expect((await cluster.ask({ path, token: '' })).code).toBe(200);
    }
    for (const path of ['/api', '/api/v1/namespaces', '/openapi/v3']) {
      expect((await cluster.ask({ path, token: '' })).body).toMatchObject({ code: 401, reason: 'Unauthorized' });
      expect((await cluster.ask({ path, token: 'wrong' })).body).toMatchObject({ code: 401 });
    }
  });

  test('a service account is who its token says, until it goes', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    await post(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } });
    const issued = await post(`${accounts}/robot/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 600 },
    });
    expect(issued.code).toBe(201);
    const token = String(asObject(issued.body['status'])['token']);
    const review = (spec: JsonObject): Promise<Answer> =>
      post('/apis/authentication.k8s.io/v1/tokenreviews', {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec,
      });
    expect((await review({ token })).body['status']).toMatchObject({
      authenticated: true,
      user: {
        username: 'system:serviceaccount:default:robot',
        groups: expect.arrayContaining(['system:serviceaccounts:default']),
      },
    });
    expect((await review({ token, audiences: ['elsewhere'] })).body['status']).not.toHaveProperty('authenticated');
    expect((await review({ token: `${token.slice(0, -4)}AAAA` })).body['status']).not.toHaveProperty('authenticated');
    await cluster.ask({ method: 'DELETE', path: `${accounts}/robot` });
    expect((await review({ token })).body['status']).not.toHaveProperty('authenticated');
    expect((await cluster.ask({ path: '/api', token })).code).toBe(401);
  });
});

const role = (verbs: string[]): JsonObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: `made-${verbs.length}` },
  rules: [{ apiGroups: [''], resources: ['secrets'], verbs, resourceNames: ['mine'] }],
});

describe('authorization', () => {
  test('refuses what no role allows, in the words of RBAC', async () => {
    const refused = await cluster.ask({ path: secrets, token: userToken });
    expect(refused.body).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "default"',
    });
    const path = await cluster.ask({ path: '/metrics', token: userToken });
    expect(path.body['message']).toBe('forbidden: User "jane" cannot get path "/metrics"');
  });

  test('allows what a role names, no more', async () => {
    await grant('one-secret', [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames: ['mine'] }], {
      kind: 'Group',
      name: 'developers',
    });
    await post(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mine' }, stringData: { a: 'b' } });
    const mine = await cluster.ask({ path: `${secrets}/mine`, token: userToken });
    expect(mine.body['data']).toEqual({ a: 'Yg==' });
    expect((await cluster.ask({ path: `${secrets}/other`, token: userToken })).code).toBe(403);
    expect((await cluster.ask({ method: 'DELETE', path: `${secrets}/mine`, token: userToken })).code).toBe(403);
  });

  test('answers access reviews', async () => {
    const ask = async (verb: string, name: string): Promise<unknown> => {
      const review = await post('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: 'joe',
          groups: ['developers'],
          resourceAttributes: { namespace: 'default', verb, resource: 'secrets', name },
        },
      });
      expect(review.code).toBe(201);
      return asObject(review.body['status'])['allowed'];
    };
    expect(await ask('get', 'mine')).toBe(true);
    expect(await ask('get', 'other')).toBe(false);
    expect(await ask('list', '')).toBe(false);
    const self = await post(
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { nonResourceAttributes: { path: '/apis', verb: 'get' } },
      },
      userToken,
    );
    expect(self.body['status']).toMatchObject({ allowed: true });
  });

  test('a role with an aggregation rule grows with what it selects', async () => {
    await post(`${rbac}/clusterroles`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'view-crontabs', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
      rules: [{ apiGroups: ['stable.example.com'], resources: ['crontabs'], verbs: ['get'] }],
    });
    const admin = await eventually(async () => {
      const { body } = await cluster.ask({ path: `${rbac}/clusterroles/admin` });
      return JSON.stringify(body['rules']).includes('crontabs') ? body : undefined;
    });
    expect(JSON.stringify(admin['rules'])).toContain('rolebindings');
  });

  test('impersonation is a right of its own, and replaces every right of the sender', async () => {
    const as = (user: string, token?: string): Promise<Answer> =>
      cluster.ask({
        path: `${secrets}/mine`,
        headers: { 'impersonate-user': user, 'impersonate-group': 'developers' },
        ...(token === undefined ? {} : { token }),
      });
    expect((await as('joe')).code).toBe(200);
    expect((await cluster.ask({ path: `${secrets}/mine`, headers: { 'impersonate-user': 'joe' } })).code).toBe(403);
    expect((await as('joe', userToken)).body['message']).toContain('User "jane" cannot impersonate-on:user-info:get');
    const groupsOnly = await cluster.ask({ path: '/api', headers: { 'impersonate-group': 'developers' } });
    expect(groupsOnly.code).toBe(400);
  });

  test('nobody gives away rights that he does not have', async () => {
    await grant(
      'roles',
      [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['create'] }],
      {
        kind: 'User',
        name: 'jane',
      },
    );
    const roles = `${rbac}/namespaces/default/roles`;
    expect((await post(roles, role(['get']), userToken)).code).toBe(201);
    const more = await post(roles, role(['get', 'delete']), userToken);
    expect(more.code).toBe(403);
    expect(more.body['message']).toContain('is attempting to grant RBAC permissions not currently held');
    const bound = await post(
      `${rbac}/namespaces/default/rolebindings`,
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'escalate' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'User', name: 'jane' }],
      },
      userToken,
    );
    expect(bound.code).toBe(403);
  });
});
