import { startOtlpCollector } from '@kasmcloud/testing';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../logger.ts';
import { forwardSpans } from './forward.ts';
import { tracingSettings } from './settings.ts';
import type { SpanRecord } from './span-record.ts';
import { noTracing, startTracing, type Tracing } from './start-tracing.ts';

const collector = await startOtlpCollector();
afterAll(() => collector.close());
const lines: string[] = [];
const logger = createLogger({ service: 'test', destination: { write: (line) => lines.push(line) } });

const start = (protocol: string): Promise<Tracing> => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_BSP_SCHEDULE_DELAY: '60000',
  };
  Object.assign(process.env, env);
  return startTracing({ settings: tracingSettings(env), service: 'test', resource: { where: 'here' }, logger });
};
const parent = { traceparent: `00-${'1'.padStart(32, '0')}-00000000000000aa-01`, tracestate: 'vendor=1' };
const span = { name: 'work', kind: 'server', parent, attributes: () => ({ of: 'it', not: undefined }) } as const;

test('without an exporter contexts pass as they are', async () => {
  expect(await noTracing.tracer.run(span, async (trace) => trace)).toBe(parent);
  await expect(noTracing.tracer.run(span, () => Promise.reject(new RangeError('no')))).rejects.toThrow('no');
});

describe('with a collector', () => {
  let tracing: Tracing;
  beforeEach(async () => {
    collector.spans.length = 0;
    tracing = await start('http/json');
  });
  afterEach(() => tracing.close(1_000));

  test('spans leave when it ends, with what went wrong', async () => {
    const inner = await tracing.tracer.run(span, async (trace) => trace);
    expect(inner?.traceparent).toMatch(/^00-0{31}1-(?!00000000000000aa)[\da-f]{16}-01$/);
    expect(inner?.tracestate).toBe('vendor=1');
    const failing = tracing.tracer.run({ ...span, parent: inner }, () => Promise.reject(new RangeError('too far')));
    await expect(failing).rejects.toThrow('too far');
    await tracing.close(5_000);
    const [first, second] = collector.spans;
    expect(first).toMatchObject({ name: 'work', kind: 2, parentSpanId: '00000000000000aa', attributes: { of: 'it' } });
    expect(first?.resource).toMatchObject({ 'service.name': 'test', where: 'here' });
    expect(second).toMatchObject({ parentSpanId: first?.spanId, status: { code: 2, message: 'too far' } });
    expect(second?.attributes['error.type']).toBe('RangeError');
  });

  test('a context that is none begins a trace', async () => {
    const made = await tracing.tracer.run({ ...span, parent: { traceparent: 'rubbish' } }, async (trace) => trace);
    expect(made?.traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
  });

  test('spans of another thread are exported here, and are bounded on their way', async () => {
    const sent: SpanRecord[] = [];
    const thread = await forwardSpans({ kind: 'always_on', ratio: 1, isParentBased: true }, (spans) =>
      sent.push(...structuredClone(spans)),
    );
    for (let count = 0; count < 5_000; count += 1) thread.tracer.begin(span).end();
    thread.flush();
    expect(sent.length).toBe(4_096);
    thread.taken(4_096);
    thread.tracer.begin({ ...span, name: 'last' }).end();
    thread.flush();
    expect(sent.at(-1)?.name).toBe('last');
    tracing.take(sent.slice(-1));
    await tracing.close(5_000);
    expect(collector.spans).toMatchObject([{ name: 'last', parentSpanId: '00000000000000aa' }]);
  });

  test('what cannot be exported is told once, and ends in time', async () => {
    collector.status = 400;
    for (let count = 0; count < 2_000; count += 1) tracing.tracer.begin(span).end();
    await tracing.close(5_000);
    collector.status = 200;
    expect(lines.filter((line) => line.includes('traces could not be exported')).length).toBe(1);
  });
});

test('protobuf is what a collector gets unless it is told otherwise', async () => {
  const tracing = await start('http/protobuf');
  tracing.tracer.begin(span).end();
  await tracing.close(5_000);
  expect(collector.contentTypes).toContain('application/x-protobuf');
});
