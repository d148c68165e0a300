import { create, get, inNamespace, mergePatch, remove, update, type Suite } from '../case.ts';
import { type JsonObject } from '../json.ts';
import { named, refused, stored } from '../stored.ts';

const service = (spec: JsonObject): JsonObject => named('v1', 'Service', { spec });
const lease = (spec: JsonObject): JsonObject => named('coordination.k8s.io/v1', 'Lease', { spec });
const slice = (fields: JsonObject): JsonObject =>
  named('discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'IPv4', endpoints: [], ports: [], ...fields });
const role = (rules: readonly JsonObject[]): JsonObject => named('rbac.authorization.k8s.io/v1', 'Role', { rules });
const binding = (fields: JsonObject): JsonObject =>
  named('rbac.authorization.k8s.io/v1', 'RoleBinding', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'one' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: '<ns>' }],
    ...fields,
  });

const configMaps = inNamespace('configmaps');
const secrets = inNamespace('secrets');
const services = inNamespace('services');
const leases = inNamespace('leases', 'coordination.k8s.io/v1');
const slices = inNamespace('endpointslices', 'discovery.k8s.io/v1');
const roles = inNamespace('roles', 'rbac.authorization.k8s.io/v1');
const bindings = inNamespace('rolebindings', 'rbac.authorization.k8s.io/v1');
const priorities = '/apis/scheduling.k8s.io/v1/priorityclasses';
const nodes = '/api/v1/nodes';

const involved = { apiVersion: 'v1', kind: 'ConfigMap', name: 'one', namespace: '<ns>' };

export const coreObjects: Suite = {
  name: 'core-objects',
  cases: [
    stored('ConfigMap', configMaps, named('v1', 'ConfigMap', { data: { a: '1' }, binaryData: { b: 'AQI=' } })),
    stored('ConfigMap: immutable', configMaps, named('v1', 'ConfigMap', { immutable: true })),
    refused('ConfigMap: key with a space', configMaps, named('v1', 'ConfigMap', { data: { 'a b': '1' } })),
    refused(
      'ConfigMap: key in both',
      configMaps,
      named('v1', 'ConfigMap', { data: { a: '1' }, binaryData: { a: 'AQ==' } }),
    ),
    refused(
      'ConfigMap: binary data that is no base64',
      configMaps,
      named('v1', 'ConfigMap', { binaryData: { a: '?' } }),
    ),
    refused('ConfigMap: number for text', configMaps, named('v1', 'ConfigMap', { data: { a: 1 } })),
    refused('ConfigMap: data over 1 MiB', configMaps, named('v1', 'ConfigMap', { data: { a: 'x'.repeat(1_048_577) } })),
    {
      name: 'ConfigMap: immutable stays',
      steps: [
        create(configMaps, named('v1', 'ConfigMap', { data: { a: '1' }, immutable: true })),
        mergePatch(`${configMaps}/one`, { data: { a: '2' } }),
        mergePatch(`${configMaps}/one`, { immutable: false }),
        mergePatch(`${configMaps}/one`, { metadata: { labels: { a: 'b' } } }),
      ],
    },
    stored('Secret', secrets, named('v1', 'Secret', { data: { a: 'AQ==' }, stringData: { b: 'text' } })),
    stored('Secret: stringData wins', secrets, named('v1', 'Secret', { data: { a: 'AQ==' }, stringData: { a: 'x' } })),
    refused('Secret: data that is no base64', secrets, named('v1', 'Secret', { data: { a: '?' } })),
    refused('Secret: bad key', secrets, named('v1', 'Secret', { data: { 'a/b': '' } })),
    refused(
      'Secret: docker configuration missing',
      secrets,
      named('v1', 'Secret', { type: 'kubernetes.io/dockerconfigjson' }),
    ),
    refused('Secret: TLS keys missing', secrets, named('v1', 'Secret', { type: 'kubernetes.io/tls' })),
    refused('Secret: basic auth keys missing', secrets, named('v1', 'Secret', { type: 'kubernetes.io/basic-auth' })),
    {
      name: 'Secret: type is immutable',
      steps: [
        create(secrets, named('v1', 'Secret', { type: 'example.com/a' })),
        mergePatch(`${secrets}/one`, { type: 'example.com/b' }),
      ],
    },
    stored('ServiceAccount', inNamespace('serviceaccounts'), named('v1', 'ServiceAccount')),
    refused(
      'ServiceAccount: bad name',
      inNamespace('serviceaccounts'),
      named('v1', 'ServiceAccount', {}, { name: 'A' }),
    ),
    stored('Service', services, service({ selector: { app: 'a' }, ports: [{ port: 80 }] })),
    stored(
      'Service: headless',
      services,
      service({ clusterIP: 'None', ports: [{ name: 'web', port: 80, targetPort: 'http' }] }),
    ),
    stored('Service: external name', services, service({ type: 'ExternalName', externalName: 'example.com' })),
    refused('Service: no ports', services, service({ selector: { app: 'a' } })),
    refused('Service: port 0', services, service({ ports: [{ port: 0 }] })),
    refused('Service: port 70000', services, service({ ports: [{ port: 70_000 }] })),
    refused('Service: two ports without names', services, service({ ports: [{ port: 1 }, { port: 2 }] })),
    refused(
      'Service: same port name',
      services,
      service({
        ports: [
          { name: 'a', port: 1 },
          { name: 'a', port: 2 },
        ],
      }),
    ),
    refused('Service: unknown protocol', services, service({ ports: [{ port: 1, protocol: 'FTP' }] })),
    refused('Service: unknown type', services, service({ type: 'Odd', ports: [{ port: 1 }] })),
    refused('Service: bad selector', services, service({ selector: { 'a b': 'c' }, ports: [{ port: 1 }] })),
    refused(
      'Service: name of 64 characters',
      services,
      named('v1', 'Service', { spec: { ports: [{ port: 1 }] } }, { name: 'a'.repeat(64) }),
    ),
    refused(
      'Service: name that starts with a digit',
      services,
      named('v1', 'Service', { spec: { ports: [{ port: 1 }] } }, { name: '1a' }),
    ),
    stored('Namespace', '/api/v1/namespaces', named('v1', 'Namespace', {}, { name: '<ns>-x', labels: { a: 'b' } })),
    refused('Namespace: bad name', '/api/v1/namespaces', named('v1', 'Namespace', {}, { name: 'a.b' })),
    refused('Namespace: exists', '/api/v1/namespaces', named('v1', 'Namespace', {}, { name: 'default' })),
    {
      name: 'Namespace: default cannot be deleted',
      steps: [remove('/api/v1/namespaces/kube-system'), remove('/api/v1/namespaces/default')],
    },
    stored(
      'Node',
      nodes,
      named('v1', 'Node', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }, { name: '<ns>-n' }),
    ),
    refused(
      'Node: bad taint',
      nodes,
      named('v1', 'Node', { spec: { taints: [{ key: 'a b', effect: 'Odd' }] } }, { name: '<ns>-n' }),
    ),
    {
      name: 'Node: status apart from spec',
      steps: [
        create(nodes, named('v1', 'Node', { status: { phase: 'Running' } }, { name: '<ns>-n' })),
        mergePatch(`${nodes}/<ns>-n/status`, {
          spec: { unschedulable: true },
          status: { capacity: { cpu: '2', memory: '1Gi' } },
        }),
        mergePatch(`${nodes}/<ns>-n`, { spec: { unschedulable: true }, status: { capacity: { cpu: '4' } } }),
      ],
    },
    stored(
      'Lease',
      leases,
      lease({
        holderIdentity: 'a',
        leaseDurationSeconds: 15,
        acquireTime: '2020-01-01T00:00:00.000001Z',
        renewTime: '2020-01-01T00:00:00.000000Z',
        leaseTransitions: 1,
      }),
    ),
    stored('Lease: empty', leases, lease({})),
    refused('Lease: zero seconds', leases, lease({ leaseDurationSeconds: 0 })),
    refused('Lease: negative transitions', leases, lease({ leaseTransitions: -1 })),
    refused('Lease: bad time', leases, lease({ renewTime: 'yesterday' })),
    refused('Lease: text for number', leases, lease({ leaseDurationSeconds: '15' })),
    {
      name: 'Lease: a stale update loses',
      steps: [
        create(leases, lease({ holderIdentity: 'a' }), { save: { rv: 'metadata.resourceVersion' } }),
        mergePatch(`${leases}/one`, { spec: { holderIdentity: 'b' } }),
        update(
          `${leases}/one`,
          named('coordination.k8s.io/v1', 'Lease', { spec: { holderIdentity: 'c' } }, { resourceVersion: '<rv>' }),
        ),
      ],
    },
    stored(
      'EndpointSlice',
      slices,
      slice({ endpoints: [{ addresses: ['192.0.2.1'] }], ports: [{ name: 'web', port: 80 }] }),
    ),
    refused('EndpointSlice: no address type', slices, named('discovery.k8s.io/v1', 'EndpointSlice', { endpoints: [] })),
    refused('EndpointSlice: bad address', slices, slice({ endpoints: [{ addresses: ['nowhere'] }] })),
    refused('EndpointSlice: endpoint without address', slices, slice({ endpoints: [{ addresses: [] }] })),
    refused('EndpointSlice: unknown type', slices, slice({ addressType: 'Odd' })),
    stored(
      'PriorityClass',
      priorities,
      named('scheduling.k8s.io/v1', 'PriorityClass', { value: 10 }, { name: '<ns>-p' }),
    ),
    refused(
      'PriorityClass: too high',
      priorities,
      named('scheduling.k8s.io/v1', 'PriorityClass', { value: 1_000_000_001 }, { name: '<ns>-p' }),
    ),
    refused(
      'PriorityClass: system prefix',
      priorities,
      named('scheduling.k8s.io/v1', 'PriorityClass', { value: 1 }, { name: 'system-<ns>' }),
    ),
    {
      name: 'PriorityClass: value is immutable',
      steps: [
        create(priorities, named('scheduling.k8s.io/v1', 'PriorityClass', { value: 10 }, { name: '<ns>-p' })),
        mergePatch(`${priorities}/<ns>-p`, { value: 11 }),
      ],
    },
    stored('Role', roles, role([{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }])),
    refused('Role: rule without verbs', roles, role([{ apiGroups: [''], resources: ['pods'], verbs: [] }])),
    refused('Role: rule without resources', roles, role([{ apiGroups: [''], verbs: ['get'] }])),
    refused('Role: rule without groups', roles, role([{ resources: ['pods'], verbs: ['get'] }])),
    refused('Role: URLs need a ClusterRole', roles, role([{ nonResourceURLs: ['/x'], verbs: ['get'] }])),
    stored('RoleBinding', bindings, binding({})),
    stored(
      'RoleBinding: user and group',
      bindings,
      binding({
        subjects: [
          { kind: 'User', name: 'u' },
          { kind: 'Group', name: 'g' },
        ],
      }),
    ),
    refused('RoleBinding: unknown kind of role', bindings, binding({ roleRef: { kind: 'Odd', name: 'one' } })),
    refused('RoleBinding: no role', bindings, binding({ roleRef: { kind: 'Role', name: '' } })),
    refused('RoleBinding: unknown subject', bindings, binding({ subjects: [{ kind: 'Odd', name: 'u' }] })),
    refused(
      'RoleBinding: account without namespace',
      bindings,
      binding({ subjects: [{ kind: 'ServiceAccount', name: 'u' }] }),
    ),
    {
      name: 'RoleBinding: role is immutable',
      steps: [create(bindings, binding({})), mergePatch(`${bindings}/one`, { roleRef: { name: 'two' } })],
    },
    stored(
      'ClusterRole',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles',
      named(
        'rbac.authorization.k8s.io/v1',
        'ClusterRole',
        { rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }] },
        { name: '<ns>-r' },
      ),
    ),
    stored(
      'ClusterRoleBinding',
      '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
      named(
        'rbac.authorization.k8s.io/v1',
        'ClusterRoleBinding',
        { roleRef: { kind: 'ClusterRole', name: 'view' }, subjects: [{ kind: 'User', name: 'u' }] },
        { name: '<ns>-b' },
      ),
    ),
    stored(
      'Event',
      inNamespace('events'),
      named('v1', 'Event', {
        involvedObject: involved,
        reason: 'R',
        message: 'm',
        type: 'Normal',
        source: { component: 'c' },
      }),
    ),
    refused(
      'Event: namespace does not match',
      inNamespace('events'),
      named('v1', 'Event', { involvedObject: { ...involved, namespace: 'default' } }),
    ),
    stored(
      'Event: events.k8s.io',
      inNamespace('events', 'events.k8s.io/v1'),
      named('events.k8s.io/v1', 'Event', {
        regarding: involved,
        reason: 'R',
        note: 'n',
        type: 'Normal',
        action: 'A',
        eventTime: '2020-01-01T00:00:00.000001Z',
        reportingController: 'example.com/c',
        reportingInstance: 'c-1',
      }),
    ),
    refused(
      'Event: events.k8s.io without time',
      inNamespace('events', 'events.k8s.io/v1'),
      named('events.k8s.io/v1', 'Event', { regarding: involved, reason: 'R', type: 'Normal', action: 'A' }),
    ),
    {
      name: 'Event: one object, two groups',
      steps: [
        create(
          inNamespace('events'),
          named('v1', 'Event', {
            involvedObject: involved,
            reason: 'R',
            message: 'm',
            type: 'Warning',
            count: 2,
            source: { component: 'c' },
          }),
        ),
        get(`${inNamespace('events', 'events.k8s.io/v1')}/one`),
      ],
    },
  ],
};
