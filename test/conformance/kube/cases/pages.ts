import { configMap, create, get, inNamespace, mergePatch, remove, watch, type Step, type Suite } from '../case.ts';
import { isObject, type JsonObject, type JsonValue } from '../json.ts';

const path = inNamespace('configmaps');
const made = (name: string, labels: JsonObject = {}): Step =>
  create(path, configMap(name, { a: '1' }, { labels }), { unseen: true });
const five = ['a', 'b', 'c', 'd', 'e'].map((name, index) => made(name, { odd: String(index % 2) }));

/** Names of the items, and what the list says of itself. */
const brief = (body: JsonValue): JsonValue => {
  if (!isObject(body) || !Array.isArray(body['items'])) return body;
  const items = body['items'] as readonly JsonObject[];
  return { ...body, items: items.map((item) => (item['metadata'] as JsonObject)['name'] ?? null) };
};
const page = (query: string): Step => get(`${path}?${query}`, { show: brief, save: { next: 'metadata.continue' } });
const rest = (query: string): Step => page(`continue=<next>&${query}`);

/** Lists in pages, deletions of many, and looks into the past. */
export const pages: Suite = {
  name: 'pages',
  cases: [
    { name: 'two at a time', steps: [...five, page('limit=2'), rest('limit=2'), rest('limit=2')] },
    { name: 'the rest without a limit', steps: [...five, page('limit=2'), rest('')] },
    {
      name: 'with a selector',
      steps: [...five, page('limit=1&labelSelector=odd%3D0'), rest('limit=1&labelSelector=odd%3D0')],
    },
    {
      name: 'with a field selector',
      steps: [
        ...five,
        page('limit=2&fieldSelector=metadata.name!%3Da'),
        rest('limit=9&fieldSelector=metadata.name!%3Da'),
      ],
    },
    {
      name: 'a page is of the version of the first',
      steps: [...five, page('limit=2'), remove(`${path}/d`, undefined, { unseen: true }), made('f'), rest('limit=9')],
    },
    {
      name: 'pages and versions',
      steps: [
        ...five,
        page('limit=2'),
        rest('limit=2&resourceVersion=1'),
        rest('limit=2&resourceVersionMatch=Exact'),
        page('limit=2&resourceVersion=0'),
        page('continue=odd'),
        page('limit=-1'),
        page('limit=x'),
      ],
    },
    { name: 'a limit of more than there is', steps: [...five, page('limit=500')] },
    {
      name: 'of all namespaces',
      steps: [...five, get('/api/v1/configmaps?limit=1&fieldSelector=metadata.namespace%3D<ns>', { show: brief })],
    },
    {
      name: 'deletion by label',
      steps: [...five, remove(`${path}?labelSelector=odd%3D1`, undefined, { show: brief }), get(path, { show: brief })],
    },
    {
      name: 'deletion by field',
      steps: [
        ...five,
        remove(`${path}?fieldSelector=metadata.name%3Db`, undefined, { show: brief }),
        get(path, { show: brief }),
      ],
    },
    {
      name: 'deletion of many: dry run, policy and preconditions',
      steps: [
        ...five,
        remove(`${path}?dryRun=All&labelSelector=odd%3D1`, undefined, { show: brief }),
        remove(`${path}?labelSelector=odd%3D1&propagationPolicy=Odd`, undefined),
        remove(`${path}?labelSelector=odd%3D1&propagationPolicy=Foreground`, undefined, { show: brief }),
        get(`${path}?labelSelector=odd%3D0`, { show: brief }),
      ],
    },
    {
      name: 'deletion of many waits for finalizers',
      steps: [
        create(path, configMap('held', {}, { labels: { x: 'y' }, finalizers: ['example.com/wait'] }), { unseen: true }),
        remove(`${path}?labelSelector=x%3Dy`, undefined, { show: brief }),
        get(`${path}/held`),
        mergePatch(`${path}/held`, { metadata: { finalizers: null } }),
        get(`${path}/held`),
      ],
    },
    {
      name: 'deletion of what no selector finds',
      steps: [...five, remove(`${path}?labelSelector=none%3D1`, undefined, { show: brief })],
    },
    {
      name: 'a version of the future',
      steps: [
        get(`${path}?resourceVersion=999999999`, {
          show: (body) => (isObject(body) ? (body['reason'] ?? null) : body),
        }),
      ],
    },
    {
      name: 'a watch goes on where a list ended',
      steps: [
        ...five,
        get(path, { save: { rv: 'metadata.resourceVersion' }, show: brief }),
        mergePatch(`${path}/a`, { data: { a: '2' } }, { unseen: true }),
        remove(`${path}/b`, undefined, { unseen: true }),
        watch(`${path}?resourceVersion=<rv>`, 3, [made('z')]),
      ],
    },
    {
      name: 'a watch of a selector sees what enters and leaves',
      steps: [
        ...five,
        get(path, { save: { rv: 'metadata.resourceVersion' }, show: brief }),
        watch(`${path}?resourceVersion=<rv>&labelSelector=odd%3D1`, 3, [
          mergePatch(`${path}/a`, { metadata: { labels: { odd: '1' } } }, { unseen: true }),
          mergePatch(`${path}/a`, { data: { b: '1' } }, { unseen: true }),
          mergePatch(`${path}/a`, { metadata: { labels: { odd: '0' } } }, { unseen: true }),
        ]),
      ],
    },
  ],
};
