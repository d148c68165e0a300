import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asList, asObject } from '../object.ts';
import type { JsonObject } from '../schema/json.ts';
import { type Answer, TestCluster, crontab, crontabPath, crontabs, eventually } from './harness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start();
  await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crontabs);
});
afterAll(() => cluster.close());

const create = (path: string, body: JsonObject): Promise<Answer> => cluster.ask({ method: 'POST', path, body });
const get = (path: string): Promise<Answer> => cluster.ask({ path });
const put = (path: string, body: JsonObject): Promise<Answer> => cluster.ask({ method: 'PUT', path, body });
const remove = (path: string, body?: JsonObject): Promise<Answer> =>
  cluster.ask({ method: 'DELETE', path, ...(body === undefined ? {} : { body }) });
const merge = (path: string, body: JsonObject): Promise<Answer> =>
  cluster.ask({ method: 'PATCH', path, body, type: 'application/merge-patch+json' });

const configMaps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string, data: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const metadata = (answer: Answer): JsonObject => asObject(answer.body['metadata']);

describe('create', () => {
  test('sets the metadata that only a server can', async () => {
    const { code, body } = await create(crontabPath, {
      ...crontab('made'),
      metadata: { name: 'made', uid: 'mine', generation: 7, deletionTimestamp: '2020-01-01T00:00:00Z' },
      status: { replicas: 3 },
    });
    expect(code).toBe(201);
    expect(body['spec']).toEqual({ color: 'red', replicas: 2 });
    expect(body['status']).toBeUndefined();
    const made = asObject(body['metadata']);
    expect(made).toMatchObject({ name: 'made', namespace: 'default', generation: 1 });
    expect(made['uid']).toMatch(/^[0-9a-f-]{36}$/);
    expect(made['deletionTimestamp']).toBeUndefined();
    expect(made['creationTimestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(asList(made['managedFields'])[0]).toMatchObject({ manager: 'conformance', operation: 'Update' });
  });

  test('refuses with the words of a kube-apiserver', async () => {
    await create(configMaps, configMap('twice'));
    const cases: readonly [string, Answer, number, string, string][] = [
      [
        'twice',
        await create(configMaps, configMap('twice')),
        409,
        'AlreadyExists',
        'configmaps "twice" already exists',
      ],
      [
        'bad name',
        await create(crontabPath, crontab('Bad_Name')),
        422,
        'Invalid',
        'CronTab.stable.example.com "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain',
      ],
      [
        'no name',
        await create(configMaps, { ...configMap(''), metadata: {} }),
        422,
        'Invalid',
        'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
      ],
      [
        'no namespace',
        await create('/api/v1/namespaces/nowhere/configmaps', configMap('x')),
        404,
        'NotFound',
        'namespaces "nowhere" not found',
      ],
      [
        'other namespace',
        await create(configMaps, { ...configMap('x'), metadata: { name: 'x', namespace: 'other' } }),
        400,
        'BadRequest',
        'the namespace of the provided object does not match the namespace sent on the request',
      ],
      [
        'wrong version',
        await create(crontabPath, { ...crontab('x'), apiVersion: 'stable.example.com/v2' }),
        400,
        'BadRequest',
        'the API version in the data (stable.example.com/v2) does not match the expected API version (stable.example.com/v1)',
      ],
      [
        'schema',
        await create(crontabPath, crontab('x', { color: 'red', replicas: -1 })),
        422,
        'Invalid',
        'CronTab.stable.example.com "x" is invalid: [spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0, ' +
          '.spec.replicas: Invalid value: -1: should be a non-negative integer]',
      ],
    ];
    for (const [name, { code, body }, wantCode, reason, message] of cases) {
      expect({ name, code, reason: body['reason'] }).toEqual({ name, code: wantCode, reason });
      expect(body['message']).toContain(message);
      expect(body).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: wantCode });
    }
  });

  test('generates names', async () => {
    const made = await create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'gen-' } });
    expect(metadata(made)['name']).toMatch(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test('tells of unknown fields, or refuses them when asked to', async () => {
    const body = crontab('unknown', { color: 'red', shade: 1 });
    const strict = await create(`${crontabPath}?fieldValidation=Strict`, body);
    expect(strict.code).toBe(400);
    expect(strict.body['message']).toContain('strict decoding error: unknown field "spec.shade"');
    const warned = await create(crontabPath, body);
    expect(warned.code).toBe(201);
    expect(warned.headers['warning']).toBe('299 - "unknown field \\"spec.shade\\""');
    expect(asObject(warned.body['spec'])['shade']).toBeUndefined();
  });

  test('stores nothing in a dry run', async () => {
    const tried = await create(`${configMaps}?dryRun=All`, configMap('dry'));
    expect(tried.code).toBe(201);
    expect((await get(`${configMaps}/dry`)).code).toBe(404);
  });
});

describe('update', () => {
  test('refuses a stale version, and counts generations only for what is asked for', async () => {
    const made = (await create(crontabPath, crontab('versions'))).body;
    const path = `${crontabPath}/versions`;
    const labelled = await put(path, { ...made, metadata: { ...asObject(made['metadata']), labels: { a: 'b' } } });
    expect(metadata(labelled)['generation']).toBe(1);
    const stale = await put(path, made);
    expect(stale.code).toBe(409);
    expect(stale.body['message']).toBe(
      'Operation cannot be fulfilled on crontabs.stable.example.com "versions": the object has been modified; ' +
        'please apply your changes to the latest version and try again',
    );
    const changed = await put(path, { ...labelled.body, spec: { color: 'blue' } });
    expect(metadata(changed)['generation']).toBe(2);
    const { resourceVersion: _version, ...unversioned } = metadata(changed);
    const blind = await put(path, { ...changed.body, metadata: unversioned });
    expect(blind.code).toBe(422);
    expect(blind.body['message']).toContain(
      'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
  });

  test('keeps status and spec apart', async () => {
    await create(crontabPath, crontab('parts'));
    const path = `${crontabPath}/parts`;
    const status = await merge(`${path}/status`, {
      spec: { color: 'no' },
      status: { replicas: 4 },
      metadata: { labels: { a: 'b' } },
    });
    expect(status.body).toMatchObject({ spec: { color: 'red' }, status: { replicas: 4 }, metadata: { generation: 1 } });
    expect(metadata(status)['labels']).toBeUndefined();
    const spec = await merge(path, { spec: { color: 'blue' }, status: { replicas: 9 } });
    expect(spec.body).toMatchObject({ spec: { color: 'blue' }, status: { replicas: 4 }, metadata: { generation: 2 } });
  });

  test('writes nothing when nothing changes', async () => {
    const before = (await create(configMaps, configMap('same', { a: '1' }))).body;
    const after = await merge(`${configMaps}/same`, { data: { a: '1' } });
    expect(metadata(after)['resourceVersion']).toBe(asObject(before['metadata'])['resourceVersion']);
  });

  test('scales through the scale subresource', async () => {
    await create(crontabPath, crontab('scaled'));
    const path = `${crontabPath}/scaled/scale`;
    const scaled = await put(path, {
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'scaled' },
      spec: { replicas: 7 },
    });
    expect(scaled.body).toMatchObject({ kind: 'Scale', spec: { replicas: 7 }, status: { replicas: 0 } });
    expect((await get(`${crontabPath}/scaled`)).body).toMatchObject({
      spec: { replicas: 7 },
      metadata: { generation: 2 },
    });
  });
});

describe('delete', () => {
  test('waits for finalizers', async () => {
    await create(crontabPath, { ...crontab('held'), metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    const path = `${crontabPath}/held`;
    const deleted = await remove(path);
    expect(deleted.body['kind']).toBe('CronTab');
    expect(metadata(deleted)).toMatchObject({ deletionGracePeriodSeconds: 0, generation: 2 });
    const more = await merge(path, { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } });
    expect(more.code).toBe(422);
    expect(more.body['message']).toContain('no new finalizers can be added if the object is being deleted');
    expect((await merge(path, { metadata: { finalizers: [] } })).code).toBe(200);
    expect((await get(path)).code).toBe(404);
  });

  test('honours preconditions', async () => {
    const made = await create(configMaps, configMap('guarded'));
    const refused = await remove(`${configMaps}/guarded`, { preconditions: { uid: 'another' } });
    expect(refused.code).toBe(409);
    expect(refused.body['message']).toContain('the UID in the precondition (another) does not match the UID in record');
    const { uid, resourceVersion } = metadata(made);
    const gone = await remove(`${configMaps}/guarded`, { preconditions: { uid, resourceVersion } });
    expect(gone.body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'guarded', kind: 'configmaps', uid },
    });
  });

  test('deletes what a selector finds', async () => {
    for (const name of ['many-1', 'many-2']) {
      await create(configMaps, { ...configMap(name), metadata: { name, labels: { many: 'yes' } } });
    }
    const deleted = await cluster.ask({ method: 'DELETE', path: `${configMaps}?labelSelector=many%3Dyes` });
    expect(asList(deleted.body['items'])).toHaveLength(2);
    expect((await get(`${configMaps}/many-1`)).code).toBe(404);
    expect((await get(`${configMaps}/twice`)).code).toBe(200);
  });
});

const owned = (name: string, owner: Answer, block = false): JsonObject => ({
  ...configMap(name),
  metadata: {
    name,
    ownerReferences: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: metadata(owner)['name'],
        uid: metadata(owner)['uid'],
        blockOwnerDeletion: block,
      },
    ],
  },
});
const gone = (path: string): Promise<true> =>
  eventually(async () => ((await get(path)).code === 404 ? (true as const) : undefined));

describe('controllers', () => {
  test('dependents go with their owner', async () => {
    const owner = await create(configMaps, configMap('owner'));
    await create(configMaps, owned('child', owner));
    await remove(`${configMaps}/owner`);
    expect(await gone(`${configMaps}/child`)).toBe(true);
  });

  test('an owner in the foreground waits for what blocks it', async () => {
    const owner = await create(configMaps, configMap('slow-owner'));
    const child = owned('slow-child', owner, true);
    await create(configMaps, {
      ...child,
      metadata: { ...asObject(child['metadata']), finalizers: ['example.com/hold'] },
    });
    await remove(`${configMaps}/slow-owner`, { propagationPolicy: 'Foreground' });
    await eventually(async () => metadata(await get(`${configMaps}/slow-child`))['deletionTimestamp']);
    expect((await get(`${configMaps}/slow-owner`)).code).toBe(200);
    await merge(`${configMaps}/slow-child`, { metadata: { finalizers: null } });
    await gone(`${configMaps}/slow-owner`);
  });

  test('orphans stay, without the reference', async () => {
    const owner = await create(configMaps, configMap('parting'));
    await create(configMaps, owned('orphan', owner));
    await remove(`${configMaps}/parting`, { propagationPolicy: 'Orphan' });
    await gone(`${configMaps}/parting`);
    expect(metadata(await get(`${configMaps}/orphan`))['ownerReferences']).toBeUndefined();
  });

  test('a namespace takes its content with it, and takes nothing new', async () => {
    await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'brief' } });
    const path = '/api/v1/namespaces/brief/configmaps';
    await create(path, { ...configMap('held'), metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    await create(path, configMap('free'));
    const deleted = await remove('/api/v1/namespaces/brief');
    expect(deleted.body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } });
    await gone(`${path}/free`);
    const late = await create(path, configMap('late'));
    expect(late.code).toBe(403);
    expect(late.body['message']).toContain(
      'configmaps "late" is forbidden: unable to create new content in namespace brief because it is being terminated',
    );
    await merge(`${path}/held`, { metadata: { finalizers: null } });
    await gone('/api/v1/namespaces/brief');
  });

  test('a definition takes its objects with it', async () => {
    const version = { ...crontabs.spec.versions[0], selectableFields: [], additionalPrinterColumns: [] };
    await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      ...crontabs,
      metadata: { name: 'brooms.tools.example.com' },
      spec: {
        ...crontabs.spec,
        group: 'tools.example.com',
        names: { plural: 'brooms', kind: 'Broom' },
        versions: [version],
      },
    });
    const path = '/apis/tools.example.com/v1/namespaces/default/brooms';
    const made = await create(path, {
      apiVersion: 'tools.example.com/v1',
      kind: 'Broom',
      metadata: { name: 'b' },
      spec: { color: 'x' },
    });
    expect(made.code).toBe(201);
    const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/brooms.tools.example.com';
    await remove(definition);
    await gone(definition);
    expect((await get(path)).code).toBe(404);
  });
});
