import { WasmCloudHost, type Condition, type KubeObject } from '@kasmcloud/kube-api';
import { json, startScriptedServer, type ScriptedServer } from '@kasmcloud/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KubeClient } from './client.ts';
import { ConflictError } from './errors.ts';
import { updateStatus, type StatusUpdate } from './status.ts';

interface Status {
  readonly conditions?: Condition[];
  readonly counts?: { readonly actors?: number; readonly providers?: number };
  readonly note?: string;
}
type Thing = KubeObject<object, Status>;

const thing = (status: Status, resourceVersion = '1'): Thing => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'h', resourceVersion },
  spec: {},
  status,
});
const ready = { type: 'Ready', status: 'True', reason: 'Runs', message: '' } as const;
const since = (condition: typeof ready, lastTransitionTime: string): Condition => ({
  ...condition,
  lastTransitionTime,
});
const options = { now: '2026-01-01T00:00:00Z', fieldManager: 'm' };

let server: ScriptedServer;
let client: KubeClient;
beforeEach(async () => {
  server = await startScriptedServer(json(200, thing({ note: 'written' }, '2')));
  client = new KubeClient({ server: server.url, credentials: {} });
});
afterEach(async () => {
  await client.close();
  await server.close();
});
const update = async (object: Thing, change: StatusUpdate<Status>): Promise<Thing> =>
  updateStatus(client, WasmCloudHost, object, change, options);

test('what is so already is not written', async () => {
  const object = thing({ conditions: [since(ready, 'before')], counts: { actors: 2 } });
  expect(await update(object, { conditions: [ready], fields: { counts: { actors: 2 } } })).toBe(object);
  expect(server.requests).toEqual([]);
});

test('only the difference is written, removals included, against the version that was read', async () => {
  const object = thing({ conditions: [since(ready, 'before')], counts: { actors: 2, providers: 1 }, note: 'old' });
  const written = await update(object, { conditions: [], fields: { counts: { actors: 3 }, note: null } });
  expect(written.status?.note).toBe('written');
  expect(server.requests[0]).toMatchObject({
    url: '/apis/kasmcloud.io/v1alpha1/wasmcloudhosts/h/status?fieldManager=m',
    body: {
      metadata: { resourceVersion: '1' },
      status: { counts: { actors: 3, providers: null }, note: null },
    },
  });
});

test('a condition is set beside those of others', async () => {
  const other = { ...since(ready, 'before'), type: 'Reachable' };
  await update(thing({ conditions: [other] }), { conditions: [ready] });
  expect(server.requests[0]?.body).toEqual({
    metadata: { resourceVersion: '1' },
    status: { conditions: [other, since(ready, options.now)] },
  });
});

test('a write that came between is read, and the update put on top of it; not for ever', async () => {
  const conflict = json(409, { kind: 'Status', code: 409, reason: 'Conflict' });
  let conflicts = 1;
  server.answer = (response, request) => {
    if (request.method === 'GET') return json(200, thing({ note: 'theirs' }, '9'))(response, request);
    return (conflicts-- > 0 ? conflict : json(200, thing({}, '10')))(response, request);
  };
  const written = await update(thing({}), { conditions: [ready] });
  expect(written.metadata.resourceVersion).toBe('10');
  expect(server.requests.at(-1)?.body).toMatchObject({ metadata: { resourceVersion: '9' } });
  conflicts = 100;
  await expect(update(thing({}), { conditions: [ready] })).rejects.toThrow(ConflictError);
  expect(server.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(2 + 5);
});
