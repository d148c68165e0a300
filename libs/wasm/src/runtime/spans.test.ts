import type { SpanRecord } from '@kasmcloud/observe';
import { afterAll, expect, test, vi } from 'vitest';
import { get, noHost, openRuntime, textOf } from '../testing/harness.ts';
import type { HostFunctions, InvokeContext } from './types.ts';

vi.setConfig({ testTimeout: 120_000 });

const greet = 'example:greet/greeter@0.1.0';
const spans: SpanRecord[] = [];
const sampling = { kind: 'always_on', ratio: 1, isParentBased: true } as const;
const runtime = await openRuntime({ tracing: { sampling, take: (some) => spans.push(...some) }, trustAfter: 5 });
afterAll(() => runtime.close());

const traceId = '1'.padStart(32, '0');
const traceparent = `00-${traceId}-00000000000000aa-01`;

const greeter = await runtime.load('greeter');
const asked: InvokeContext[] = [];
const host: HostFunctions = {
  ...noHost(),
  provides: (instance) => instance === greet,
  near: () => ({ component: greeter, instance: greet, attributes: { 'kasmcloud.target': 'greeter' } }),
  invoke: async (instance, func, args, context) => {
    asked.push(context);
    return greeter.call(instance, func, args, { trace: context.trace });
  },
};
const front = await runtime.load('front', { host });

test('what a guest asks for is in the trace of its request, near or not', async () => {
  for (let count = 0; count < 5; count += 1) {
    await textOf(await front.handleHttp({ ...get('/Ada'), headers: [['traceparent', traceparent]] }));
  }
  expect(asked.map(({ trace }) => trace?.traceparent)).toContain(traceparent);
  await runtime.tellSpans();
  const near = spans.filter(({ context }) => context.traceId === traceId);
  expect(near.length).toBe(5 - asked.length);
  expect(near[0]).toMatchObject({
    name: `${greet}/greet`,
    parent: { traceId, spanId: '00000000000000aa' },
    attributes: { 'kasmcloud.target': 'greeter', 'rpc.method': `${greet}/greet` },
    status: { code: 0 },
  });
});

test('a request that is passed on, and one that its thread answers, are each one span', async () => {
  const listener = await runtime.listen({ host: '127.0.0.1', port: 0, onError: () => undefined });
  const hello = await runtime.load('hello', { config: { greeting: 'hi' } });
  listener.route([
    {
      key: 'hello',
      match: { kind: 'path', path: '/hi' },
      deadlineMs: 60_000,
      attributes: { 'kasmcloud.target': 'hello' },
      component: () => hello,
      handle: () => Promise.reject(new Error('it is here')),
    },
  ]);
  const url = `http://127.0.0.1:${listener.port}/hi?secret`;
  for (let count = 0; count < 30; count += 1) expect(await (await fetch(url)).text()).toBe('hi\n');
  hello.close();
  expect((await fetch(url)).status).toBe(503);
  await expect
    .poll(async () => {
      await runtime.tellSpans();
      return spans.filter(({ name }) => name === 'GET /hi').length;
    })
    .toBe(31);
  const requests = spans.filter(({ name }) => name === 'GET /hi');
  expect(new Set(requests.map(({ context }) => context.traceId)).size).toBe(31);
  // They come from several threads, in any order.
  const [refused, ...others] = requests.toSorted(
    (a, b) => Number(b.attributes['http.response.status_code']) - Number(a.attributes['http.response.status_code']),
  );
  expect(others[0]?.attributes).toMatchObject({
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'http.route': '/hi',
    'url.path': '/hi',
    'server.port': listener.port,
    'kasmcloud.target': 'hello',
  });
  expect(refused).toMatchObject({
    attributes: { 'http.response.status_code': 503, 'error.type': 'ClosedError' },
    status: { code: 2 },
  });
  await listener.close();
});
