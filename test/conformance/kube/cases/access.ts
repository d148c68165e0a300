import { configMap, create, get, inNamespace, mergePatch, remove, watch, type Step, type Suite } from '../case.ts';
import { isObject, type JsonObject, type JsonValue } from '../json.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const path = inNamespace('configmaps');
const review = (kind: string, group: string, spec: JsonObject): JsonObject => ({
  apiVersion: `${group}/v1`,
  kind,
  spec,
});

const reviews = '/apis/authorization.k8s.io/v1';
const selfAccess = (attributes: JsonObject, as: Step['as'] = 'viewer'): Step =>
  create(`${reviews}/selfsubjectaccessreviews`, review('SelfSubjectAccessReview', 'authorization.k8s.io', attributes), {
    as,
  });
const subjectAccess = (spec: JsonObject): Step =>
  create(`${reviews}/subjectaccessreviews`, review('SubjectAccessReview', 'authorization.k8s.io', spec));

/** The user `viewer` may read ConfigMaps of the namespace. */
const grant: readonly Step[] = [
  create(
    `${rbac}/namespaces/<ns>/roles`,
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'read' },
      rules: [
        { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] },
        { apiGroups: [''], resources: ['secrets'], resourceNames: ['only'], verbs: ['get'] },
      ],
    },
    { unseen: true },
  ),
  create(
    `${rbac}/namespaces/<ns>/rolebindings`,
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'read' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'read' },
      subjects: [{ kind: 'User', name: 'viewer' }],
    },
    { unseen: true },
  ),
  create(path, configMap('one'), { unseen: true }),
  get(`${path}/one`, { as: 'viewer', until: { status: 200 }, unseen: true }),
];

const token = `${inNamespace('serviceaccounts')}/robot/token`;
const tokenRequest = (spec: JsonObject): JsonObject => ({
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenRequest',
  spec,
});
const robot = create(
  inNamespace('serviceaccounts'),
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } },
  { unseen: true },
);

const withoutExtra = (body: JsonValue): JsonValue =>
  JSON.parse(JSON.stringify(body, (key, value: unknown) => (key === 'extra' ? undefined : value))) as JsonValue;

const impersonate = (user: string, more: Readonly<Record<string, string>> = {}) => ({
  headers: { 'impersonate-user': user, ...more },
});

export const access: Suite = {
  name: 'access',
  cases: [
    {
      name: 'no token',
      steps: [
        get('/api/v1/namespaces/default', { headers: { authorization: '' } }),
        get('/livez', { headers: { authorization: '' } }),
        get('/version', { headers: { authorization: '' } }),
      ],
    },
    {
      name: 'unknown token',
      steps: [
        get('/api/v1/namespaces/default', { as: 'stranger' }),
        create('/api/v1/namespaces', {}, { as: 'stranger' }),
      ],
    },
    {
      name: 'another scheme',
      steps: [get('/api/v1/namespaces/default', { headers: { authorization: 'Basic YTpi' } })],
    },
    {
      name: 'a user without rights',
      steps: [
        get(path, { as: 'nobody' }),
        get(`${path}/one`, { as: 'nobody' }),
        create(path, configMap('x'), { as: 'nobody' }),
        remove(`${path}/one`, undefined, { as: 'nobody' }),
        get('/api/v1/nodes', { as: 'nobody' }),
        get('/apis/apps/v1/deployments', { as: 'nobody' }),
        get('/nosuch', { as: 'nobody' }),
        remove(path, undefined, { as: 'nobody' }),
        watch(path, 1, [], { as: 'nobody', show: () => null }),
      ],
    },
    {
      name: 'discovery is for every user',
      steps: ['/api', '/apis', '/version', '/openapi/v3', '/livez', '/readyz', '/healthz', '/api/v1', '/metrics'].map(
        (at) => get(at, { as: 'nobody', show: () => null }),
      ),
    },
    {
      name: 'a role binds',
      steps: [
        ...grant,
        get(`${path}/one`, { as: 'viewer' }),
        get(path, { as: 'viewer', show: () => null }),
        create(path, configMap('two'), { as: 'viewer' }),
        mergePatch(`${path}/one`, {}, { as: 'viewer' }),
        get(`${inNamespace('secrets')}/only`, { as: 'viewer' }),
        get(`${inNamespace('secrets')}/other`, { as: 'viewer' }),
        get(inNamespace('secrets'), { as: 'viewer' }),
        get('/api/v1/configmaps', { as: 'viewer' }),
      ],
    },
    {
      name: 'a binding that goes takes the right with it',
      steps: [
        ...grant,
        remove(`${rbac}/namespaces/<ns>/rolebindings/read`, undefined, { show: () => null }),
        get(`${path}/one`, { as: 'viewer', until: { status: 403 } }),
      ],
    },
    {
      name: 'SelfSubjectAccessReview',
      steps: [
        ...grant,
        selfAccess({ resourceAttributes: { namespace: '<ns>', verb: 'get', resource: 'configmaps' } }),
        selfAccess({ resourceAttributes: { namespace: '<ns>', verb: 'delete', resource: 'configmaps' } }),
        selfAccess({ resourceAttributes: { verb: 'get', resource: 'configmaps' } }),
        selfAccess({ resourceAttributes: { namespace: '<ns>', verb: 'get', resource: 'secrets', name: 'only' } }),
        selfAccess({}),
        selfAccess({ resourceAttributes: { verb: '*', group: '*', resource: '*' } }, undefined),
      ],
    },
    {
      name: 'SubjectAccessReview',
      steps: [
        ...grant,
        subjectAccess({
          user: 'viewer',
          resourceAttributes: { namespace: '<ns>', verb: 'get', resource: 'configmaps' },
        }),
        subjectAccess({
          user: 'nobody',
          resourceAttributes: { namespace: '<ns>', verb: 'get', resource: 'configmaps' },
        }),
        subjectAccess({
          user: 'x',
          groups: ['system:masters'],
          resourceAttributes: { verb: 'delete', resource: 'nodes' },
        }),
        subjectAccess({ resourceAttributes: { verb: 'get', resource: 'nodes' } }),
        subjectAccess({ user: 'x' }),
        subjectAccess({
          user: 'x',
          resourceAttributes: { verb: 'get', resource: 'a' },
          nonResourceAttributes: { path: '/', verb: 'get' },
        }),
      ],
    },
    {
      name: 'SubjectAccessReview is not for every user',
      steps: [
        create(
          `${reviews}/subjectaccessreviews`,
          review('SubjectAccessReview', 'authorization.k8s.io', {
            user: 'x',
            resourceAttributes: { verb: 'get', resource: 'a' },
          }),
          { as: 'nobody' },
        ),
      ],
    },
    {
      name: 'LocalSubjectAccessReview',
      steps: [
        create(`${reviews}/namespaces/<ns>/localsubjectaccessreviews`, {
          ...review('LocalSubjectAccessReview', 'authorization.k8s.io', {
            user: 'x',
            resourceAttributes: { namespace: '<ns>', verb: 'get', resource: 'a' },
          }),
          metadata: { namespace: '<ns>' },
        }),
        create(
          `${reviews}/namespaces/<ns>/localsubjectaccessreviews`,
          review('LocalSubjectAccessReview', 'authorization.k8s.io', {
            user: 'x',
            resourceAttributes: { namespace: 'default', verb: 'get', resource: 'a' },
          }),
        ),
      ],
    },
    {
      name: 'SelfSubjectReview',
      steps: [
        create(
          '/apis/authentication.k8s.io/v1/selfsubjectreviews',
          { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
          { as: 'viewer', show: withoutExtra },
        ),
      ],
    },
    {
      name: 'SelfSubjectRulesReview',
      steps: [
        ...grant,
        create(
          `${reviews}/selfsubjectrulesreviews`,
          review('SelfSubjectRulesReview', 'authorization.k8s.io', { namespace: '<ns>' }),
          { as: 'viewer', show: rulesOfResources },
        ),
      ],
    },
    {
      name: 'TokenRequest',
      steps: [
        robot,
        create(token, tokenRequest({}), { show: withoutTimes }),
        create(token, tokenRequest({ expirationSeconds: 600 }), { show: withoutTimes }),
        create(token, tokenRequest({ audiences: ['other'] }), { show: withoutTimes }),
      ],
    },
    {
      name: 'TokenRequest: refused',
      steps: [
        robot,
        create(token, tokenRequest({ expirationSeconds: 60 })),
        create(`${inNamespace('serviceaccounts')}/nosuch/token`, tokenRequest({})),
        create(token, tokenRequest({ expirationSeconds: 99_999_999_999 })),
        create(token, tokenRequest({ boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'x' } })),
        create(token, tokenRequest({ boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'nosuch' } })),
      ],
    },
    {
      name: 'TokenReview',
      steps: [
        robot,
        create(token, tokenRequest({}), { save: { jwt: 'status.token' }, unseen: true }),
        ...['<jwt>', 'no-such-token', 'viewer-token', ''].map((text) =>
          create(
            '/apis/authentication.k8s.io/v1/tokenreviews',
            review('TokenReview', 'authentication.k8s.io', { token: text }),
            { show: statusWithoutExtra },
          ),
        ),
        create(
          '/apis/authentication.k8s.io/v1/tokenreviews',
          review('TokenReview', 'authentication.k8s.io', { token: '<jwt>', audiences: ['other'] }),
          { show: statusWithoutExtra },
        ),
      ],
    },
    {
      name: 'a ServiceAccount asks with its token, until it is deleted',
      steps: [
        robot,
        create(token, tokenRequest({}), { save: { jwt: 'status.token' }, unseen: true }),
        get(path, { headers: { authorization: 'Bearer <jwt>' } }),
        get('/version', { headers: { authorization: 'Bearer <jwt>' }, show: () => null }),
        remove(`${inNamespace('serviceaccounts')}/robot`, undefined, { show: () => null }),
        get('/version', { headers: { authorization: 'Bearer <jwt>' }, until: { status: 401 } }),
      ],
    },
    {
      name: 'impersonation',
      steps: [
        ...grant,
        get(`${path}/one`, { ...impersonate('viewer'), show: () => null }),
        get(`${path}/one`, impersonate('nobody')),
        get(path, impersonate('x', { 'impersonate-group': 'system:masters' })),
        get(path, { headers: { 'impersonate-group': 'system:masters' } }),
        get(path, impersonate('system:serviceaccount:<ns>:robot')),
        create(path, configMap('imp'), {
          ...impersonate('x', { 'impersonate-group': 'system:masters', 'impersonate-extra-a': 'b' }),
          show: () => null,
        }),
      ],
    },
    {
      name: 'impersonation needs a right',
      steps: [
        get(path, { ...impersonate('admin'), as: 'viewer' }),
        get(path, { ...impersonate('x', { 'impersonate-group': 'system:masters' }), as: 'viewer' }),
        get(path, { ...impersonate('system:serviceaccount:default:default'), as: 'viewer' }),
      ],
    },
    {
      name: 'nobody grants more than they have',
      steps: [
        create(
          `${rbac}/namespaces/<ns>/roles`,
          {
            apiVersion: 'rbac.authorization.k8s.io/v1',
            kind: 'Role',
            metadata: { name: 'maker' },
            rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['*'] }],
          },
          { unseen: true },
        ),
        create(
          `${rbac}/namespaces/<ns>/rolebindings`,
          {
            apiVersion: 'rbac.authorization.k8s.io/v1',
            kind: 'RoleBinding',
            metadata: { name: 'maker' },
            roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'maker' },
            subjects: [{ kind: 'User', name: 'viewer' }],
          },
          { unseen: true },
        ),
        get(`${rbac}/namespaces/<ns>/roles`, { as: 'viewer', until: { status: 200 }, unseen: true }),
        create(
          `${rbac}/namespaces/<ns>/roles`,
          {
            apiVersion: 'rbac.authorization.k8s.io/v1',
            kind: 'Role',
            metadata: { name: 'more' },
            rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }],
          },
          { as: 'viewer' },
        ),
        create(
          `${rbac}/namespaces/<ns>/rolebindings`,
          {
            apiVersion: 'rbac.authorization.k8s.io/v1',
            kind: 'RoleBinding',
            metadata: { name: 'more' },
            roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
            subjects: [{ kind: 'User', name: 'viewer' }],
          },
          { as: 'viewer' },
        ),
      ],
    },
    {
      name: 'roles that every cluster has',
      steps: [
        'cluster-admin',
        'admin',
        'edit',
        'view',
        'system:discovery',
        'system:basic-user',
        'system:public-info-viewer',
      ].map((role) => get(`${rbac}/clusterroles/${role}`, { show: nameAndLabels })),
    },
  ],
};

function nameAndLabels(body: JsonValue): JsonValue {
  const metadata = isObject(body) ? body['metadata'] : undefined;
  return isObject(metadata)
    ? [metadata['name'] ?? null, metadata['labels'] ?? null, metadata['annotations'] ?? null]
    : body;
}

/** Expiry depends on the clock. */
function withoutTimes(body: JsonValue): JsonValue {
  return JSON.parse(
    JSON.stringify(body, (key, value: unknown) => (key === 'expirationTimestamp' ? '<time>' : value)),
  ) as JsonValue;
}

function statusWithoutExtra(body: JsonValue): JsonValue {
  return isObject(body) && body['status'] !== undefined ? withoutExtra(body['status']) : body;
}

/** Sorted, and only those that the case granted. */
function rulesOfResources(body: JsonValue): JsonValue {
  const status = isObject(body) ? body['status'] : undefined;
  const rules = isObject(status) ? ((status['resourceRules'] ?? []) as readonly JsonObject[]) : [];
  return rules
    .filter((rule) => JSON.stringify(rule).includes('configmaps') || JSON.stringify(rule).includes('secrets'))
    .toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
}
