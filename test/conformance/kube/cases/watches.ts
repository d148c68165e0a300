import { configMap, create, get, inNamespace, mergePatch, remove, watch, type Case, type Suite } from '../case.ts';
import { define, definition, definitions, specOf, thing, things } from '../definition.ts';
import { isObject, type JsonObject, type JsonValue } from '../json.ts';

const path = inNamespace('configmaps');
const quiet = { show: (): JsonValue => null };
const made = (name: string, labels: JsonObject = {}) => create(path, configMap(name, { a: '1' }, { labels }), quiet);
const firstVersion = get(path, { save: { rv: 'metadata.resourceVersion' }, ...quiet });

/** Type and name of each event, with the annotation that ends the initial ones. */
const brief = (body: JsonValue): JsonValue =>
  (body as readonly JsonObject[]).map((event) => {
    const object = isObject(event['object']) ? event['object'] : {};
    if (event['type'] === 'ERROR') return event;
    const metadata = isObject(object['metadata']) ? object['metadata'] : {};
    return [event['type'] ?? null, object['kind'] ?? null, metadata['name'] ?? null, metadata['annotations'] ?? null];
  });

const refused = (name: string, query: string): Case => ({ name, steps: [get(`${path}?watch=true&${query}`)] });

const initial = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan';

export const watches: Suite = {
  name: 'watches',
  cases: [
    {
      name: 'life of an object, from a version',
      steps: [
        firstVersion,
        watch(`${path}?resourceVersion=<rv>`, 3, [
          made('a'),
          mergePatch(`${path}/a`, { data: { a: '2' } }, quiet),
          remove(`${path}/a`, undefined, quiet),
        ]),
      ],
    },
    {
      name: 'from 0: what is there, then what comes',
      steps: [made('a'), made('b'), watch(`${path}?resourceVersion=0`, 4, [made('c')], { show: brief })],
    },
    {
      name: 'without a version: what is there, then what comes',
      steps: [made('a'), watch(path, 3, [made('b')], { show: brief })],
    },
    {
      name: 'initial events end with a bookmark',
      steps: [
        made('a'),
        made('b'),
        watch(`${path}?${initial}&allowWatchBookmarks=true`, 5, [made('c')], { show: brief }),
      ],
    },
    {
      name: 'initial events of a version',
      steps: [
        made('a'),
        firstVersion,
        watch(`${path}?${initial}&allowWatchBookmarks=true&resourceVersion=<rv>`, 4, [made('b')], { show: brief }),
      ],
    },
    { name: 'initial events of nothing', steps: [watch(`${path}?${initial}&allowWatchBookmarks=true`, 1)] },
    {
      name: 'no initial events',
      steps: [
        made('a'),
        watch(
          `${path}?sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
          1,
          [made('b')],
          { show: brief },
        ),
      ],
    },
    refused('initial events without a match', 'sendInitialEvents=true'),
    refused('initial events with another match', 'sendInitialEvents=true&resourceVersionMatch=Exact'),
    refused('match without initial events', 'resourceVersionMatch=NotOlderThan'),
    refused('version that is no number', 'resourceVersion=x'),
    refused('bad label selector', 'labelSelector=a%20b'),
    refused('bad field selector', 'fieldSelector=data.a%3D1'),
    refused('bad timeout', 'timeoutSeconds=x'),
    {
      name: 'labels: entering and leaving',
      steps: [
        made('a', { app: 'x' }),
        firstVersion,
        watch(`${path}?labelSelector=app%3Dx&resourceVersion=<rv>`, 4, [
          made('b'),
          mergePatch(`${path}/b`, { metadata: { labels: { app: 'x' } } }, quiet),
          mergePatch(`${path}/a`, { data: { a: '3' } }, quiet),
          mergePatch(`${path}/a`, { metadata: { labels: { app: 'y' } } }, quiet),
          remove(`${path}/b`, undefined, quiet),
        ]),
      ],
    },
    {
      name: 'fields: one name',
      steps: [
        firstVersion,
        watch(`${path}?fieldSelector=metadata.name%3Db&resourceVersion=<rv>`, 1, [made('a'), made('b')], {
          show: brief,
        }),
      ],
    },
    {
      name: 'one object by its path',
      steps: [
        made('a'),
        made('b'),
        watch(`/api/v1/watch/namespaces/<ns>/configmaps/a?resourceVersion=0`, 1, [], { show: brief }),
      ],
    },
    {
      name: 'the old path of a watch',
      steps: [made('a'), watch('/api/v1/watch/namespaces/<ns>/configmaps?resourceVersion=0', 1, [], { show: brief })],
    },
    {
      name: 'unchanged writes are no events',
      steps: [
        made('a'),
        firstVersion,
        watch(`${path}?resourceVersion=<rv>`, 1, [
          mergePatch(`${path}/a`, { data: { a: '1' } }, quiet),
          mergePatch(`${path}/a`, { data: { a: '2' } }, quiet),
        ]),
      ],
    },
    {
      name: 'dry runs are no events',
      steps: [
        firstVersion,
        watch(`${path}?resourceVersion=<rv>`, 1, [create(`${path}?dryRun=All`, configMap('a'), quiet), made('b')], {
          show: brief,
        }),
      ],
    },
    {
      name: 'finalizers: deletion is a change first',
      steps: [
        create(path, configMap('a', {}, { finalizers: ['example.com/f'] }), quiet),
        firstVersion,
        watch(`${path}?resourceVersion=<rv>`, 2, [
          remove(`${path}/a`, undefined, quiet),
          mergePatch(`${path}/a`, { metadata: { finalizers: null } }, quiet),
        ]),
      ],
    },
    { name: 'a version that is compacted', steps: [watch(`${path}?resourceVersion=1`, 1, [], { show: reason })] },
    { name: 'ends in time', steps: [watch(`${path}?timeoutSeconds=1`, 99, [], { show: brief })] },
    {
      name: 'custom resources',
      steps: [
        ...define(definition(specOf({ a: { type: 'string' } }))),
        create(things, thing({ a: 'x' }), quiet),
        watch(`${things}?resourceVersion=0`, 3, [
          mergePatch(`${things}/one`, { spec: { a: 'y' } }, quiet),
          remove(`${things}/one`, undefined, quiet),
        ]),
      ],
    },
    {
      name: 'custom resources: selectable fields',
      steps: [
        ...define(definition(specOf({ a: { type: 'string' } }), { selectableFields: [{ jsonPath: '.spec.a' }] })),
        get(things, { save: { rv: 'metadata.resourceVersion' }, ...quiet }),
        watch(`${things}?fieldSelector=spec.a%3Dx&resourceVersion=<rv>`, 3, [
          create(things, thing({ a: 'y' }), quiet),
          mergePatch(`${things}/one`, { spec: { a: 'x' } }, quiet),
          create(things, thing({ a: 'x' }, { name: 'two' }), quiet),
          mergePatch(`${things}/one`, { spec: { a: 'z' } }, quiet),
        ]),
      ],
    },
    {
      name: 'definitions',
      steps: [
        watch(
          `${definitions}?fieldSelector=metadata.name%3Dthings.<group>&resourceVersion=0`,
          1,
          [create(definitions, definition(specOf({ a: { type: 'string' } })), quiet)],
          { show: brief },
        ),
      ],
    },
    {
      name: 'as a table',
      steps: [
        made('a'),
        watch(`${path}?resourceVersion=0&fieldSelector=metadata.name!%3Dkube-root-ca.crt`, 2, [made('b')], {
          headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
          show: withoutDescriptions,
        }),
      ],
    },
    {
      name: 'metadata only',
      steps: [
        made('a'),
        watch(`${path}?fieldSelector=metadata.name%3Da&resourceVersion=0`, 1, [], {
          headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' },
        }),
      ],
    },
  ],
};

/** The message names the versions of that server. */
function reason(body: JsonValue): JsonValue {
  return (body as readonly JsonObject[]).map((event) => {
    const object = isObject(event['object']) ? event['object'] : {};
    return [event['type'] ?? null, object['reason'] ?? null, object['code'] ?? null];
  });
}

/** Descriptions of columns are documentation. */
function withoutDescriptions(body: JsonValue): JsonValue {
  return JSON.parse(
    JSON.stringify(body, (key, value: unknown) => (key === 'description' ? undefined : value)),
  ) as JsonValue;
}
