import { create, get, mergePatch, update, type Suite } from '../case.ts';
import { define, definition, specOf, thing, things } from '../definition.ts';

const text = { type: 'string' };
const conditionList = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: { type: 'object', required: ['type'], properties: { type: text, status: text } },
};

const withStatus = definition(
  {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { n: { type: 'integer', minimum: 0 }, a: text } },
      status: { type: 'object', properties: { n: { type: 'integer' }, selector: text, conditions: conditionList } },
    },
  },
  {
    subresources: {
      status: {},
      scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n', labelSelectorPath: '.status.selector' },
    },
  },
);

export const customSubresources: Suite = {
  name: 'custom-subresources',
  cases: [
    {
      name: 'status subresource',
      steps: [
        ...define(withStatus),
        create(things, { ...thing({ n: 1 }), status: { n: 9 } }),
        mergePatch(`${things}/one`, { spec: { n: 2 }, status: { n: 8 } }),
        mergePatch(`${things}/one/status`, {
          spec: { n: 7 },
          status: { n: 3 },
          metadata: { labels: { a: 'b' }, annotations: { c: 'd' } },
        }),
        mergePatch(`${things}/one/status`, { status: { n: 'x' } }),
        mergePatch(`${things}/one/status`, { status: { conditions: [{ type: 'A' }, { type: 'A' }] } }),
        get(`${things}/one/status`),
        get(`${things}/one`),
      ],
    },
    {
      name: 'scale subresource',
      steps: [
        ...define(withStatus),
        create(things, thing({ n: 1 })),
        mergePatch(`${things}/one/status`, { status: { n: 1, selector: 'app=a' } }),
        get(`${things}/one/scale`),
        mergePatch(`${things}/one/scale`, { spec: { replicas: 4 } }),
        update(`${things}/one/scale`, {
          apiVersion: 'autoscaling/v1',
          kind: 'Scale',
          metadata: { name: 'one', namespace: '<ns>' },
          spec: { replicas: 5 },
        }),
        mergePatch(`${things}/one/scale`, { spec: { replicas: -1 } }),
        get(`${things}/two/scale`),
        get(`${things}/one`),
      ],
    },
    {
      name: 'no subresources',
      steps: [
        ...define(definition(specOf({ n: { type: 'integer' } }))),
        create(things, { ...thing({ n: 1 }), status: { a: 1 } }),
        get(`${things}/one/status`),
        get(`${things}/one/scale`),
      ],
    },
    {
      name: 'generation',
      steps: [
        ...define(withStatus),
        create(things, thing({ n: 1 })),
        mergePatch(`${things}/one`, { metadata: { labels: { a: 'b' } } }),
        mergePatch(`${things}/one`, { spec: { n: 2 } }),
        mergePatch(`${things}/one`, { spec: { n: 2 } }),
        mergePatch(`${things}/one/status`, { status: { n: 1 } }),
      ],
    },
    {
      name: 'selectable fields',
      steps: [
        ...define(
          definition(specOf({ a: text, n: { type: 'integer' }, b: { type: 'boolean' } }), {
            selectableFields: [{ jsonPath: '.spec.a' }, { jsonPath: '.spec.n' }, { jsonPath: '.spec.b' }],
          }),
        ),
        create(things, thing({ a: 'x', n: 1, b: true }, { name: 'o1' })),
        create(things, thing({ a: 'y', n: 2 }, { name: 'o2' })),
        ...[
          'spec.a=x',
          'spec.a!=x',
          'spec.n=2',
          'spec.b=true',
          'spec.b=',
          'spec.a=x,spec.n=2',
          'metadata.name=o2',
          'spec.z=1',
        ].map((selector) => get(`${things}?fieldSelector=${encodeURIComponent(selector)}`)),
      ],
    },
  ],
};
