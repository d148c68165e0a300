import type { JsonObject } from '../schema/json.ts';

const apiVersion = 'rbac.authorization.k8s.io/v1';
const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };

/** A kube-apiserver brings what carries it up to date when it starts. */
const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };

interface BootstrapObject {
  readonly plural: 'clusterroles' | 'clusterrolebindings';
  readonly object: JsonObject;
}

const role = (
  name: string,
  rules: readonly JsonObject[],
  more: Readonly<Record<string, string>> = {},
): BootstrapObject => ({
  plural: 'clusterroles',
  object: {
    apiVersion,
    kind: 'ClusterRole',
    metadata: { name, labels: { ...labels, ...more }, annotations },
    rules: [...rules],
  },
});

const aggregateTo = (name: string): Readonly<Record<string, string>> => ({
  [`rbac.authorization.k8s.io/aggregate-to-${name}`]: 'true',
});

/** A role whose rules are those of all roles that carry its label: others can add to it. */
const aggregated = (name: string, more: Readonly<Record<string, string>> = {}): BootstrapObject => ({
  plural: 'clusterroles',
  object: {
    apiVersion,
    kind: 'ClusterRole',
    metadata: { name, labels: { ...labels, ...more }, annotations },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregateTo(name) }] },
  },
});

const binding = (name: string, ...groups: readonly string[]): BootstrapObject => ({
  plural: 'clusterrolebindings',
  object: {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels, annotations },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: groups.map((group) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group })),
  },
});

const on = (apiGroups: readonly string[], resources: readonly string[], verbs: readonly string[]): JsonObject => ({
  apiGroups: [...apiGroups],
  resources: [...resources],
  verbs: [...verbs],
});

const paths = (...nonResourceURLs: readonly string[]): JsonObject => ({
  nonResourceURLs: [...nonResourceURLs],
  verbs: ['get'],
});

const read = ['get', 'list', 'watch'];
const write = ['create', 'delete', 'deletecollection', 'patch', 'update'];

const viewed = [
  on(
    [''],
    [
      'configmaps',
      'endpoints',
      'pods',
      'serviceaccounts',
      'services',
      'services/status',
      'events',
      'namespaces',
      'pods/status',
    ],
    read,
  ),
  on(
    ['apps'],
    [
      'controllerrevisions',
      'daemonsets',
      'daemonsets/status',
      'deployments',
      'deployments/scale',
      'deployments/status',
    ],
    read,
  ),
  on(['discovery.k8s.io'], ['endpointslices'], read),
  on(['events.k8s.io'], ['events'], read),
];

const edited = [
  on([''], ['secrets'], read),
  on([''], ['configmaps', 'events', 'pods', 'secrets', 'serviceaccounts', 'services'], write),
  on([''], ['serviceaccounts/token'], ['create']),
  on([''], ['serviceaccounts'], ['impersonate']),
  on(['apps'], ['daemonsets', 'deployments', 'deployments/scale'], write),
  on(['coordination.k8s.io'], ['leases'], [...read, ...write]),
];

const governed = [
  on(['authorization.k8s.io'], ['localsubjectaccessreviews'], ['create']),
  on(['rbac.authorization.k8s.io'], ['roles', 'rolebindings'], [...read, ...write]),
];

/** The roles and bindings that kube-apiserver writes at its start, as far as the kinds served here go. */
export const bootstrapRoles: readonly BootstrapObject[] = [
  role('cluster-admin', [on(['*'], ['*'], ['*']), { nonResourceURLs: ['*'], verbs: ['*'] }]),
  aggregated('admin'),
  aggregated('edit', aggregateTo('admin')),
  aggregated('view', aggregateTo('edit')),
  role('system:aggregate-to-admin', governed, aggregateTo('admin')),
  role('system:aggregate-to-edit', edited, aggregateTo('edit')),
  role('system:aggregate-to-view', viewed, aggregateTo('view')),
  role('system:discovery', [
    paths(
      '/api',
      '/api/*',
      '/apis',
      '/apis/*',
      '/healthz',
      '/livez',
      '/openapi',
      '/openapi/*',
      '/readyz',
      '/version',
      '/version/',
    ),
  ]),
  role('system:basic-user', [
    on(['authorization.k8s.io'], ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
    on(['authentication.k8s.io'], ['selfsubjectreviews'], ['create']),
  ]),
  role('system:public-info-viewer', [paths('/healthz', '/livez', '/readyz', '/version', '/version/')]),
  role('system:auth-delegator', [
    on(['authentication.k8s.io'], ['tokenreviews'], ['create']),
    on(['authorization.k8s.io'], ['subjectaccessreviews'], ['create']),
  ]),
  binding('cluster-admin', 'system:masters'),
  binding('system:discovery', 'system:authenticated'),
  binding('system:basic-user', 'system:authenticated'),
  binding('system:public-info-viewer', 'system:authenticated', 'system:unauthenticated'),
];
