import { configMap, create, get, inNamespace, mergePatch, type Case, type Suite } from '../case.ts';
import { define, definition, specOf, thing, things } from '../definition.ts';
import { textOf, type JsonObject, type JsonValue } from '../json.ts';

/** Descriptions of columns are documentation: their words are not compared. */
const show = (body: JsonValue): JsonValue =>
  JSON.parse(JSON.stringify(body, (key, value: unknown) => (key === 'description' ? undefined : value))) as JsonValue;
const asTable = {
  headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' },
  show,
};
const partial = (kind: string) => ({
  headers: { accept: `application/json;as=${kind};v=v1;g=meta.k8s.io,application/json` },
});
const path = inNamespace('configmaps');

const shown = (plural: string, group: string, body: JsonObject): Case => ({
  name: `table of ${plural}${group === 'v1' ? '' : ` of ${group}`}`,
  steps: [
    create(
      inNamespace(plural, group),
      { ...body, metadata: { name: 'one', ...(body['metadata'] as JsonObject | undefined) } },
      { unseen: true },
    ),
    get(inNamespace(plural, group), asTable),
  ],
});

const spec = {
  selector: { matchLabels: { app: 'a' } },
  template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'main', image: 'a:1' }] } },
};

export const tables: Suite = {
  name: 'tables',
  cases: [
    shown('configmaps', 'v1', configMap('one', { a: '1', b: '2' })),
    shown('secrets', 'v1', { apiVersion: 'v1', kind: 'Secret', data: { a: 'AQ==' } }),
    shown('services', 'v1', {
      apiVersion: 'v1',
      kind: 'Service',
      spec: {
        clusterIP: 'None',
        selector: { a: 'b' },
        ports: [
          { port: 80, name: 'a' },
          { port: 81, name: 'b', protocol: 'UDP' },
        ],
      },
    }),
    shown('events', 'v1', {
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: { kind: 'ConfigMap', name: 'x', namespace: '<ns>' },
      reason: 'R',
      message: 'm',
      type: 'Normal',
      source: { component: 'c' },
      count: 3,
    }),
    shown('deployments', 'apps/v1', { apiVersion: 'apps/v1', kind: 'Deployment', spec }),
    shown('daemonsets', 'apps/v1', { apiVersion: 'apps/v1', kind: 'DaemonSet', spec }),
    shown('controllerrevisions', 'apps/v1', {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      revision: 1,
      data: {},
    }),
    shown('leases', 'coordination.k8s.io/v1', {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      spec: { holderIdentity: 'h' },
    }),
    shown('endpointslices', 'discovery.k8s.io/v1', {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      addressType: 'IPv4',
      endpoints: [{ addresses: ['192.0.2.1'] }, { addresses: ['192.0.2.2'] }],
      ports: [{ name: 'a', port: 80 }],
    }),
    shown('roles', 'rbac.authorization.k8s.io/v1', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      rules: [],
    }),
    shown('rolebindings', 'rbac.authorization.k8s.io/v1', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
      subjects: [
        { kind: 'User', name: 'u' },
        { kind: 'Group', name: 'g' },
        { kind: 'ServiceAccount', name: 's', namespace: 'n' },
      ],
    }),
    {
      name: 'table of nodes',
      steps: [
        create(
          '/api/v1/nodes',
          {
            apiVersion: 'v1',
            kind: 'Node',
            metadata: { name: '<ns>-n', labels: { 'node-role.kubernetes.io/worker': '' } },
            spec: { unschedulable: true },
          },
          { unseen: true },
        ),
        mergePatch(
          '/api/v1/nodes/<ns>-n/status',
          { status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1' } } },
          { unseen: true },
        ),
        get('/api/v1/nodes/<ns>-n', asTable),
      ],
    },
    { name: 'table of a namespace', steps: [get('/api/v1/namespaces/default', asTable)] },
    {
      name: 'table of a priority class',
      steps: [
        create(
          '/apis/scheduling.k8s.io/v1/priorityclasses',
          { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: '<ns>-p' }, value: 1 },
          { unseen: true },
        ),
        get('/apis/scheduling.k8s.io/v1/priorityclasses/<ns>-p', asTable),
      ],
    },
    {
      name: 'table of a cluster role',
      steps: [get('/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin', asTable)],
    },
    {
      name: 'table of a definition',
      steps: [
        ...define(definition(specOf({ a: { type: 'string' } }))),
        get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.<group>', asTable),
      ],
    },
    {
      name: 'table of one object',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        get(`${path}/one`, asTable),
        get(`${path}/nosuch`, asTable),
      ],
    },
    { name: 'table of nothing', steps: [get(path, asTable), get(inNamespace('pods'), asTable)] },
    {
      name: 'table with the whole object, or none of it',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        get(`${path}?includeObject=Object`, asTable),
        get(`${path}?includeObject=None`, asTable),
        get(`${path}?includeObject=Odd`, asTable),
      ],
    },
    {
      name: 'table in pages',
      steps: [
        create(path, configMap('a'), { unseen: true }),
        create(path, configMap('b'), { unseen: true }),
        get(`${path}?limit=1`, asTable),
      ],
    },
    {
      name: 'table of a custom resource: columns',
      steps: [
        ...define(
          definition(
            specOf({
              s: { type: 'string' },
              i: { type: 'integer' },
              n: { type: 'number' },
              b: { type: 'boolean' },
              d: { type: 'string' },
              l: {
                type: 'array',
                items: { type: 'object', properties: { k: { type: 'string' }, v: { type: 'string' } } },
              },
            }),
            {
              additionalPrinterColumns: [
                { name: 'Text', type: 'string', jsonPath: '.spec.s', description: 'A text' },
                { name: 'Int', type: 'integer', jsonPath: '.spec.i', format: 'int32', priority: 1 },
                { name: 'Num', type: 'number', jsonPath: '.spec.n' },
                { name: 'Bool', type: 'boolean', jsonPath: '.spec.b' },
                { name: 'Date', type: 'date', jsonPath: '.spec.d' },
                { name: 'Found', type: 'string', jsonPath: ".spec.l[?(@.k=='a')].v" },
                { name: 'All', type: 'string', jsonPath: '.spec.l[*].k' },
                { name: 'List', type: 'string', jsonPath: '.spec.l' },
                { name: 'Misfit', type: 'integer', jsonPath: '.spec.s' },
              ],
            },
          ),
        ),
        create(
          things,
          thing({
            s: 'x',
            i: 1,
            n: 1.5,
            b: true,
            d: '2020-01-01T00:00:00Z',
            l: [
              { k: 'a', v: '1' },
              { k: 'b', v: '2' },
            ],
          }),
          { unseen: true },
        ),
        create(things, thing({}, { name: 'two' }), { unseen: true }),
        create(things, thing({ d: 'no date' }, { name: 'three' }), { unseen: true }),
        get(things, { ...asTable, show: withoutAges }),
      ],
    },
    {
      name: 'table of a custom resource: no columns',
      steps: [
        ...define(definition(specOf({ a: { type: 'string' } }))),
        create(things, thing({ a: 'x' }), { unseen: true }),
        get(things, asTable),
        get(`${things}/one`, asTable),
      ],
    },
    {
      name: 'metadata only',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        get(`${path}/one`, partial('PartialObjectMetadata')),
        get(path, partial('PartialObjectMetadataList')),
      ],
    },
    {
      name: 'metadata only: kinds that do not fit',
      steps: [
        get(path, { headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' } }),
        get(path, { headers: { accept: 'application/json;as=Odd;v=v1;g=meta.k8s.io' } }),
        get(path, { headers: { accept: 'application/json;as=Table;v=v7;g=meta.k8s.io' } }),
      ],
    },
    {
      name: 'metadata only of a write',
      steps: [create(path, configMap('one'), partial('PartialObjectMetadata'))],
    },
    {
      name: 'accept: what cannot be given',
      steps: ['text/html', 'application/xml', 'image/png', ''].map((accept) =>
        get('/api/v1/namespaces/default', { headers: { accept }, show: () => null }),
      ),
    },
    {
      name: 'accept: what can be given',
      steps: [
        '*/*',
        'application/*',
        'application/yaml',
        'text/html,*/*;q=0.1',
        'application/json;q=0.5,application/yaml;q=0.9',
      ].map((accept) => get(inNamespace('configmaps'), { headers: { accept }, show: () => null })),
    },
    {
      name: 'accept: yaml',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        get(`${path}/one`, {
          headers: { accept: 'application/yaml' },
          show: (body) =>
            textOf(body)
              .split('\n')
              .filter((line) => !/uid|resourceVersion|[Tt]ime/.test(line))
              .join('\n'),
        }),
      ],
    },
  ],
};

/** Ages and times far away read differently from second to second. */
function withoutAges(body: JsonValue): JsonValue {
  const { rows, ...rest } = body as JsonObject;
  return { ...rest, rows: (rows as readonly JsonObject[]).map((row) => row['cells'] ?? null) };
}
