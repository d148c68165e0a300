import { WasmCloudLink } from '@kasmcloud/kube-api';
import { createLogger } from '@kasmcloud/observe';
import { startOtlpCollector, type CollectedSpan } from '@kasmcloud/testing';
import { afterAll, expect, test, vi } from 'vitest';
import { eventually, get, Hosts, image, LATTICE } from '../host.fixture.ts';

vi.setConfig({ testTimeout: 120_000 });

const collector = await startOtlpCollector();
// The exporter reads the environment of its process.
process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
const lines: Record<string, unknown>[] = [];
const log = createLogger({
  service: 'host',
  level: 'debug',
  destination: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
});
const hosts = await Hosts.start(
  {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    KASMCLOUD_CALL_TIMEOUT: '10s',
  },
  log,
);
afterAll(async () => {
  await hosts.close();
  await collector.close();
});

const two = (file: string): { image: string } => ({ image: image(`examples/two-stacks/${file}.wasm`) });
const http = { witNamespace: 'wasi', witPackage: 'http', interfaces: ['incoming-handler'] };
const keyvalue = { witNamespace: 'wasi', witPackage: 'keyvalue', interfaces: ['store', 'atomics'] };

/** HTTP server and guard on host-a, the actor behind it on host-b, its store on host-a again. */
await hosts.secret('token', { token: 'open-sesame' });
await hosts.grantSecrets('token');
await hosts.provider('httpserver', 'host-a');
await hosts.provider('store', 'host-a', 'wasmcloud+builtin://keyvalue-memory');
await hosts.actor('guard', { ...two('guard'), secrets: ['token'] });
await hosts.actor('visits', { ...two('visits'), hostName: 'host-b' });
await hosts.link('guard-visits', { source: 'guard', target: 'visits', ...http });
await hosts.link('visits-store', { source: 'visits', target: 'store', ...keyvalue });
const port = await hosts.httpLink('httpserver', 'guard');
await hosts.actor('hello', {});
await hosts.provider('other', 'host-a');
const hello = await hosts.httpLink('other', 'hello');

let last = 0;
/** Asks in a trace of its own; the trace's id. */
const ask = async (flags: '00' | '01'): Promise<{ traceId: string; status: number }> => {
  last += 1;
  const traceId = last.toString(16).padStart(32, '0');
  const answer = await fetch(`http://127.0.0.1:${port}/Ada?secret=1`, {
    headers: {
      connection: 'close',
      authorization: 'Bearer open-sesame',
      traceparent: `00-${traceId}-00000000000000aa-${flags}`,
      tracestate: 'vendor=1',
    },
    signal: AbortSignal.timeout(10_000),
  });
  await answer.text();
  return { traceId, status: answer.status };
};
const spansOf = (traceId: string): CollectedSpan[] => collector.spans.filter((span) => span.traceId === traceId);

test('a request, the call to another host and those to its store are one trace', async () => {
  await eventually(async () => expect((await ask('01')).status).toBe(200), 60_000);
  const { traceId } = await ask('01');
  await eventually(async () =>
    expect(spansOf(traceId).some(({ kind, name }) => kind === 2 && name === 'GET')).toBe(true),
  );
  await eventually(async () => expect(spansOf(traceId).length).toBeGreaterThanOrEqual(5));
  const spans = spansOf(traceId);
  const named = (name: string, kind: number): CollectedSpan => {
    const found = spans.find((span) => span.name === name && span.kind === kind);
    if (found === undefined)
      throw new Error(`${name} is not among ${spans.map((span) => `${span.name} ${span.kind}`).join()}`);
    return found;
  };

  const root = named('GET', 2);
  expect(root.parentSpanId).toBe('00000000000000aa');
  expect(root.resource).toMatchObject({ 'service.name': 'kasmcloud-host', 'kasmcloud.host': 'host-a' });
  expect(root.attributes).toMatchObject({
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'url.path': '/Ada',
    'kasmcloud.lattice': LATTICE,
    'kasmcloud.source': 'httpserver',
    'kasmcloud.target': 'guard',
  });
  expect(JSON.stringify(root)).not.toContain('secret');

  const handle = 'wrpc:http/incoming-handler@0.1.0/handle';
  const calling = named(handle, 3);
  const called = named(handle, 2);
  expect([calling.parentSpanId, calling.resource['kasmcloud.host']]).toEqual([root.spanId, 'host-a']);
  expect([called.parentSpanId, called.resource['kasmcloud.host']]).toEqual([calling.spanId, 'host-b']);
  expect(called.attributes).toMatchObject({
    'rpc.system.name': 'wrpc',
    'rpc.method': handle,
    'kasmcloud.lattice': LATTICE,
    'kasmcloud.source': 'guard',
    'kasmcloud.target': 'visits',
    'kasmcloud.interface': 'wrpc:http/incoming-handler@0.1.0',
    'kasmcloud.function': 'handle',
  });

  const increment = 'wrpc:keyvalue/atomics@0.2.0-draft/increment';
  const asking = named(increment, 3);
  const counting = named(increment, 2);
  expect([asking.parentSpanId, asking.resource['kasmcloud.host']]).toEqual([called.spanId, 'host-b']);
  expect([counting.parentSpanId, counting.resource['kasmcloud.host']]).toEqual([asking.spanId, 'host-a']);
  expect(counting.attributes).toMatchObject({ 'kasmcloud.source': 'visits', 'kasmcloud.target': 'store' });
});

test('a trace that its caller does not record is not recorded here', async () => {
  const { traceId, status } = await ask('00');
  expect(status).toBe(200);
  const next = await ask('01');
  await eventually(async () => expect(spansOf(next.traceId).length).toBeGreaterThanOrEqual(5));
  expect(spansOf(traceId)).toEqual([]);
});

test('a request that is answered in the thread that took it is a span too', async () => {
  await eventually(async () => expect(await get(hello)).toMatch(/^200/), 60_000);
  // After so many answers it is trusted.
  for (let count = 0; count < 150; count += 1) await get(hello);
  const ofHello = (): CollectedSpan[] =>
    collector.spans.filter(({ attributes }) => attributes['kasmcloud.target'] === 'hello');
  await eventually(async () => expect(ofHello().length).toBeGreaterThanOrEqual(150));
  expect(new Set(ofHello().map(({ traceId }) => traceId)).size).toBe(ofHello().length);
});

test('what failed says why', async () => {
  await hosts.server.client.delete(WasmCloudLink, 'visits-store', LATTICE);
  await eventually(async () => {
    const { traceId, status } = await ask('01');
    expect(status).toBe(500);
    await eventually(async () => {
      const root = spansOf(traceId).find(({ name }) => name === 'GET');
      expect(root?.status.code).toBe(2);
      const called = spansOf(traceId).find(({ kind, name }) => kind === 2 && name.startsWith('wrpc:http'));
      expect(called?.attributes['error.type']).toBe('TrapError');
      expect(called?.status.message).toContain('visits has no link for wasi:keyvalue');
    }, 5_000);
  });
});

test('a collector that is down is told of once, and hurts nobody', async () => {
  collector.status = 503;
  for (let count = 0; count < 20; count += 1) expect(await get(hello)).toMatch(/^200/);
  await collector.close();
  for (let count = 0; count < 20; count += 1) expect(await get(hello)).toMatch(/^200/);
  await eventually(async () =>
    expect(lines.filter(({ msg }) => msg === 'traces could not be exported').length).toBeGreaterThan(0),
  );
  expect(lines.filter(({ msg }) => msg === 'traces could not be exported').length).toBeLessThanOrEqual(2);
});
