import type { JsonObject } from '../schema/json.ts';
import { crontab, crontabPath, crontabs } from './harness.ts';

/** A request that the fuzzer starts from. What it once found broken is added here, so that it is tried for ever. */
export interface CorpusRequest {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body: unknown;
}

const json = 'application/json';
const core = '/api/v1/namespaces/default';
const named = (kind: string, apiVersion: string, rest: JsonObject): JsonObject => ({
  apiVersion,
  kind,
  metadata: {
    name: 'fuzzed',
    labels: { app: 'fuzz' },
    annotations: { note: 'x' },
    finalizers: ['example.com/hold'],
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'u', controller: true }],
  },
  ...rest,
});

const podTemplate = {
  metadata: { labels: { app: 'fuzz' } },
  spec: {
    containers: [
      {
        name: 'main',
        image: 'example.com/image:1',
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        env: [{ name: 'A', value: 'b' }],
        resources: { limits: { cpu: '100m', memory: '64Mi' } },
      },
    ],
    volumes: [{ name: 'config', configMap: { name: 'fuzzed' } }],
  },
};

const post = (path: string, body: unknown): CorpusRequest => ({ method: 'POST', path, type: json, body });

const creates: readonly CorpusRequest[] = [
  post(`${core}/configmaps`, named('ConfigMap', 'v1', { data: { a: 'b' }, binaryData: { c: 'ZA==' } })),
  post(`${core}/secrets`, named('Secret', 'v1', { type: 'Opaque', data: { a: 'Yg==' }, stringData: { c: 'd' } })),
  post(
    `${core}/services`,
    named('Service', 'v1', {
      spec: { selector: { app: 'fuzz' }, ports: [{ port: 80, targetPort: 'http', protocol: 'TCP' }] },
    }),
  ),
  post(`${core}/serviceaccounts`, named('ServiceAccount', 'v1', { secrets: [{ name: 's' }] })),
  post(`${core}/pods`, named('Pod', 'v1', { spec: podTemplate.spec })),
  post('/api/v1/namespaces', named('Namespace', 'v1', {})),
  post('/api/v1/nodes', named('Node', 'v1', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } })),
  post(
    '/apis/apps/v1/namespaces/default/deployments',
    named('Deployment', 'apps/v1', {
      spec: { replicas: 2, selector: { matchLabels: { app: 'fuzz' } }, template: podTemplate },
    }),
  ),
  post(
    '/apis/apps/v1/namespaces/default/daemonsets',
    named('DaemonSet', 'apps/v1', { spec: { selector: { matchLabels: { app: 'fuzz' } }, template: podTemplate } }),
  ),
  post(
    '/apis/coordination.k8s.io/v1/namespaces/default/leases',
    named('Lease', 'coordination.k8s.io/v1', {
      spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000000Z' },
    }),
  ),
  post(
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    named('EndpointSlice', 'discovery.k8s.io/v1', {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }],
      ports: [{ port: 80, protocol: 'TCP' }],
    }),
  ),
  post(
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    named('ClusterRole', 'rbac.authorization.k8s.io/v1', {
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    }),
  ),
  post(
    '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings',
    named('RoleBinding', 'rbac.authorization.k8s.io/v1', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'User', name: 'u', apiGroup: 'rbac.authorization.k8s.io' }],
    }),
  ),
  post(
    `${core}/events`,
    named('Event', 'v1', { involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' }, reason: 'R' }),
  ),
  post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    ...crontabs,
    metadata: { name: 'fuzzed.fuzz.example.com' },
    spec: { ...crontabs.spec, group: 'fuzz.example.com', names: { plural: 'fuzzed', kind: 'Fuzzed' } },
  }),
  post(crontabPath, crontab('fuzzed', { color: 'red', replicas: 1, epoch: 7 })),
];

const reviews: readonly CorpusRequest[] = [
  post(`${core}/serviceaccounts/default/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: ['a'], expirationSeconds: 600 },
  }),
  post('/apis/authentication.k8s.io/v1/tokenreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token: 'a.b.c', audiences: ['x'] },
  }),
  post('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user: 'u', groups: ['g'], resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } },
  }),
];

const cronTab = `${crontabPath}/fuzzed`;
const changes: readonly CorpusRequest[] = [
  { method: 'PUT', path: cronTab, type: json, body: crontab('fuzzed', { color: 'blue' }) },
  { method: 'PUT', path: `${cronTab}/status`, type: json, body: { ...crontab('fuzzed'), status: { replicas: 1 } } },
  {
    method: 'PUT',
    path: `${cronTab}/scale`,
    type: json,
    body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'fuzzed' }, spec: { replicas: 3 } },
  },
  {
    method: 'PATCH',
    path: cronTab,
    type: 'application/merge-patch+json',
    body: { spec: { color: null, replicas: 4 } },
  },
  {
    method: 'PATCH',
    path: cronTab,
    type: 'application/json-patch+json',
    body: [
      { op: 'test', path: '/spec/color', value: 'red' },
      { op: 'replace', path: '/spec/replicas', value: 5 },
      { op: 'move', from: '/spec/epoch', path: '/metadata/labels' },
    ],
  },
  {
    method: 'PATCH',
    path: `${cronTab}?fieldManager=fuzz&force=true`,
    type: 'application/apply-patch+yaml',
    body: crontab('fuzzed', { color: 'green' }),
  },
  {
    method: 'PATCH',
    path: '/apis/apps/v1/namespaces/default/deployments/fuzzed',
    type: 'application/strategic-merge-patch+json',
    body: {
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'main', image: 'b' },
              { $patch: 'delete', name: 'x' },
            ],
          },
        },
      },
    },
  },
  {
    method: 'PATCH',
    path: '/apis/apps/v1/namespaces/default/deployments/fuzzed?fieldManager=fuzz',
    type: 'application/apply-patch+yaml',
    body: named('Deployment', 'apps/v1', {
      spec: { replicas: 3, selector: { matchLabels: { app: 'fuzz' } }, template: podTemplate },
    }),
  },
  {
    method: 'DELETE',
    path: `${core}/configmaps/fuzzed`,
    type: json,
    body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Foreground', preconditions: { uid: 'u' } },
  },
  { method: 'DELETE', path: `${core}/secrets?labelSelector=app=fuzz`, type: json, body: { dryRun: ['All'] } },
];

const reads: readonly CorpusRequest[] = [
  '/api/v1/configmaps?limit=2',
  `${crontabPath}?fieldSelector=spec.color=red&limit=1`,
  `${crontabPath}?labelSelector=app in (a,b),!c&resourceVersion=1&resourceVersionMatch=Exact`,
  `${crontabPath}?watch=true&resourceVersion=x`,
  `${crontabPath}?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ`,
  `${crontabPath}/fuzzed/scale`,
  '/openapi/v3/apis/apps/v1',
].map((path) => ({ method: 'GET', path: path.replaceAll(' ', '%20'), type: json, body: {} }));

export const corpus: readonly CorpusRequest[] = [...creates, ...reviews, ...changes, ...reads];
