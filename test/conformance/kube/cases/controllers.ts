import { configMap, create, get, inNamespace, mergePatch, remove, strategicPatch, type Suite } from '../case.ts';
import { define, definition, specOf, thing, things } from '../definition.ts';
import { isObject, type JsonObject, type JsonValue } from '../json.ts';

const path = inNamespace('configmaps');
const pods = inNamespace('pods');
const quiet = { show: (): JsonValue => null };

const owner = create(path, configMap('owner'), { save: { uid: 'metadata.uid' }, unseen: true });
const owned = (name: string, more: JsonObject = {}) =>
  create(
    path,
    configMap(
      name,
      {},
      { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: '<uid>', ...more }] },
    ),
    { unseen: true },
  );

const account = get(`${inNamespace('serviceaccounts')}/default`, { until: { status: 200 }, unseen: true });
const pod = (spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'one', ...metadata },
  spec: { containers: [{ name: 'main', image: 'example.com/a:1' }], ...spec },
});
/** Volumes of tokens have generated names. */
const withoutToken = (body: JsonValue): JsonValue =>
  JSON.parse(JSON.stringify(body).replaceAll(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-<suffix>')) as JsonValue;

export const controllers: Suite = {
  name: 'controllers',
  controllers: true,
  cases: [
    {
      name: 'default ServiceAccount',
      steps: [
        get(`${inNamespace('serviceaccounts')}/default`, { until: { status: 200 } }),
        remove(`${inNamespace('serviceaccounts')}/default`, undefined, quiet),
        get(`${inNamespace('serviceaccounts')}/default`, { until: { status: 200 } }),
      ],
    },
    { name: 'namespace: active', steps: [get('/api/v1/namespaces/<ns>'), get(path)] },
    {
      name: 'namespace: ends with what is in it',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        remove('/api/v1/namespaces/<ns>'),
        get('/api/v1/namespaces/<ns>', { until: { status: 404 } }),
        get(`${path}/one`),
      ],
    },
    {
      name: 'namespace: nothing new while it ends',
      steps: [
        create(path, configMap('one', {}, { finalizers: ['example.com/a'] }), { unseen: true }),
        remove('/api/v1/namespaces/<ns>', undefined, quiet),
        create(path, configMap('two')),
        mergePatch(`${path}/one`, { data: { a: '1' } }, quiet),
        mergePatch(`${path}/one`, { metadata: { finalizers: null } }, quiet),
        get('/api/v1/namespaces/<ns>', { until: { status: 404 } }),
      ],
    },
    {
      name: 'namespace: its finalizer',
      steps: [
        mergePatch('/api/v1/namespaces/<ns>', { metadata: { finalizers: ['example.com/a'] } }, { unseen: true }),
        remove('/api/v1/namespaces/<ns>', undefined, quiet),
        get('/api/v1/namespaces/<ns>', { until: { path: 'spec', is: {} }, show: phase }),
        mergePatch('/api/v1/namespaces/<ns>', { metadata: { finalizers: null } }, quiet),
        get('/api/v1/namespaces/<ns>', { until: { status: 404 } }),
      ],
    },
    {
      name: 'namespace: custom resources too',
      steps: [
        ...define(definition(specOf({ a: { type: 'string' } }))),
        create(things, thing({ a: 'x' }), { unseen: true }),
        remove('/api/v1/namespaces/<ns>', undefined, quiet),
        get('/api/v1/namespaces/<ns>', { until: { status: 404 } }),
        get(things),
      ],
    },
    {
      name: 'owner: background',
      steps: [
        owner,
        owned('a'),
        owned('b', { controller: true }),
        remove(`${path}/owner?propagationPolicy=Background`, undefined, quiet),
        get(`${path}/a`, { until: { status: 404 } }),
        get(`${path}/b`, { until: { status: 404 } }),
      ],
    },
    {
      name: 'owner: orphan',
      steps: [
        owner,
        owned('a'),
        remove(`${path}/owner?propagationPolicy=Orphan`),
        get(`${path}/owner`, { until: { status: 404 } }),
        get(`${path}/a`),
      ],
    },
    {
      name: 'owner: foreground',
      steps: [
        owner,
        create(
          path,
          configMap(
            'a',
            {},
            {
              finalizers: ['example.com/hold'],
              ownerReferences: [
                { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: '<uid>', blockOwnerDeletion: true },
              ],
            },
          ),
          { unseen: true },
        ),
        remove(`${path}/owner?propagationPolicy=Foreground`),
        get(`${path}/a`, { until: { path: 'metadata.deletionGracePeriodSeconds', is: 0 } }),
        get(`${path}/owner`),
        mergePatch(`${path}/a`, { metadata: { finalizers: null } }, quiet),
        get(`${path}/owner`, { until: { status: 404 } }),
      ],
    },
    {
      name: 'owner: not there from the start',
      steps: [
        create(
          path,
          configMap(
            'a',
            {},
            {
              ownerReferences: [
                { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: '11111111-2222-3333-4444-555555555555' },
              ],
            },
          ),
          { unseen: true },
        ),
        get(`${path}/a`, { until: { status: 404 } }),
      ],
    },
    {
      name: 'owner: two owners, one goes',
      steps: [
        owner,
        create(path, configMap('second'), { save: { uid2: 'metadata.uid' }, unseen: true }),
        create(
          path,
          configMap(
            'a',
            {},
            {
              ownerReferences: [
                { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: '<uid>' },
                { apiVersion: 'v1', kind: 'ConfigMap', name: 'second', uid: '<uid2>' },
              ],
            },
          ),
          { unseen: true },
        ),
        remove(`${path}/owner`, undefined, quiet),
        get(`${path}/a`, { until: { path: 'metadata.ownerReferences.0.name', is: 'second' }, show: owners }),
        remove(`${path}/second`, undefined, quiet),
        get(`${path}/a`, { until: { status: 404 } }),
      ],
    },
    {
      name: 'pod',
      steps: [account, create(pods, pod(), { show: withoutToken }), get(`${pods}/one/status`, { show: withoutToken })],
    },
    {
      name: 'pod: refused',
      steps: [
        account,
        create(pods, pod({ containers: [] })),
        create(pods, pod({ restartPolicy: 'Odd' })),
        create(pods, pod({ containers: [{ name: 'A', image: 'a' }] })),
        create(pods, pod({ containers: [{ name: 'a', image: '' }] })),
        create(pods, pod({ serviceAccountName: 'nosuch' })),
        create(pods, pod({ volumes: [{ name: 'v' }, { name: 'v', emptyDir: {} }] })),
        create(pods, pod({ priorityClassName: 'nosuch' })),
      ],
    },
    {
      name: 'pod: without a token',
      steps: [
        account,
        create(pods, pod({ automountServiceAccountToken: false, nodeName: 'n1', terminationGracePeriodSeconds: 0 })),
      ],
    },
    {
      name: 'pod: what may change',
      steps: [
        account,
        create(pods, pod({ automountServiceAccountToken: false }), { unseen: true }),
        strategicPatch(`${pods}/one`, { spec: { containers: [{ name: 'main', image: 'example.com/a:2' }] } }),
        strategicPatch(`${pods}/one`, { spec: { restartPolicy: 'Never' } }, { show: reasonAndFields }),
        strategicPatch(`${pods}/one/status`, { status: { phase: 'Running', podIP: '192.0.2.1' } }),
        strategicPatch(`${pods}/one`, { metadata: { labels: { a: 'b' } } }),
      ],
    },
    {
      name: 'pod: table',
      steps: [
        account,
        create(pods, pod({ automountServiceAccountToken: false }), { unseen: true }),
        get(pods, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }, show: rowsOnly }),
      ],
    },
    {
      name: 'pod: binding and eviction',
      steps: [
        account,
        create(pods, pod({ automountServiceAccountToken: false }), { unseen: true }),
        remove(`${pods}/one`),
        get(`${pods}/one`),
      ],
    },
    {
      name: 'pod: deletion on a node waits',
      steps: [
        account,
        create(pods, pod({ automountServiceAccountToken: false, nodeName: 'n1' }), { unseen: true }),
        remove(`${pods}/one`),
        get(`${pods}/one`),
        remove(`${pods}/one?gracePeriodSeconds=0`),
        get(`${pods}/one`),
      ],
    },
  ],
};

function phase(body: JsonValue): JsonValue {
  const { status, spec } = body as JsonObject;
  return { phase: (status as JsonObject)['phase'] ?? null, spec: spec ?? null };
}

function rowsOnly(body: JsonValue): JsonValue {
  const { rows, columnDefinitions } = body as JsonObject;
  return {
    names: (columnDefinitions as readonly JsonObject[]).map(({ name }) => name ?? null),
    cells: (rows as readonly JsonObject[]).map(({ cells }) => cells ?? null),
  };
}

function owners(body: JsonValue): JsonValue {
  return (((body as JsonObject)['metadata'] as JsonObject)['ownerReferences'] as readonly JsonObject[]).map(
    ({ name }) => name ?? null,
  );
}

/** The message holds a difference of the whole spec. */
function reasonAndFields(body: JsonValue): JsonValue {
  const { reason, code, details } = body as JsonObject;
  const causes = ((isObject(details) ? details['causes'] : undefined) ?? []) as readonly JsonObject[];
  return { reason: reason ?? null, code: code ?? null, fields: causes.map(({ field }) => field ?? null) };
}
