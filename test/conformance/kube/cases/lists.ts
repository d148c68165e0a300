import { configMap, create, get, inNamespace, remove, type Case, type Suite } from '../case.ts';
import { isObject, type JsonObject, type JsonValue } from '../json.ts';

const path = inNamespace('configmaps');

const three = [
  create(path, configMap('a', { n: '1' }, { labels: { app: 'x', tier: 'front' } }), {
    save: { rvA: 'metadata.resourceVersion', uidA: 'metadata.uid' },
  }),
  create(path, configMap('b', { n: '2' }, { labels: { app: 'x' } })),
  create(path, configMap('c', { n: '3' }, { labels: { app: 'y' } }), { save: { rvC: 'metadata.resourceVersion' } }),
];

/** Names of the items, and what the list says of itself. */
const brief = (body: JsonValue): JsonValue => {
  if (!isObject(body) || !Array.isArray(body['items'])) return body;
  const items = body['items'] as readonly JsonObject[];
  return { ...body, items: items.map((item) => (item['metadata'] as JsonObject)['name'] ?? null) };
};

const listed = (name: string, queries: readonly string[]): Case => ({
  name,
  steps: [...three, ...queries.map((query) => get(`${path}?${query}`, { show: brief }))],
});

const labels = (selector: string): string => `labelSelector=${encodeURIComponent(selector)}`;
const fields = (selector: string): string => `fieldSelector=${encodeURIComponent(selector)}`;

export const lists: Suite = {
  name: 'lists',
  cases: [
    { name: 'whole', steps: [...three, get(path)] },
    { name: 'empty', steps: [get(path)] },
    { name: 'of a namespace that is not there', steps: [get('/api/v1/namespaces/nosuch-<ns>/configmaps')] },
    listed('labels: equality', ['app=x', 'app==x', 'app!=x', 'app=x,tier=front', 'app=', ''].map(labels)),
    listed(
      'labels: sets',
      ['app in (x,y)', 'app notin (x)', 'tier', '!tier', 'app in (x),tier notin (back)', 'app in ()'].map(labels),
    ),
    listed(
      'labels: refused',
      ['app in x', '=x', 'a b=c', 'app=x y', 'app=(', 'app>1', 'app>x', ',', 'app=x,', `${'a'.repeat(64)}=x`].map(
        labels,
      ),
    ),
    listed(
      'fields: name and namespace',
      [
        'metadata.name=a',
        'metadata.name!=a',
        'metadata.name==b',
        'metadata.namespace=<ns>',
        'metadata.namespace=default',
        'metadata.name=a,metadata.namespace=<ns>',
      ].map(fields),
    ),
    listed(
      'fields: refused',
      ['data.n=1', 'metadata.labels=x', 'metadata.name', 'metadata.name in (a)', '=', 'metadata.uid=x'].map(fields),
    ),
    listed('resource version: meanings', [
      'resourceVersion=0',
      'resourceVersion=<rvC>',
      'resourceVersion=<rvA>&resourceVersionMatch=NotOlderThan',
      'resourceVersion=<rvC>&resourceVersionMatch=Exact',
    ]),
    {
      name: 'resource version: exact sees the past',
      steps: [
        ...three,
        remove(`${path}/a`, undefined, { show: () => null }),
        get(`${path}?resourceVersion=<rvC>&resourceVersionMatch=Exact`, { show: brief }),
      ],
    },
    listed('resource version: refused', [
      'resourceVersion=x',
      'resourceVersion=-1',
      'resourceVersionMatch=Exact',
      'resourceVersion=0&resourceVersionMatch=Exact',
      'resourceVersion=1&resourceVersionMatch=Odd',
      'resourceVersion=<rvA>&sendInitialEvents=true',
      'sendInitialEvents=true&watch=false',
    ]),
    {
      name: 'resource version: from the future',
      steps: [get(`${path}?resourceVersion=99999999&timeoutSeconds=1`, { show: reasonOnly })],
    },
    {
      name: 'resource version of a get',
      steps: [
        ...three,
        get(`${path}/a?resourceVersion=0`),
        get(`${path}/a?resourceVersion=<rvA>`),
        get(`${path}/a?resourceVersion=x`),
      ],
    },
    {
      name: 'limit and continue',
      steps: [
        ...three,
        get(`${path}?limit=2`, { show: brief, save: { next: 'metadata.continue' } }),
        get(`${path}?limit=2&continue=<next>`, { show: brief }),
        get(`${path}?limit=3`, { show: brief }),
        get(`${path}?limit=0`, { show: brief }),
        get(`${path}?limit=1&${labels('app=x')}`, { show: brief }),
        get(`${path}?limit=1&resourceVersion=0`, { show: brief }),
      ],
    },
    {
      name: 'continue is consistent',
      steps: [
        ...three,
        get(`${path}?limit=1`, { show: brief, save: { next: 'metadata.continue' } }),
        remove(`${path}/c`, undefined, { show: () => null }),
        create(path, configMap('d')),
        get(`${path}?limit=5&continue=<next>`, { show: brief }),
      ],
    },
    listed('limit and continue: refused', [
      'limit=-1',
      'limit=x',
      'continue=x',
      'continue=bm9wZQ',
      'limit=1&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0&resourceVersion=5',
    ]),
    {
      name: 'items across namespaces',
      steps: [
        ...three,
        get(`/api/v1/configmaps?${labels('app=x')}&${fields('metadata.namespace=<ns>')}`, { show: brief }),
      ],
    },
    { name: 'one name as a list', steps: [...three, get(`${path}?${fields('metadata.name=nosuch')}`)] },
    {
      name: 'other fields of other kinds',
      steps: [
        create(inNamespace('secrets'), {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 's' },
          type: 'example.com/a',
        }),
        get(`${inNamespace('secrets')}?${fields('type=example.com/a')}`, { show: brief }),
        get(`${inNamespace('secrets')}?${fields('type=Opaque')}`, { show: brief }),
        get(`/api/v1/namespaces?${fields('status.phase=Terminating')}`, { show: brief }),
        get(`/api/v1/namespaces?${fields('metadata.name=<ns>')}`, { show: brief }),
        get(`${inNamespace('pods')}?${fields('spec.nodeName=n1')}`, { show: brief }),
        get(`${inNamespace('pods')}?${fields('status.phase=Running')}`, { show: brief }),
        get(`${inNamespace('events')}?${fields('involvedObject.name=x')}`, { show: brief }),
        get(`${inNamespace('events', 'events.k8s.io/v1')}?${fields('regarding.name=x')}`, { show: brief }),
        get(`/api/v1/nodes?${fields('spec.unschedulable=true,metadata.name=nosuch')}`, { show: brief }),
      ],
    },
    { name: 'pretty', steps: [get('/api/v1/namespaces/default?pretty=true', { show: () => null })] },
  ],
};

function reasonOnly(body: JsonValue): JsonValue {
  return isObject(body) ? { reason: body['reason'] ?? null, code: body['code'] ?? null } : body;
}
