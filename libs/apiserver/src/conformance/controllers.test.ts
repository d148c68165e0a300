import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweep } from '../controllers/event-expiry.ts';
import { asList, asObject } from '../object.ts';
import { builtinResources } from '../resources/builtin/index.ts';
import type { Cluster } from '../resources/cluster.ts';
import { Registry } from '../resources/registry.ts';
import type { JsonObject } from '../schema/json.ts';
import { memoryJournal } from '../store/journal.ts';
import { Store } from '../store/store.ts';
import { type Answer, TestCluster, crontabs, eventually } from './harness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start();
});
afterAll(() => cluster.close());

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const create = (path: string, body: JsonObject): Promise<Answer> => cluster.ask({ method: 'POST', path, body });

const conditionsOf = (answer: Answer): JsonObject =>
  Object.fromEntries(
    asList(asObject(answer.body['status'])['conditions'])
      .map((condition) => asObject(condition))
      .map(({ type, status }) => [String(type), status]),
  );

test('a definition whose names are taken is not served', async () => {
  const group = 'names.example.com';
  const named = (plural: string): JsonObject => ({
    ...crontabs,
    metadata: { name: `${plural}.${group}` },
    spec: { ...crontabs.spec, group, names: { plural, kind: 'CronTab' } },
  });
  await create(definitions, named('crontabs'));
  expect((await create(definitions, named('others'))).code).toBe(201);
  const refused = await eventually(async () => {
    const answer = await cluster.ask({ path: `${definitions}/others.${group}` });
    return asList(asObject(answer.body['status'])['conditions']).length > 0 ? answer : undefined;
  });
  expect(conditionsOf(refused)).toEqual({ NamesAccepted: 'False', Established: 'False' });
  expect((await cluster.ask({ path: `/apis/${group}/v1/others` })).code).toBe(404);
  expect(conditionsOf(await cluster.ask({ path: `${definitions}/crontabs.${group}` }))).toEqual({
    NamesAccepted: 'True',
    Established: 'True',
  });
});

test('a definition that is not structural is refused with the field', async () => {
  const [version] = crontabs.spec.versions;
  const openAPIV3Schema = { type: 'object', properties: { spec: { properties: { a: { type: 'string' } } } } };
  const refused = await create(definitions, {
    ...crontabs,
    metadata: { name: 'loose.example.com' },
    spec: {
      ...crontabs.spec,
      group: 'example.com',
      names: { plural: 'loose', kind: 'Loose' },
      versions: [{ ...version, schema: { openAPIV3Schema }, selectableFields: [], additionalPrinterColumns: [] }],
    },
  });
  expect(refused.code).toBe(422);
  expect(refused.body['message']).toContain('properties[spec].type: Required value: must not be empty');
});

test('the finalize subresource lets a namespace go at once', async () => {
  await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'stuck' } });
  await create('/api/v1/namespaces/stuck/configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'held', finalizers: ['example.com/hold'] },
  });
  const { body } = await cluster.ask({ method: 'DELETE', path: '/api/v1/namespaces/stuck' });
  const finalized = await cluster.ask({
    method: 'PUT',
    path: '/api/v1/namespaces/stuck/finalize',
    body: { ...body, metadata: { name: 'stuck' }, spec: { finalizers: [] } },
  });
  expect(finalized.code).toBe(200);
  expect((await cluster.ask({ path: '/api/v1/namespaces/stuck' })).code).toBe(404);
});

test('namespaces that a cluster needs stay', async () => {
  const refused = await cluster.ask({ method: 'DELETE', path: '/api/v1/namespaces/default' });
  expect(refused.body).toMatchObject({
    code: 403,
    message: 'namespaces "default" is forbidden: this namespace may not be deleted',
  });
});

test('events go an hour after their last write', () => {
  let now = new Date('2026-01-01T00:00:00Z');
  const store = new Store(memoryJournal, { eventsKept: 10, bytesKept: 1e6 });
  const small: Cluster = {
    store,
    registry: new Registry(builtinResources),
    now: () => now,
    uid: () => 'uid',
    nameSuffix: () => 'abcde',
  };
  const event = (name: string, written: string): void => {
    const metadata = {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: '',
      creationTimestamp: '2026-01-01T00:00:00Z',
      managedFields: [{ manager: 'x', operation: 'Update', time: written }],
    };
    store.put('events', { apiVersion: 'v1', kind: 'Event', metadata });
  };
  event('old', '2026-01-01T00:00:00Z');
  event('again', '2026-01-01T00:50:00Z');
  now = new Date('2026-01-01T01:10:00Z');
  sweep(small);
  expect(store.list('events').objects.map(({ metadata }) => metadata.name)).toEqual(['again']);
});

const namespaces = '/api/v1/namespaces';

const createNamespace = async (name: string): Promise<void> => {
  await create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
};

const found = (path: string): Promise<Answer> =>
  eventually(async () => {
    const answer = await cluster.ask({ path });
    return answer.code === 200 ? answer : undefined;
  });

test('every namespace has its default ServiceAccount, also after it was deleted', async () => {
  await createNamespace('with-account');
  const path = `${namespaces}/with-account/serviceaccounts/default`;
  const { metadata } = (await found(path)).body;
  await cluster.ask({ method: 'DELETE', path });
  const again = await found(path);
  expect(asObject(again.body['metadata'])['uid']).not.toBe(asObject(metadata)['uid']);
});

test("every namespace has the server's CA, as it is", async () => {
  await createNamespace('with-ca');
  const path = `${namespaces}/with-ca/configmaps/kube-root-ca.crt`;
  expect((await found(path)).body['data']).toEqual({ 'ca.crt': cluster.server.caPem });
  await cluster.ask({
    method: 'PATCH',
    path,
    type: 'application/merge-patch+json',
    body: { data: { 'ca.crt': 'other' } },
  });
  const restored = await eventually(async () => {
    const { body } = await cluster.ask({ path });
    return asObject(body['data'])['ca.crt'] === cluster.server.caPem ? body : undefined;
  });
  expect(restored['data']).toEqual({ 'ca.crt': cluster.server.caPem });
});

test('a namespace that ends gets nothing new, and goes', async () => {
  await createNamespace('ending');
  await found(`${namespaces}/ending/serviceaccounts/default`);
  await cluster.ask({ method: 'DELETE', path: `${namespaces}/ending` });
  const gone = await eventually(async () => {
    const { code } = await cluster.ask({ path: `${namespaces}/ending` });
    return code === 404 ? code : undefined;
  });
  expect(gone).toBe(404);
});

test('controllers that are not named do not run', async () => {
  const plain = await TestCluster.start({ controllers: ['namespace-controller'] });
  await plain.ask({
    method: 'POST',
    path: namespaces,
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'plain' } },
  });
  const { body } = await plain.ask({ path: '/api/v1/serviceaccounts' });
  expect(body['items']).toEqual([]);
  expect((await plain.ask({ path: '/api/v1/configmaps' })).body['items']).toEqual([]);
  await plain.close();
});

test('a pod on a node waits for its end, and goes with its namespace', async () => {
  const namespace = '/api/v1/namespaces/with-a-pod';
  const pods = `${namespace}/pods`;
  const metadata = { name: 'one' };
  await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'with-a-pod' } });
  const spec = { nodeName: 'n1', containers: [{ name: 'main', image: 'example.com/a:1' }] };
  await eventually(async () => {
    const made = await create(pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
    return made.code === 201 ? made : undefined;
  });
  const deleted = await cluster.ask({ method: 'DELETE', path: `${pods}/one` });
  expect(asObject(deleted.body['metadata'])['deletionGracePeriodSeconds']).toBe(30);
  await cluster.ask({
    method: 'PATCH',
    path: `${pods}/one/status`,
    type: 'application/merge-patch+json',
    body: { status: { phase: 'Running' } },
  });
  expect((await cluster.ask({ path: `${pods}/one` })).code).toBe(200);
  await cluster.ask({ method: 'DELETE', path: namespace });
  await eventually(async () => ((await cluster.ask({ path: namespace })).code === 404 ? true : undefined));
});
