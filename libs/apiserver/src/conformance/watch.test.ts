import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asList, asObject } from '../object.ts';
import type { JsonObject } from '../schema/json.ts';
import { type Answer, TestCluster, crontab, crontabPath, crontabs } from './harness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start({
    eventsKept: 50,
    // Nothing but the test writes ConfigMaps.
    controllers: [],
    watchLimits: { maxUnreadBytes: 1024 * 1024, bookmarkEveryMs: 50 },
  });
  await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crontabs);
});
afterAll(() => cluster.close());

const create = (path: string, body: JsonObject): Promise<Answer> => cluster.ask({ method: 'POST', path, body });
const get = (path: string, accept?: string): Promise<Answer> =>
  cluster.ask({ path, ...(accept === undefined ? {} : { accept }) });
const merge = (path: string, body: JsonObject): Promise<Answer> =>
  cluster.ask({ method: 'PATCH', path, body, type: 'application/merge-patch+json' });
const configMaps = '/api/v1/namespaces/default/configmaps';
const labelled = (name: string, labels: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
});
const versionOf = (answer: Answer): string => String(asObject(answer.body['metadata'])['resourceVersion']);
const nameOf = (event: JsonObject): unknown => asObject(asObject(event['object'])['metadata'])['name'];

describe('list', () => {
  test('selects by labels', async () => {
    await create(configMaps, labelled('l1', { app: 'a', tier: 'web' }));
    await create(configMaps, labelled('l2', { app: 'b' }));
    const names = async (selector: string): Promise<unknown[]> => {
      const { body } = await get(`${configMaps}?labelSelector=${encodeURIComponent(selector)}`);
      return asList(body['items']).map((item) => asObject(asObject(item)['metadata'])['name']);
    };
    expect(await names('app=a')).toEqual(['l1']);
    expect(await names('app,app!=a')).toEqual(['l2']);
    expect(await names('app in (a, b),tier')).toEqual(['l1']);
    expect(await names('app notin (a),app')).toEqual(['l2']);
    expect(await names('app,!tier')).toEqual(['l2']);
    expect((await get(`${configMaps}?labelSelector=a%20b%20c`)).code).toBe(400);
  });

  test('selects by fields, and refuses fields it does not index', async () => {
    await create(crontabPath, crontab('f-red'));
    await create(crontabPath, crontab('f-blue', { color: 'blue' }));
    const found = await get(`${crontabPath}?fieldSelector=spec.color%3Dblue`);
    expect(asList(found.body['items']).map((item) => nameOf({ object: item }))).toEqual(['f-blue']);
    const byName = await get(`${crontabPath}?fieldSelector=metadata.name%21%3Df-blue`);
    expect(asList(byName.body['items'])).toHaveLength(1);
    const unknown = await get(`${crontabPath}?fieldSelector=spec.replicas%3D1`);
    expect(unknown.body).toMatchObject({ code: 400, message: 'field label not supported: spec.replicas' });
    const builtin = await get(`${configMaps}?fieldSelector=data%3D1`);
    expect(builtin.body['message']).toBe(
      '"data" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });

  test('pages through one consistent state', async () => {
    const namespace = '/api/v1/namespaces/kube-public/configmaps';
    for (const name of ['p1', 'p2', 'p3']) await create(namespace, labelled(name, {}));
    const first = await get(`${namespace}?limit=2`);
    expect(asList(first.body['items'])).toHaveLength(2);
    expect(asObject(first.body['metadata'])['remainingItemCount']).toBe(1);
    await create(namespace, labelled('p4', {}));
    const token = String(asObject(first.body['metadata'])['continue']);
    const second = await get(`${namespace}?limit=2&continue=${token}`);
    expect(asList(second.body['items']).map((item) => nameOf({ object: item }))).toEqual(['p3']);
    expect(versionOf(second)).toBe(versionOf(first));
    expect((await get(`${namespace}?continue=nonsense`)).code).toBe(400);
  });

  test('answers as a table or as metadata only', async () => {
    const table = await get(`${crontabPath}?limit=1`, 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json');
    expect(table.body).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      columnDefinitions: [{ name: 'Name' }, { name: 'Color' }, { name: 'Replicas', priority: 1 }],
      rows: [{ cells: ['f-blue', 'blue', 2], object: { kind: 'PartialObjectMetadata' } }],
    });
    const partial = await get(crontabPath, 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1');
    expect(partial.body['kind']).toBe('PartialObjectMetadataList');
    expect(asObject(asList(partial.body['items'])[0])['spec']).toBeUndefined();
    expect((await get(crontabPath, 'text/html')).code).toBe(406);
  });

  test('refuses versions it cannot read', async () => {
    expect((await get(`${configMaps}?resourceVersion=999999`)).body).toMatchObject({ code: 504, reason: 'Timeout' });
    expect((await get(`${configMaps}?resourceVersion=abc`)).code).toBe(400);
    expect((await get(`${configMaps}?resourceVersionMatch=Exact`)).code).toBe(422);
    const exact = await get(`${configMaps}?resourceVersion=2&resourceVersionMatch=Exact`);
    expect([200, 410]).toContain(exact.code);
  });
});

describe('watch', () => {
  test('resumes after a version and tells additions, changes and deletions', async () => {
    const since = versionOf(await get(crontabPath));
    await create(crontabPath, crontab('w'));
    const watch = cluster.watch(`${crontabPath}?watch=true&resourceVersion=${since}`);
    expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { kind: 'CronTab', metadata: { name: 'w' } } });
    await merge(`${crontabPath}/w`, { spec: { color: 'blue' } });
    expect(await watch.next()).toMatchObject({ type: 'MODIFIED', object: { spec: { color: 'blue' } } });
    const gone = await cluster.ask({ method: 'DELETE', path: `${crontabPath}/w` });
    expect(gone.code).toBe(200);
    const deleted = await watch.next();
    expect(deleted).toMatchObject({ type: 'DELETED', object: { spec: { color: 'blue' } } });
    expect(Number(asObject(asObject(deleted['object'])['metadata'])['resourceVersion'])).toBeGreaterThan(
      Number(since) + 2,
    );
    watch.stop();
  });

  test('an object that leaves the selection is deleted for the watcher, as it was', async () => {
    const since = versionOf(await get(crontabPath));
    const watch = cluster.watch(`${crontabPath}?watch=1&resourceVersion=${since}&fieldSelector=spec.color%3Dgreen`);
    await create(crontabPath, crontab('s'));
    await merge(`${crontabPath}/s`, { spec: { color: 'green' } });
    expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { spec: { color: 'green' } } });
    await merge(`${crontabPath}/s`, { spec: { color: 'red' } });
    expect(await watch.next()).toMatchObject({ type: 'DELETED', object: { spec: { color: 'green' } } });
    watch.stop();
  });

  test('streams the present, then a bookmark that says so', async () => {
    const query = 'watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
    const watch = cluster.watch(`${crontabPath}?${query}`);
    const names: unknown[] = [];
    let event = await watch.next();
    for (; event['type'] !== 'BOOKMARK'; event = await watch.next()) names.push(nameOf(event));
    expect(event['object']).toMatchObject({
      kind: 'CronTab',
      metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
    });
    expect(names).toEqual(['f-blue', 'f-red', 's']);
    expect(await watch.next()).toMatchObject({ type: 'BOOKMARK' });
    watch.stop();
    expect((await get(`${crontabPath}?watch=true&sendInitialEvents=true`)).code).toBe(422);
  });

  test('tells of a table once what its columns are', async () => {
    const since = versionOf(await get(crontabPath));
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const watch = cluster.watch(`${crontabPath}?watch=true&resourceVersion=${since}`, accept);
    await create(crontabPath, crontab('t1'));
    await create(crontabPath, crontab('t2'));
    const [first, second] = [await watch.next(), await watch.next()];
    expect(asList(asObject(first['object'])['columnDefinitions'])).toHaveLength(3);
    expect(asList(asObject(second['object'])['columnDefinitions'])).toHaveLength(0);
    expect(second).toMatchObject({ type: 'ADDED', object: { kind: 'Table', rows: [{ cells: ['t2', 'red', 2] }] } });
    watch.stop();
  });

  test('says 410 Expired when its log does not reach back', async () => {
    await create(configMaps, labelled('busy', {}));
    for (let value = 0; value < 120; value += 1) await merge(`${configMaps}/busy`, { data: { value: String(value) } });
    const watch = cluster.watch(`${configMaps}?watch=true&resourceVersion=1`);
    expect(await watch.next()).toMatchObject({
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired' },
    });
    watch.stop();
    const list = await get(`${configMaps}?resourceVersion=1&resourceVersionMatch=Exact`);
    expect(list.body).toMatchObject({ code: 410, reason: 'Expired' });
  });

  test('ends when its time is over', async () => {
    const started = Date.now();
    const answer = await get(
      `${crontabPath}?watch=true&timeoutSeconds=1&resourceVersion=${versionOf(await get(crontabPath))}`,
    );
    expect(answer.code).toBe(200);
    expect(Date.now() - started).toBeGreaterThanOrEqual(990);
  });
});
