import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asList, asObject } from '../object.ts';
import type { JsonObject } from '../schema/json.ts';
import { type Answer, TestCluster, crontab, crontabPath, crontabs, eventually } from './harness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start({ watchLimits: { maxUnreadBytes: 256 * 1024, bookmarkEveryMs: 1000 } });
  await cluster.ask({
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    body: crontabs,
  });
});
afterAll(() => cluster.close());

const apply = (path: string, body: JsonObject, manager: string, force = false): Promise<Answer> =>
  cluster.ask({
    method: 'PATCH',
    path: `${path}?fieldManager=${manager}&force=${force}`,
    type: 'application/apply-patch+yaml',
    body,
  });

const managers = (answer: Answer): unknown[] =>
  asList(asObject(answer.body['metadata'])['managedFields'])
    .map((entry) => asObject(entry))
    .map(({ manager, operation, subresource }) => [manager, operation, subresource ?? ''].join('/'));

describe('server-side apply', () => {
  test('creates, shares, refuses and takes over', async () => {
    const path = `${crontabPath}/shared`;
    const made = await apply(path, crontab('shared', { color: 'red' }), 'one');
    expect(made.code).toBe(201);
    expect((await apply(path, crontab('shared', { color: 'red', epoch: 1 }), 'two')).code).toBe(200);
    const refused = await apply(path, crontab('shared', { color: 'blue' }), 'two');
    expect(refused.body).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "one": .spec.color',
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.color' }] },
    });
    const taken = await apply(path, crontab('shared', { color: 'blue' }), 'two', true);
    expect(taken.body['spec']).toEqual({ color: 'blue', replicas: 2 });
  });

  test('the status has owners of its own', async () => {
    const path = `${crontabPath}/stated`;
    await apply(path, { ...crontab('stated'), status: { replicas: 9 } }, 'author');
    const stated = await apply(
      `${path}/status`,
      { ...crontab('stated', { color: 'no' }), status: { replicas: 3 } },
      'observer',
    );
    expect(stated.body).toMatchObject({ spec: { color: 'red' }, status: { replicas: 3 } });
    expect(managers(stated)).toEqual(['author/Apply/', 'observer/Apply/status']);
    const gone = await apply(`${path}/status`, { ...crontab('stated'), status: {} }, 'observer');
    expect(asObject(gone.body['status'])['replicas']).toBeUndefined();
  });

  test('says the same thing twice without a write', async () => {
    const path = `${crontabPath}/calm`;
    const first = await apply(path, crontab('calm'), 'one');
    const second = await apply(path, crontab('calm'), 'one');
    expect(second.body['metadata']).toEqual(first.body['metadata']);
  });

  test('an update without managedFields keeps those of others', async () => {
    const path = `${crontabPath}/kept`;
    const { body } = await apply(path, crontab('kept'), 'one');
    const { managedFields: _owners, ...metadata } = asObject(body['metadata']);
    const put = await cluster.ask({
      method: 'PUT',
      path,
      body: { ...body, metadata, spec: { color: 'red', epoch: 5 } },
    });
    expect(managers(put)).toEqual(['one/Apply/', 'conformance/Update/']);
  });

  test('needs a manager, and takes no managedFields', async () => {
    const unnamed = await cluster.ask({
      method: 'PATCH',
      path: `${crontabPath}/x`,
      type: 'application/apply-patch+yaml',
      body: crontab('x'),
    });
    expect(unnamed.body).toMatchObject({ code: 422 });
    expect(unnamed.body['message']).toContain('fieldManager: Required value: is required for apply patch');
    const body = { ...crontab('x'), metadata: { name: 'x', managedFields: [{ manager: 'y' }] } };
    expect((await apply(`${crontabPath}/x`, body, 'one')).body['message']).toBe('metadata.managedFields must be nil');
  });
});

describe('a watcher that does not read', () => {
  test('is cut off, and costs nobody else anything', async () => {
    const { port, caPem, adminToken } = cluster.server;
    const socket = connect({ port, host: '127.0.0.1', ca: caPem });
    await once(socket, 'secureConnect');
    const closed = once(socket, 'close');
    socket.on('error', () => undefined);
    socket.write(
      `GET /api/v1/namespaces/default/configmaps?watch=true HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${adminToken}\r\n\r\n`,
    );
    await once(socket, 'data');
    socket.pause();
    const path = '/api/v1/namespaces/default/configmaps/loud';
    const loud = (value: string): JsonObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'loud' },
      data: { value },
    });
    await apply(path, loud(''), 'shouter');
    let cut = false;
    void closed.then(() => (cut = true));
    for (let round = 0; round < 60; round += 1) {
      expect((await apply(path, loud(String(round).padEnd(500_000, 'x')), 'shouter')).code).toBe(200);
    }
    socket.resume();
    expect(await eventually(async () => (cut ? true : undefined))).toBe(true);
  });
});

describe('versions of one definition', () => {
  test('see one object, each under its own name', async () => {
    const [version] = crontabs.spec.versions;
    const group = 'many.example.com';
    const made = await cluster.ask({
      method: 'POST',
      path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      body: {
        ...crontabs,
        metadata: { name: `crontabs.${group}` },
        spec: {
          ...crontabs.spec,
          group,
          versions: [
            { ...version, name: 'v1beta1', storage: false },
            { ...version, name: 'v1' },
          ],
        },
      },
    });
    expect(made.code).toBe(201);
    const at = (name: string): string => `/apis/${group}/${name}/namespaces/default/crontabs`;
    await cluster.ask({
      method: 'POST',
      path: at('v1beta1'),
      body: { ...crontab('a'), apiVersion: `${group}/v1beta1` },
    });
    expect((await cluster.ask({ path: `${at('v1')}/a` })).body['apiVersion']).toBe(`${group}/v1`);
    expect((await cluster.ask({ path: `${at('v1beta1')}/a` })).body['apiVersion']).toBe(`${group}/v1beta1`);
    expect((await cluster.ask({ path: `/apis/${group}` })).body['preferredVersion']).toMatchObject({ version: 'v1' });
  });
});
