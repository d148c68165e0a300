import { create, get, type Case, type Step } from './case.ts';
import { isObject, type JsonObject, type JsonValue } from './json.ts';

export const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** A definition of `things.<group>` with one version, v1. `spec` and `version` add to it or replace. */
export function definition(schema: JsonObject, version: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.<group>' },
    spec: {
      group: '<group>',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }],
      ...spec,
    },
  };
}

/** A definition whose objects have `spec` as described. */
export const specOf = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties: { spec: { type: 'object', properties, ...more } },
});

export const things = '/apis/<group>/v1/namespaces/<ns>/things';

export const thing = (spec: JsonValue, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: '<group>/v1',
  kind: 'Thing',
  metadata: { name: 'one', ...metadata },
  spec,
});

/** Creates the definition and waits until its objects are served. */
export const define = (body: JsonObject): readonly Step[] => [
  create(definitions, body, { show: statusOf }),
  get(things, { until: { status: 200 }, show: () => 'served' }),
];

/** Of a definition that was taken only that; of a refusal everything. */
export const statusOf = (body: JsonValue): JsonValue =>
  isObject(body) && body['kind'] === 'CustomResourceDefinition' ? 'taken' : body;

/** Whether a definition is taken, and how it is refused. */
export const judged = (name: string, body: JsonObject): Case => ({
  name,
  steps: [create(definitions, body, { show: statusOf })],
});

/** A definition that is taken, and its only version. */
export const simple = definition(specOf({ a: { type: 'string' } }));
const simpleSpec = simple['spec'] as JsonObject;
export const simpleVersion = (simpleSpec['versions'] as readonly JsonObject[])[0] ?? {};

/** The same with other fields in its spec. */
export const withSpec = (fields: JsonObject): JsonObject => ({ ...simple, spec: { ...simpleSpec, ...fields } });
