import { create, get, mergePatch, remove, update, watch, type Suite } from '../case.ts';
import {
  definition,
  definitions,
  simple,
  specOf,
  statusOf,
  thing,
  things,
  withSpec,
  simpleVersion as version,
  define,
} from '../definition.ts';
import type { JsonObject, JsonValue } from '../json.ts';

const text = { type: 'string' };
const number = { type: 'integer' };

export const definitionLife: Suite = {
  name: 'definition-life',
  cases: [
    {
      name: 'life: conditions',
      steps: [
        create(definitions, definition(specOf({ a: text })), { show: () => null }),
        get(`${definitions}/things.<group>`, { until: { path: 'status.conditions.1.status', is: 'True' } }),
      ],
    },
    {
      name: 'life: two definitions of one kind',
      steps: [
        ...define(definition(specOf({ a: text }))),
        create(
          definitions,
          { ...withSpec({ names: { plural: 'items', kind: 'Thing' } }), metadata: { name: 'items.<group>' } },
          { show: () => null },
        ),
        get(`${definitions}/items.<group>`, { until: { path: 'status.conditions.0.status', is: 'False' } }),
      ],
    },
    {
      name: 'life: deletion takes the objects with it',
      steps: [
        ...define(simple),
        create(things, thing({ a: 'x' })),
        watch(things, 2, [remove(`${definitions}/things.<group>`, undefined, { show: () => null })]),
        get(`${definitions}/things.<group>`, { until: { status: 404 } }),
        get(things, { until: { status: 404 } }),
      ],
    },
    {
      name: 'life: deletion waits for finalizers of objects',
      steps: [
        ...define(simple),
        create(things, thing({ a: 'x' }, { finalizers: ['example.com/wait'] })),
        remove(`${definitions}/things.<group>`, undefined, { show: () => null }),
        get(`${things}/one`, { until: { path: 'metadata.deletionGracePeriodSeconds', is: 0 } }),
        create(things, thing({ a: 'y' }, { name: 'two' })),
        mergePatch(`${things}/one`, { metadata: { finalizers: null } }),
        get(`${definitions}/things.<group>`, { until: { status: 404 } }),
      ],
    },
    {
      name: 'life: a change of the schema',
      steps: [
        ...define(simple),
        create(things, thing({ a: 'x', b: 'pruned' })),
        mergePatch(
          `${definitions}/things.<group>`,
          {
            spec: {
              versions: [
                { ...version, schema: { openAPIV3Schema: specOf({ a: text, b: { type: 'string', default: 'new' } }) } },
              ],
            },
          },
          { show: statusOf },
        ),
        get(`${things}/one`, { until: { path: 'spec.b', is: 'new' } }),
        get(`${definitions}/things.<group>`, {
          show: (body) => ((body as JsonObject)['metadata'] as JsonObject)['generation'] ?? null,
        }),
      ],
    },
    {
      name: 'life: scope, group and names stay',
      steps: [
        ...define(simple),
        mergePatch(`${definitions}/things.<group>`, { spec: { scope: 'Cluster' } }),
        mergePatch(`${definitions}/things.<group>`, { spec: { names: { plural: 'items' } } }),
        mergePatch(`${definitions}/things.<group>`, { spec: { group: 'other.example.com' } }),
      ],
    },
    {
      name: 'life: a version that is not served',
      steps: [
        ...define(withSpec({ versions: [version, { ...version, name: 'v2', storage: false, served: false }] })),
        get('/apis/<group>/v2/namespaces/<ns>/things'),
        get('/apis/<group>', { show: (body) => (body as JsonObject)['versions'] ?? body }),
      ],
    },
    {
      name: 'life: two versions of one object',
      steps: [
        ...define(withSpec({ versions: [version, { ...version, name: 'v2', storage: false }] })),
        create(things, thing({ a: 'x' })),
        get('/apis/<group>/v2/namespaces/<ns>/things/one'),
        get('/apis/<group>', { until: { status: 200 } }),
      ],
    },
    {
      name: 'life: an update needs its version',
      steps: [...define(simple), update(`${definitions}/things.<group>`, simple)],
    },
    {
      name: 'life: what discovery says',
      steps: [
        ...define(
          definition(
            specOf({ n: number }),
            { subresources: { status: {}, scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' } } },
            { names: { plural: 'things', kind: 'Thing', shortNames: ['th'], categories: ['all'] } },
          ),
        ),
        get('/apis/<group>/v1', { until: { status: 200 }, show: withoutHashes }),
      ],
    },
  ],
};

function withoutHashes(body: JsonValue): JsonValue {
  return JSON.parse(
    JSON.stringify(body, (key, value: unknown) => (key === 'storageVersionHash' ? undefined : value)),
  ) as JsonObject;
}
