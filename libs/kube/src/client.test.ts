import { builtin, WasmCloudHost } from '@kasmcloud/kube-api';
import { json, layTcpLine, startScriptedServer, type Answer, type ScriptedServer } from '@kasmcloud/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KubeClient } from './client.ts';
import {
  AlreadyExistsError,
  ConflictError,
  ForbiddenError,
  GoneError,
  InvalidError,
  KubeError,
  NotFoundError,
  UnreachableError,
} from './errors.ts';

const { ConfigMap, Namespace } = builtin;
const object = (name: string): object => ({ metadata: { name, resourceVersion: '1' } });
const status = (code: number, reason: string, details: object = {}): Answer =>
  json(code, { kind: 'Status', code, reason, message: `refused: ${reason}`, details });
const page = (names: string[], next?: string): object => ({
  metadata: { resourceVersion: '9', ...(next !== undefined && { continue: next }) },
  items: names.map(object),
});

let server: ScriptedServer;
let client: KubeClient;
beforeEach(async () => {
  server = await startScriptedServer(json(200, object('a')));
  client = new KubeClient({ server: server.url, credentials: { token: 'secret' } }, { timeoutMs: 2_000 });
});
afterEach(async () => {
  await client.close();
  await server.close();
});

describe('each call sends the request of the Kubernetes API conventions', () => {
  const named = { metadata: { name: 'a', namespace: 'n' }, data: { k: 'v' } };
  const whole = { ...named, apiVersion: 'v1', kind: 'ConfigMap' };
  const cm = '/api/v1/namespaces/n/configmaps';
  const cases: {
    name: string;
    call: (client: KubeClient) => Promise<unknown>;
    sends: string;
    type?: string;
    body?: unknown;
  }[] = [
    { name: 'get', call: (c) => c.get(ConfigMap, 'a', 'n'), sends: `GET ${cm}/a` },
    {
      name: 'get in a group, without namespace',
      call: (c) => c.get(WasmCloudHost, 'h'),
      sends: 'GET /apis/kasmcloud.io/v1alpha1/wasmcloudhosts/h',
    },
    {
      name: 'create',
      call: (c) => c.create(ConfigMap, named, { dryRun: true, fieldManager: 'm' }),
      sends: `POST ${cm}?dryRun=All&fieldManager=m`,
      type: 'application/json',
      body: whole,
    },
    {
      name: 'replace',
      call: (c) => c.replace(ConfigMap, named),
      sends: `PUT ${cm}/a`,
      type: 'application/json',
      body: whole,
    },
    { name: 'replaceStatus', call: (c) => c.replaceStatus(ConfigMap, named), sends: `PUT ${cm}/a/status`, body: whole },
    {
      name: 'apply',
      call: (c) =>
        c.apply(
          ConfigMap,
          { ...named, metadata: { ...named.metadata, managedFields: [] } },
          { fieldManager: 'm', force: true },
        ),
      sends: `PATCH ${cm}/a?fieldManager=m&force=true`,
      type: 'application/apply-patch+yaml',
      body: whole,
    },
    {
      name: 'apply of a subresource',
      call: (c) => c.apply(ConfigMap, named, { fieldManager: 'm', subresource: 'scale' }),
      sends: `PATCH ${cm}/a/scale?fieldManager=m`,
      type: 'application/apply-patch+yaml',
      body: whole,
    },
    {
      name: 'merge patch',
      call: (c) => c.patch(ConfigMap, 'a', 'n', { data: null }, { type: 'merge' }),
      sends: `PATCH ${cm}/a`,
      type: 'application/merge-patch+json',
      body: { data: null },
    },
    {
      name: 'JSON patch',
      call: (c) => c.patch(ConfigMap, 'a', 'n', [{ op: 'remove', path: '/data' }], { type: 'json' }),
      sends: `PATCH ${cm}/a`,
      type: 'application/json-patch+json',
      body: [{ op: 'remove', path: '/data' }],
    },
    {
      name: 'patchStatus',
      call: (c) =>
        c.patchStatus(
          ConfigMap,
          { metadata: { name: 'a', namespace: 'n', resourceVersion: '7' } },
          { x: 1 },
          { fieldManager: 'm' },
        ),
      sends: `PATCH ${cm}/a/status?fieldManager=m`,
      type: 'application/merge-patch+json',
      body: { metadata: { resourceVersion: '7' }, status: { x: 1 } },
    },
    {
      name: 'tell',
      call: (c) =>
        c.tell(ConfigMap, 'a', 'n', { status: 1 }, { type: 'merge', subresource: 'status', fieldManager: 'm' }),
      sends: `PATCH ${cm}/a/status?fieldManager=m`,
      type: 'application/merge-patch+json',
      body: { status: 1 },
    },
    {
      name: 'delete',
      call: (c) => c.delete(Namespace, 'n'),
      sends: 'DELETE /api/v1/namespaces/n',
      body: { apiVersion: 'v1', kind: 'DeleteOptions' },
    },
    {
      name: 'delete of one very object',
      call: (c) =>
        c.delete(ConfigMap, 'a', 'n', { uid: 'u', resourceVersion: '7', propagation: 'Foreground', dryRun: true }),
      sends: `DELETE ${cm}/a?dryRun=All`,
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid: 'u', resourceVersion: '7' },
        propagationPolicy: 'Foreground',
      },
    },
    { name: 'raw', call: (c) => c.raw('POST', '/apis/x?y=1', { z: 1 }), sends: 'POST /apis/x?y=1', body: { z: 1 } },
  ];
  test.for(cases)('$name', async ({ call, sends, type, body }) => {
    await call(client);
    const [sent] = server.requests;
    expect(`${sent?.method} ${sent?.url}`).toBe(sends);
    expect(sent?.headers.authorization).toBe('Bearer secret');
    expect(sent?.headers['content-type'] ?? '').toBe(type ?? (body === undefined ? '' : 'application/json'));
    expect(sent?.body).toEqual(body ?? '');
  });
});

describe('a refusal becomes its typed error', () => {
  const causes = [{ reason: 'FieldValueInvalid', message: 'must be at least 0', field: 'spec.replicas' }];
  test.for([
    { code: 403, reason: 'Forbidden', want: ForbiddenError },
    { code: 404, reason: 'NotFound', want: NotFoundError },
    { code: 409, reason: 'Conflict', want: ConflictError },
    { code: 409, reason: 'AlreadyExists', want: AlreadyExistsError },
    { code: 410, reason: 'Expired', want: GoneError },
    { code: 422, reason: 'Invalid', want: InvalidError },
    { code: 401, reason: 'Unauthorized', want: KubeError },
    { code: 500, reason: 'InternalError', want: KubeError },
  ])('$code $reason', async ({ code, reason, want }) => {
    server.answer = status(code, reason, { name: 'a', kind: 'configmaps', causes });
    const error: unknown = await client.get(ConfigMap, 'a', 'n').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(want);
    expect(error).toMatchObject({ status: code, reason, causes, details: { name: 'a' }, name: want.name });
    expect(String(error)).toContain('GET /api/v1/namespaces/n/configmaps/a: refused');
  });

  test('a page of some proxy keeps its start', async () => {
    server.answer = (response) => void response.writeHead(502).end('<html>bad gateway');
    await expect(client.get(ConfigMap, 'a', 'n')).rejects.toMatchObject({ status: 502, reason: '' });
    await expect(client.get(ConfigMap, 'a', 'n')).rejects.toThrow('<html>bad gateway');
  });

  test('200 with broken JSON, or with something that is no object', async () => {
    server.answer = (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":');
    await expect(client.get(ConfigMap, 'a', 'n')).rejects.toThrow('broken JSON');
    server.answer = json(200, ['no object']);
    await expect(client.get(ConfigMap, 'a', 'n')).rejects.toMatchObject({ reason: 'UnexpectedAnswer' });
    await expect(client.list(ConfigMap)).rejects.toMatchObject({ reason: 'UnexpectedAnswer' });
  });

  test.for(['..', '.', '', 'a/b', '%2e%2e'])('the name "%s" is refused before anything is sent', async (name) => {
    await expect(client.get(ConfigMap, name, 'n')).rejects.toThrow(InvalidError);
    await expect(client.get(ConfigMap, 'a', name)).rejects.toThrow(InvalidError);
    expect(server.requests).toEqual([]);
  });

  test('a namespaced kind without namespace, and a cluster-scoped one with', async () => {
    await expect(client.get(ConfigMap, 'a')).rejects.toThrow('needs a namespace');
    await expect(client.get(Namespace, 'a', 'n')).rejects.toThrow('takes no namespace');
  });
});

test('of what is told, only a refusal is read', async () => {
  const tell = (): Promise<void> => client.tell(ConfigMap, 'a', 'n', { data: {} }, { type: 'merge' });
  server.answer = (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":');
  await tell();
  server.answer = status(409, 'Conflict');
  const error: unknown = await tell().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ConflictError);
  expect(String(error)).toContain('refused: Conflict');
});

test('find gives undefined, and delete false, for what is not there', async () => {
  server.answer = status(404, 'NotFound');
  expect(await client.find(ConfigMap, 'a', 'n')).toBeUndefined();
  expect(await client.delete(ConfigMap, 'a', 'n')).toBe(false);
  server.answer = status(403, 'Forbidden');
  await expect(client.find(ConfigMap, 'a', 'n')).rejects.toThrow(ForbiddenError);
  await expect(client.delete(ConfigMap, 'a', 'n')).rejects.toThrow(ForbiddenError);
});

test('a parser types the answer, or refuses it', async () => {
  const parser = {
    parse(value: unknown): { metadata: { name: string }; seen: true } {
      expect(value).toEqual(object('a'));
      return { metadata: { name: 'a' }, seen: true };
    },
  };
  expect((await client.get(ConfigMap, 'a', 'n', { parser })).seen).toBe(true);
  const refuses = { parse: (): never => expect.fail('not an actor') };
  await expect(client.get(ConfigMap, 'a', 'n', { parser: refuses })).rejects.toThrow('not an actor');
});

describe('lists', () => {
  test('are read page by page, and items get their type', async () => {
    server.answer = (response, request) =>
      json(200, request.url.includes('continue=t') ? page(['c']) : page(['a', 'b'], 't'))(response, request);
    const { items, resourceVersion } = await client.list(ConfigMap, {
      namespace: 'n',
      labelSelector: 'a=b,c',
      limit: 2,
    });
    expect(resourceVersion).toBe('9');
    expect(items.map((item) => item.metadata.name)).toEqual(['a', 'b', 'c']);
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(server.requests.map((request) => request.url)).toEqual([
      '/api/v1/namespaces/n/configmaps?labelSelector=a%3Db%2Cc&limit=2',
      '/api/v1/namespaces/n/configmaps?labelSelector=a%3Db%2Cc&limit=2&continue=t',
    ]);
  });

  test('begin again without pages when the server forgot the version between two', async () => {
    server.answer = async (response, request) => {
      if (request.url.includes('continue=')) return status(410, 'Expired')(response, request);
      return json(200, request.url.includes('limit=0') ? page(['a', 'b', 'c']) : page(['a'], 't'))(response, request);
    };
    expect((await client.list(ConfigMap)).items).toHaveLength(3);
  });
});

describe('a server that does not answer well', () => {
  test('is unreachable when nothing listens', async () => {
    await server.close();
    await expect(client.get(ConfigMap, 'a', 'n')).rejects.toThrow(UnreachableError);
    await expect(client.get(ConfigMap, 'a', 'n')).rejects.toThrow('ECONNREFUSED');
    server = await startScriptedServer(json(200, {}));
  });

  test('is unreachable when the deadline passes before the head, or within the body', async () => {
    server.answer = () => undefined;
    await expect(client.get(ConfigMap, 'a', 'n', { timeoutMs: 50 })).rejects.toThrow('no answer within 50 ms');
    server.answer = (response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"met');
    await expect(client.get(ConfigMap, 'a', 'n', { timeoutMs: 50 })).rejects.toThrow(UnreachableError);
  });

  test('keeps to deadline and signal also while a connection never comes to stand', async () => {
    const line = await layTcpLine(Number(new URL(server.url).port));
    line.stall();
    const away = new KubeClient({ server: `https://127.0.0.1:${line.port}`, credentials: {} });
    try {
      await expect(away.raw('GET', '/version', undefined, { timeoutMs: 200 })).rejects.toThrow(UnreachableError);
      const signal = AbortSignal.timeout(200);
      const watched = away.watch(WasmCloudHost, { resourceVersion: '1', signal }).next();
      await expect(watched).rejects.toMatchObject({ name: 'TimeoutError' });
    } finally {
      await away.close();
      await line.close();
    }
    // Left alone, undici gives a connection up after ten seconds.
  }, 8_000);

  test('lets the caller stop, with the reason of its signal', async () => {
    server.answer = () => undefined;
    const reason = new Error('shutting down');
    const stopping = new AbortController();
    const call = client.get(ConfigMap, 'a', 'n', { signal: stopping.signal });
    setTimeout(() => stopping.abort(reason), 20);
    await expect(call).rejects.toBe(reason);
    await expect(client.get(ConfigMap, 'a', 'n', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('is asked again after 429 as it says, within the deadline', async () => {
    let busy = 2;
    server.answer = (response, request) =>
      busy-- > 0
        ? status(429, 'TooManyRequests', { retryAfterSeconds: 0.02 })(response, request)
        : json(201, object('a'))(response, request);
    await client.create(ConfigMap, { metadata: { name: 'a', namespace: 'n' } });
    expect(server.requests).toHaveLength(3);

    server.answer = (response, request) => json(429, {}, { 'retry-after': '60' })(response, request);
    await expect(client.get(ConfigMap, 'a', 'n')).rejects.toMatchObject({ status: 429, retryAfterMs: 60_000 });
    server.answer = (response, request) => json(429, {}, { 'retry-after': '0' })(response, request);
    await expect(client.get(ConfigMap, 'a', 'n')).rejects.toMatchObject({ status: 429 });
    expect(server.requests).toHaveLength(3 + 1 + 5);
  });

  test('gets a read again whose connection it closed, but never a write', async () => {
    let cuts = 1;
    server.answer = (response, request) => {
      if (cuts-- > 0) return void response.destroy();
      return json(200, object('a'))(response, request);
    };
    await client.get(ConfigMap, 'a', 'n');
    expect(server.requests).toHaveLength(2);
    cuts = 1;
    await expect(client.replace(ConfigMap, { metadata: { name: 'a', namespace: 'n' } })).rejects.toThrow(
      UnreachableError,
    );
    expect(server.requests).toHaveLength(3);
  });

  test('after close() nothing is sent', async () => {
    await client.close();
    await expect(client.get(ConfigMap, 'a', 'n')).rejects.toThrow('closed');
    expect(server.requests).toEqual([]);
  });
});

test('raw gives text as text, and the time of the last contact is kept', async () => {
  expect(client.lastContact).toBeUndefined();
  server.answer = (response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
  expect(await client.raw('GET', '/readyz')).toBe('ok');
  expect(client.lastContact).toBeGreaterThan(performance.now() - 1_000);
});

test('a server below a path is addressed below it', async () => {
  const below = new KubeClient({ server: `${server.url}/k8s/clusters/x/`, credentials: {} });
  await below.get(ConfigMap, 'a', 'n');
  expect(server.requests[0]?.url).toBe('/k8s/clusters/x/api/v1/namespaces/n/configmaps/a');
  expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  await below.close();
});
