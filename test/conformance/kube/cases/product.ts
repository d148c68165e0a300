import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { create, get, mergePatch, remove, type Case, type Step, type Suite } from '../case.ts';
import { definitions } from '../definition.ts';
import { isObject, textOf, type JsonObject, type JsonValue } from '../json.ts';

const folder = join(import.meta.dirname, '../../../../deploy/crds');
const crds = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => parse(readFileSync(join(folder, name), 'utf8')) as JsonObject);

const nameOf = (crd: JsonObject): string => textOf((crd['metadata'] as JsonObject)['name']);

/** The definitions have the names of the product, so all cases of a server share them. */
export const installed = (names: readonly string[]): readonly Step[] =>
  crds
    .filter((crd) => names.includes(nameOf(crd)))
    .flatMap((crd) => [
      create(definitions, crd, { unseen: true }),
      get(`${definitions}/${nameOf(crd)}`, { until: { path: 'status.conditions.1.status', is: 'True' }, unseen: true }),
    ]);

const conditions = (body: JsonValue): JsonValue => {
  const status = isObject(body) ? body['status'] : undefined;
  return isObject(status)
    ? { conditions: status['conditions'] ?? [], acceptedNames: status['acceptedNames'] ?? {} }
    : body;
};

/** Taken, established, and stored as sent: the schema's costs and defaults are the server's own. */
const accepted: readonly Case[] = crds.map((crd) => ({
  name: `taken: ${nameOf(crd)}`,
  steps: [
    create(definitions, crd, { unseen: true }),
    get(`${definitions}/${nameOf(crd)}`, {
      until: { path: 'status.conditions.1.status', is: 'True' },
      show: conditions,
    }),
  ],
}));

/** Descriptions of columns are documentation: their words are not compared. */
const asTable = {
  headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  show: (body: JsonValue): JsonValue =>
    JSON.parse(JSON.stringify(body, (key, value: unknown) => (key === 'description' ? undefined : value))) as JsonValue,
};

const api = '/apis/kasmcloud.io/v1alpha1';
export const inNs = (plural: string): string => `${api}/namespaces/<ns>/${plural}`;
export const object = (kind: string, spec: JsonValue, name = 'one'): JsonObject => ({
  apiVersion: 'kasmcloud.io/v1alpha1',
  kind,
  metadata: { name },
  spec,
});

export const served = (path: string): Step => get(path, { until: { status: 200 }, show: () => 'served' });

/** Objects of one kind; each is refused or stored equally. */
const judged = (kind: string, plural: string, specs: readonly JsonValue[], clusterScope = false): Case => {
  const path = clusterScope ? `${api}/${plural}` : inNs(plural);
  const prefix = clusterScope ? '<ns>-' : '';
  return {
    name: `objects: ${kind}`,
    steps: [
      ...installed([`${plural}.kasmcloud.io`]),
      served(path),
      ...specs.map((spec, index) => create(path, object(kind, spec, `${prefix}o${index}`))),
    ],
  };
};

const actor = { hostName: 'nhost', id: 'hello', image: 'example.com/hello:1', instances: 1 };
const link = {
  source: 'a',
  target: 'b',
  name: 'default',
  witNamespace: 'wasi',
  witPackage: 'http',
  interfaces: ['incoming-handler'],
};
const distribution = { actor: { id: 'hello', image: 'example.com/hello:1' }, replicas: 3 };

export const product: Suite = {
  name: 'product',
  cases: [
    ...accepted,
    judged('WasmCloudActor', 'wasmcloudactors', [
      actor,
      {},
      { ...actor, id: 'A b' },
      { ...actor, instances: 0 },
      { ...actor, instances: '1' },
      { ...actor, image: '' },
      { ...actor, odd: 1 },
      null,
    ]),
    judged('WasmCloudProvider', 'wasmcloudproviders', [
      { hostName: 'nhost', id: 'p', image: 'example.com/p:1' },
      {},
      { id: 'p', image: 'x', hostName: 'h', container: {} },
      { id: 'p', image: 'x', container: {} },
    ]),
    judged('WasmCloudLink', 'wasmcloudlinks', [
      link,
      {},
      { ...link, interfaces: [] },
      { ...link, name: '' },
      { ...link, source: {} },
      { ...link, target: 'a b' },
    ]),
    judged('WasmCloudDistribution', 'wasmclouddistributions', [
      distribution,
      {},
      { ...distribution, replicas: -1 },
      { ...distribution, provider: { id: 'p', image: 'x' } },
      { replicas: 1 },
    ]),
    judged('WasmCloudPlacement', 'wasmcloudplacements', [{}, { distribution: 'd', cluster: 'c', epoch: 1 }]),
    judged('GitSource', 'gitsources', [{}, { url: 'https://example.com/x.git' }, { url: 'file:///etc' }]),
    judged(
      'WasmCloudHost',
      'wasmcloudhosts',
      [{}, { taints: [{ key: 'a', effect: 'Odd' }] }, { lattices: ['a', 'a'] }, { unschedulable: 'yes' }],
      true,
    ),
    judged('WasmCloudCluster', 'wasmcloudclusters', [{}, { inCluster: true }, { region: 'eu', secrets: 'Odd' }], true),
    {
      name: 'actor: what is immutable, and the epoch that never falls',
      steps: [
        ...installed(['wasmcloudactors.kasmcloud.io']),
        served(inNs('wasmcloudactors')),
        create(inNs('wasmcloudactors'), object('WasmCloudActor', { ...actor, epoch: 5 })),
        ...[{ hostName: 'nother' }, { id: 'other' }, { epoch: 4 }, { epoch: 6 }, { epoch: null }, { instances: 3 }].map(
          (spec) => mergePatch(`${inNs('wasmcloudactors')}/one`, { spec }),
        ),
        mergePatch(`${inNs('wasmcloudactors')}/one/status`, {
          status: {
            conditions: [
              {
                type: 'Ready',
                status: 'True',
                reason: 'Running',
                message: '',
                lastTransitionTime: '2020-01-01T00:00:00Z',
              },
            ],
          },
        }),
        get(`${inNs('wasmcloudactors')}?fieldSelector=spec.hostName%3Dnhost`),
        get(`${inNs('wasmcloudactors')}?fieldSelector=spec.hostName%3Dnother`),
        get(inNs('wasmcloudactors'), asTable),
        remove(`${inNs('wasmcloudactors')}/one`),
      ],
    },
    {
      name: 'distribution: scale',
      steps: [
        ...installed(['wasmclouddistributions.kasmcloud.io']),
        served(inNs('wasmclouddistributions')),
        create(inNs('wasmclouddistributions'), object('WasmCloudDistribution', distribution)),
        mergePatch(`${inNs('wasmclouddistributions')}/one/scale`, { spec: { replicas: 7 } }),
        mergePatch(`${inNs('wasmclouddistributions')}/one/scale`, { spec: { replicas: -1 } }),
        get(`${inNs('wasmclouddistributions')}/one`),
        get(inNs('wasmclouddistributions'), asTable),
      ],
    },
  ],
};
