import { configMap, create, get, inNamespace, jsonPatch, mergePatch, remove, update, type Suite } from '../case.ts';
import { define, definition, specOf, thing, things } from '../definition.ts';
import { named, refused, stored } from '../stored.ts';

const path = inNamespace('configmaps');
const deployments = inNamespace('deployments', 'apps/v1');
const text = { type: 'string' };
const long = 'a'.repeat(64);
/** Of a kind that nobody serves, so that nobody collects what it owns. */
const owner = { apiVersion: 'example.com/v1', kind: 'Nowhere', name: 'x', uid: 'u' };

const container = (fields: object) =>
  named('apps/v1', 'Deployment', {
    spec: {
      selector: { matchLabels: { app: 'a' } },
      template: {
        metadata: { labels: { app: 'a' } },
        spec: { containers: [{ name: 'main', image: 'example.com/a:1', ...fields }] },
      },
    },
  });

/** Small things that one server does and another might not. */
export const edges: Suite = {
  name: 'edges',
  cases: [
    refused('a namespace of 64 characters', '/api/v1/namespaces', named('v1', 'Namespace', {}, { name: long })),
    refused('a container of 64 characters', deployments, container({ name: long })),
    refused('a label key of 64 characters', path, configMap('one', {}, { labels: { [long]: 'x' } })),
    refused(
      'a label prefix of 254 characters',
      path,
      configMap('one', {}, { labels: { [`${'a'.repeat(254)}/x`]: 'y' } }),
    ),
    refused('a finalizer of 64 characters', path, configMap('one', {}, { finalizers: [`example.com/${long}`] })),
    stored(
      'quantities are written in one way',
      deployments,
      container({
        resources: { limits: { cpu: '0.1', memory: '1.5Gi' }, requests: { cpu: 1e-1, memory: '1610612736' } },
      }),
    ),
    refused(
      'a request above its limit',
      deployments,
      container({ resources: { limits: { memory: '1Gi' }, requests: { memory: '2Gi' } } }),
    ),
    refused('a negative quantity', deployments, container({ resources: { limits: { cpu: '-1' } } })),
    refused('an empty selector', deployments, {
      ...named('apps/v1', 'Deployment'),
      spec: {
        selector: {},
        template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'i' }] } },
      },
    }),
    refused('a selector by expression that does not match', deployments, {
      ...named('apps/v1', 'Deployment'),
      spec: {
        selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['b'] }] },
        template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'i' }] } },
      },
    }),
    {
      name: 'the same owner twice in a patch',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        mergePatch(`${path}/one`, { metadata: { ownerReferences: [owner, owner] } }),
        update(`${path}/one`, configMap('one', {}, { ownerReferences: [owner, owner] })),
      ],
    },
    {
      name: 'times of a creation do not move',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        update(`${path}/one`, configMap('one', { a: '2' }, { creationTimestamp: '2020-01-01T00:00:00Z' })),
        mergePatch(`${path}/one`, { metadata: { creationTimestamp: null, generation: 5 } }),
        jsonPatch(`${path}/one`, [{ op: 'remove', path: '/metadata/uid' }]),
      ],
    },
    {
      name: 'a uid and a version as preconditions of a deletion',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        remove(`${path}/one`, { preconditions: { uid: 'other' } }),
        remove(`${path}/one`, { preconditions: { resourceVersion: '1' } }),
        remove(`${path}/one`, { gracePeriodSeconds: -1 }),
        remove(`${path}/one`, { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] }),
        get(`${path}/one`),
      ],
    },
    {
      name: 'formats that are seldom asked for',
      steps: [
        ...define(
          definition(
            specOf({
              isbn: { type: 'string', format: 'isbn' },
              card: { type: 'string', format: 'creditcard' },
              ssn: { type: 'string', format: 'ssn' },
              rgb: { type: 'string', format: 'rgbcolor' },
            }),
          ),
        ),
        create(
          things,
          thing({ isbn: '978-3-16-148410-0', card: '4111 1111 1111 1111', ssn: '123-45-6789', rgb: 'rgb(1, 2, 255)' }),
        ),
        create(things, thing({ isbn: '978-3-16-148410-1' }, { name: 'b' })),
        create(things, thing({ card: '4111 1111 1111 1112' }, { name: 'c' })),
        create(things, thing({ ssn: '12-345-6789' }, { name: 'd' })),
        create(things, thing({ rgb: 'rgb(1,2,256)' }, { name: 'e' })),
      ],
    },
    {
      name: 'defaults of a later schema, and what it no longer knows',
      steps: [
        ...define(definition(specOf({ a: text, gone: text }))),
        create(things, thing({ a: 'x', gone: 'y' })),
        jsonPatch(
          '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.<group>',
          [
            {
              op: 'replace',
              path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties',
              value: { a: text, b: { type: 'string', default: 'new' } },
            },
          ],
          { show: () => null },
        ),
        get(`${things}/one`, { until: { path: 'spec.b', is: 'new' } }),
        get(things, { until: { path: 'items.0.spec.b', is: 'new' } }),
        mergePatch(`${things}/one`, { metadata: { labels: { a: 'b' } } }),
      ],
    },
    {
      name: 'selectable fields of every type',
      steps: [
        ...define(
          definition(specOf({ s: text, n: { type: 'integer' }, b: { type: 'boolean' } }), {
            selectableFields: [{ jsonPath: '.spec.s' }, { jsonPath: '.spec.n' }, { jsonPath: '.spec.b' }],
          }),
        ),
        create(things, thing({ s: 'x', n: 1, b: true }), { unseen: true }),
        create(things, thing({ s: 'y' }, { name: 'two' }), { unseen: true }),
        ...[
          'spec.s=x',
          'spec.n=1',
          'spec.b=true',
          'spec.n=0',
          'spec.b=',
          'spec.s!=x,metadata.name=two',
          'spec.zzz=1',
          '=x',
          'a=b=c',
        ].map((selector) =>
          get(`${things}?fieldSelector=${encodeURIComponent(selector)}`, {
            show: (body) =>
              ((body as { items?: readonly { metadata: { name: string } }[] }).items ?? []).map(
                (each) => each.metadata.name,
              ),
          }),
        ),
      ],
    },
    {
      name: 'scale by apply',
      steps: [
        create(deployments, container({}), { unseen: true }),
        get(`${deployments}/one/scale`, { show: () => null }),
        mergePatch(`${deployments}/one/scale`, { spec: { replicas: 'x' } }),
        update(`${deployments}/one/scale`, {
          apiVersion: 'autoscaling/v1',
          kind: 'Scale',
          metadata: { name: 'two' },
          spec: { replicas: 1 },
        }),
        update(`${deployments}/one/scale`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' } }),
      ],
    },
    {
      name: 'paths of bytes',
      steps: ['/api/v1/namespaces/default/configmaps/%E2%82%AC', '/api/v1/namespaces/default/configmaps/a%22b'].map(
        (each) => get(each),
      ),
    },
    {
      name: 'a webhook that would convert',
      steps: [
        create(
          '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
          definition(
            specOf({ a: text }),
            {},
            {
              conversion: {
                strategy: 'Webhook',
                webhook: { clientConfig: { url: 'https://example.com/convert' }, conversionReviewVersions: ['v1'] },
              },
            },
          ),
          { show: (body) => (body as { kind?: string }).kind ?? null },
        ),
      ],
    },
    {
      name: 'keywords of another type',
      steps: [{ minLength: 'x' }, { type: 5 }, { properties: [] }, { required: 'a' }, { enum: 'a' }].map((field) =>
        create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition(specOf({ field }))),
      ),
    },
    {
      name: 'warnings of a definition',
      steps: [
        { type: 'string', format: 'odd', minimumLength: 1 },
        { type: 'integer', format: 'odd' },
        { type: 'string', format: 'int32' },
        { type: 'string', format: 'password' },
        { type: 'string', format: 'date-time' },
      ].map((field) =>
        create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All', definition(specOf({ field })), {
          show: () => null,
        }),
      ),
    },
  ],
};
