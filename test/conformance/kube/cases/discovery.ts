import { get, type Case, type Suite } from '../case.ts';
import { isObject, textOf, type JsonObject, type JsonValue } from '../json.ts';

/** Groups that the embedded server serves; a real server has more. */
const servedGroups = [
  'apiextensions.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
];

/** The kinds that the product and kubectl use, by group and version. */
const served: Readonly<Record<string, readonly string[]>> = {
  '/api/v1': [
    'configmaps',
    'events',
    'namespaces',
    'namespaces/finalize',
    'namespaces/status',
    'nodes',
    'nodes/status',
    'pods',
    'pods/status',
    'secrets',
    'serviceaccounts',
    'serviceaccounts/token',
    'services',
    'services/status',
  ],
  '/apis/apps/v1': [
    'controllerrevisions',
    'daemonsets',
    'daemonsets/status',
    'deployments',
    'deployments/scale',
    'deployments/status',
  ],
  '/apis/apiextensions.k8s.io/v1': ['customresourcedefinitions', 'customresourcedefinitions/status'],
  '/apis/authentication.k8s.io/v1': ['selfsubjectreviews', 'tokenreviews'],
  '/apis/authorization.k8s.io/v1': [
    'localsubjectaccessreviews',
    'selfsubjectaccessreviews',
    'selfsubjectrulesreviews',
    'subjectaccessreviews',
  ],
  '/apis/coordination.k8s.io/v1': ['leases'],
  '/apis/discovery.k8s.io/v1': ['endpointslices'],
  '/apis/events.k8s.io/v1': ['events'],
  '/apis/rbac.authorization.k8s.io/v1': ['clusterrolebindings', 'clusterroles', 'rolebindings', 'roles'],
  '/apis/scheduling.k8s.io/v1': ['priorityclasses'],
};

const objects = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]).filter((item) => isObject(item)) : [];

const byName =
  (key: string) =>
  (a: JsonObject, b: JsonObject): number =>
    textOf(a[key]) < textOf(b[key]) ? -1 : 1;

const without = (object: JsonObject, ...names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

/** Only the named resources; hashes of storage versions belong to the server's build. */
const onlyResources =
  (names: readonly string[]) =>
  (body: JsonValue): JsonValue => {
    const { resources, ...rest } = body as JsonObject;
    const kept = objects(resources).filter(({ name }) => names.includes(textOf(name)));
    return {
      ...rest,
      resources: kept
        .map((resource) => without(resource, 'storageVersionHash'))
        .toSorted((a, b) => textOf(a['name']).localeCompare(textOf(b['name']))),
    };
  };

const onlyGroups = (body: JsonValue): JsonValue => {
  const { groups, ...rest } = body as JsonObject;
  return {
    ...rest,
    groups: objects(groups)
      .filter(({ name }) => servedGroups.includes(textOf(name)))
      .map(firstVersion),
  };
};

/** Preferred version only: a real server serves betas beside it. */
const firstVersion = (group: JsonObject): JsonObject => ({
  ...group,
  versions: objects(group['versions']).slice(0, 1),
});

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Of the aggregated document: every served resource of the preferred version, with its subresources and verbs. */
const aggregatedResources = (body: JsonValue): JsonValue => {
  const { items, ...rest } = body as JsonObject;
  const shown = objects(items).flatMap((group) => {
    const name = textOf((group['metadata'] as JsonObject)['name']);
    const version = objects(group['versions'])[0];
    const path = name === '' ? '/api/v1' : `/apis/${name}/${textOf(version?.['version'])}`;
    const isServed = (...names: readonly unknown[]): boolean => served[path]?.includes(names.join('/')) === true;
    const withSubresources = (resource: JsonObject): JsonObject => ({
      ...resource,
      subresources: objects(resource['subresources'])
        .filter(({ subresource }) => isServed(resource['resource'], subresource))
        .toSorted(byName('subresource')),
    });
    const resources = objects(version?.['resources'])
      .filter(({ resource }) => isServed(resource))
      .map((resource) => withSubresources(resource))
      .toSorted(byName('resource'));
    return resources.length === 0 ? [] : [{ name, version: version?.['version'] ?? '', resources }];
  });
  return { ...without(rest, 'metadata'), items: shown };
};

const keysOf = (name: string, wanted: readonly string[]) => (body: JsonValue) => {
  const value = (body as JsonObject)[name];
  return isObject(value) ? wanted.filter((key) => key in value) : [];
};

const fromServed = (wanted: Readonly<Record<string, readonly string[]>>): Case[] =>
  Object.entries(wanted).map(([path, names]) => ({
    name: `resources of ${path}`,
    steps: [get(path, { show: onlyResources(names) })],
  }));

export const discovery: Suite = {
  name: 'discovery',
  cases: [
    ...fromServed(served),
    {
      name: 'legacy versions',
      steps: [get('/api', { show: (body) => without(body as JsonObject, 'serverAddressByClientCIDRs') })],
    },
    { name: 'groups', steps: [get('/apis', { show: onlyGroups })] },
    {
      name: 'one group',
      steps: [get('/apis/coordination.k8s.io', { show: (body) => firstVersion(body as JsonObject) })],
    },
    {
      name: 'aggregated groups',
      steps: [get('/apis', { headers: { accept: aggregated }, show: aggregatedResources })],
    },
    { name: 'aggregated core', steps: [get('/api', { headers: { accept: aggregated }, show: aggregatedResources })] },
    {
      name: 'version',
      steps: [
        get('/version', {
          show: (body) => [(body as JsonObject)['major'] ?? '', (body as JsonObject)['minor'] ?? ''],
        }),
      ],
    },
    ...['/livez', '/readyz', '/healthz'].map((path) => ({ name: `health ${path}`, steps: [get(path)] })),
    { name: 'a group that is not served', steps: [get('/apis/nosuch.example.com')] },
    { name: 'a version that is not served', steps: [get('/apis/apps/v7')] },
    { name: 'a resource that is not served', steps: [get('/api/v1/namespaces/default/nosuch')] },
    { name: 'a resource of a group that is not served', steps: [get('/apis/apps/v1/namespaces/default/nosuch/x')] },
    { name: 'a path outside of the API', steps: [get('/nosuch')] },
    {
      name: 'OpenAPI v3 paths',
      steps: [
        get('/openapi/v3', {
          show: keysOf('paths', ['api/v1', 'apis/apps/v1', 'apis/apiextensions.k8s.io/v1']),
        }),
      ],
    },
    {
      name: 'OpenAPI v3 of apps/v1',
      steps: [
        get('/openapi/v3/apis/apps/v1', {
          show: keysOf('paths', [
            '/apis/apps/v1/namespaces/{namespace}/deployments',
            '/apis/apps/v1/namespaces/{namespace}/deployments/{name}',
          ]),
        }),
      ],
    },
    { name: 'OpenAPI v3 of a group that is not served', steps: [get('/openapi/v3/apis/nosuch.example.com/v1')] },
  ],
};
