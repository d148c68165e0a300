import { WasmCloudActor, WasmCloudHost } from '@kasmcloud/kube-api';
import { FakeClock, json, startScriptedServer, type ScriptedServer } from '@kasmcloud/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KubeClient } from './client.ts';
import { EventRecorder, type EventFact, type EventRecorderOptions } from './event-recorder.ts';

const actor = { metadata: { name: 'echo', namespace: 'shop', uid: 'u1', resourceVersion: '7' } };
const started: EventFact = { type: 'Normal', reason: 'Started', action: 'Start', note: 'runs on h1' };

let clock: FakeClock;
let server: ScriptedServer;
let client: KubeClient;
let errors: unknown[];
beforeEach(async () => {
  clock = new FakeClock();
  errors = [];
  server = await startScriptedServer(json(200, { metadata: { name: 'e' } }));
  client = new KubeClient({ server: server.url, credentials: {} });
});
afterEach(async () => {
  await client.close();
  await server.close();
});

const recorder = (options: Partial<EventRecorderOptions> = {}): EventRecorder =>
  new EventRecorder({
    client,
    clock,
    controller: 'kasmcloud.io/test',
    instance: 'p1',
    onError: (e) => errors.push(e),
    ...options,
  });
const methods = (): string[] => server.requests.map(({ method }) => method);

test('an event has what the API server asks for', async () => {
  const events = recorder();
  events.record(WasmCloudActor, actor, { ...started, note: 'x'.repeat(2_000) });
  await events.flush();
  expect(server.requests[0]).toMatchObject({
    method: 'POST',
    url: '/apis/events.k8s.io/v1/namespaces/shop/events',
    body: {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: expect.stringMatching(/^echo\.[0-9a-f]+$/), namespace: 'shop' },
      eventTime: '1970-01-01T00:16:40.000000Z',
      reportingController: 'kasmcloud.io/test',
      reportingInstance: 'p1',
      type: 'Normal',
      reason: 'Started',
      action: 'Start',
      note: 'x'.repeat(1_024),
      regarding: {
        apiVersion: 'kasmcloud.io/v1alpha1',
        kind: 'WasmCloudActor',
        name: 'echo',
        namespace: 'shop',
        uid: 'u1',
      },
    },
  });
});

test('an event about a cluster-scoped object lives in the namespace default', async () => {
  const events = recorder();
  events.record(WasmCloudHost, { metadata: { name: 'h1' } }, started);
  await events.flush();
  expect(server.requests[0]?.url).toBe('/apis/events.k8s.io/v1/namespaces/default/events');
});

test('the same fact raises the count of its event, gathered; another fact is another event', async () => {
  const events = recorder();
  for (let n = 0; n < 4; n++) events.record(WasmCloudActor, actor, started);
  events.record(WasmCloudActor, actor, { ...started, reason: 'Stopped' });
  await expect.poll(methods).toEqual(['POST', 'POST']);
  await clock.advance(10_000);
  await events.flush();
  expect(methods()).toEqual(['POST', 'POST', 'PATCH']);
  expect(server.requests[2]?.body).toEqual({ series: { count: 4, lastObservedTime: expect.any(String) } });
  expect(server.requests[2]?.url).toContain('/namespaces/shop/events/echo.');
  expect(clock.pending).toBe(0);
});

test('after a long silence, or once its event is gone, a fact is a new event', async () => {
  const events = recorder();
  events.record(WasmCloudActor, actor, started);
  await clock.advance(6 * 60_000);
  events.record(WasmCloudActor, actor, started);
  await events.flush();
  expect(methods()).toEqual(['POST', 'POST']);

  server.answer = json(404, { kind: 'Status', code: 404, reason: 'NotFound' });
  events.record(WasmCloudActor, actor, started);
  await events.flush();
  server.answer = json(200, { metadata: { name: 'e' } });
  events.record(WasmCloudActor, actor, started);
  await events.flush();
  expect(methods()).toEqual(['POST', 'POST', 'PATCH', 'POST']);
  expect(errors).toEqual([]);
});

test('a flood is cut to the burst, then to the rate, and counted', async () => {
  const events = recorder({ burst: 3, perSecond: 1 });
  const flood = (from: number): void => {
    for (let n = from; n < from + 10; n++) events.record(WasmCloudActor, actor, { ...started, note: `note ${n}` });
  };
  flood(0);
  await events.flush();
  expect(server.requests).toHaveLength(3);
  expect(events.dropped).toBe(7);
  await clock.advance(2_000);
  flood(100);
  await events.flush();
  expect(server.requests).toHaveLength(5);
});

test('a server that refuses is told and does not stop the next event', async () => {
  const events = recorder();
  server.answer = json(403, { kind: 'Status', code: 403, reason: 'Forbidden' });
  events.record(WasmCloudActor, actor, started);
  await events.flush();
  expect(errors).toHaveLength(1);
  server.answer = json(200, { metadata: { name: 'e' } });
  events.record(WasmCloudActor, actor, started);
  await events.flush();
  expect(methods()).toEqual(['POST', 'POST']);
});
