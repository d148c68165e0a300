import { ROOT_CONTEXT } from '@opentelemetry/api';
import { SamplingDecision, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { assert, double, property, stringMatching } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSampled } from './sampling.ts';
import { sdkTracer } from './sdk-tracer.ts';
import type { Sampling } from './settings.ts';
import type { SpanStart } from './tracer.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const context = (flags: string, traceId = TRACE): { traceparent: string } => ({
  traceparent: `00-${traceId}-${SPAN}-${flags}`,
});
const sampling = (kind: Sampling['kind'], ratio: number, isParentBased: boolean): Sampling => ({
  kind,
  ratio,
  isParentBased,
});
const none = sampling('always_off', 1, true);
const all = sampling('always_on', 1, true);

describe('what is recorded', () => {
  test.for([
    [all, undefined, true],
    [none, undefined, false],
    [all, context('00'), false],
    [none, context('01'), true],
    [none, context('03'), true],
    [sampling('always_on', 1, false), context('00'), true],
    [sampling('always_off', 1, false), context('01'), false],
    [all, { traceparent: 'rubbish' }, true],
    [none, { traceparent: `ff-${TRACE}-${SPAN}-01` }, false],
    [none, { traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` }, false],
    [none, { traceparent: `00-${TRACE}-${'0'.repeat(16)}-01` }, false],
  ] as const)('%j of %j: %s', ([how, parent, yes]) => expect(isSampled(how, parent)).toBe(yes));

  test('of traces that others began the same as with the SDK', () => {
    const hex = stringMatching(/^[\da-f]{31}1$/);
    assert(
      property(hex, double({ min: 0, max: 1, noNaN: true }), (traceId, ratio) => {
        const { decision } = new TraceIdRatioBasedSampler(ratio).shouldSample(ROOT_CONTEXT, traceId);
        const ours = isSampled(sampling('traceidratio', ratio, false), context('01', traceId));
        expect(ours).toBe(decision === SamplingDecision.RECORD_AND_SAMPLED);
      }),
    );
  });

  test('of traces that begin here, the part that was asked for', () => {
    const tenth = sampling('traceidratio', 0.1, true);
    const count = Array.from({ length: 20_000 }, () => isSampled(tenth, undefined)).filter(Boolean).length;
    // Nine standard deviations.
    expect(Math.abs(count - 2_000)).toBeLessThan(382);
    expect(isSampled(sampling('traceidratio', 0, true), undefined)).toBe(false);
    expect(isSampled(sampling('traceidratio', 1, true), undefined)).toBe(true);
  });
});

describe('what is not recorded', () => {
  const tracer = sdkTracer(new TracerProvider().getTracer('test'), none);
  const start = (parent: SpanStart['parent']): SpanStart => ({
    name: 'work',
    kind: 'server',
    parent,
    attributes: () => {
      throw new Error('nobody is to ask for them');
    },
  });

  test('passes on the context that it came with', async () => {
    const parent = { ...context('00'), tracestate: 'vendor=1' };
    expect(tracer.begin(start(parent)).trace).toBe(parent);
    expect(await tracer.run(start(parent), async (trace) => trace)).toBe(parent);
  });

  test('tells callees not to record either', async () => {
    const span = tracer.begin(start(undefined));
    const { trace } = span;
    expect(trace?.traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
    expect(span.trace).toBe(trace);
    expect(tracer.begin(start(undefined)).trace).not.toEqual(trace);
    expect(isSampled(all, trace)).toBe(false);
    const off = sdkTracer(new TracerProvider().getTracer('test'), sampling('always_off', 1, false));
    expect(off.begin(start({ ...context('01'), tracestate: 'vendor=1' })).trace).toEqual({
      ...context('00'),
      tracestate: 'vendor=1',
    });
  });

  test('fails as it would without', async () => {
    await expect(tracer.run(start(undefined), () => Promise.reject(new RangeError('no')))).rejects.toThrow('no');
  });
});
