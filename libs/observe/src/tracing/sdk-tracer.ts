import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace as api,
  type Attributes,
  type Span as SdkSpan,
  type Tracer as SdkTracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import type { Sampling } from './settings.ts';
import type { TraceContext } from '@kasmcloud/wrpc';
import { isSampled, UnrecordedSpan } from './sampling.ts';
import { faultOf, type Fault, type Span, type SpanAttributes, type SpanStart, type Tracer } from './tracer.ts';

const kinds: Readonly<Record<SpanStart['kind'], SpanKind>> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

const w3c = new W3CTraceContextPropagator();

/** Spans of OpenTelemetry's SDK, with contexts that travel as headers. The SDK is to record whatever it is given. */
export const sdkTracer = (tracer: SdkTracer, sampling: Sampling): Tracer => {
  const record = ({ name, kind, parent, attributes }: SpanStart): Span => {
    const context = parent === undefined ? ROOT_CONTEXT : w3c.extract(ROOT_CONTEXT, parent, defaultTextMapGetter);
    return new RunningSpan(tracer.startSpan(name, { kind: kinds[kind], attributes: { ...attributes() } }, context));
  };
  return {
    begin: (start) => (isSampled(sampling, start.parent) ? record(start) : new UnrecordedSpan(start.parent)),
    run(start, act) {
      if (isSampled(sampling, start.parent)) return within(record(start), act);
      const span = new UnrecordedSpan(start.parent);
      return act(span.trace, span);
    },
  };
};

const within: <T>(span: Span, act: (trace: TraceContext | undefined, span: Span) => Promise<T>) => Promise<T> = async (
  span,
  act,
) => {
  try {
    return await act(span.trace, span);
  } catch (error) {
    span.fail(faultOf(error));
    throw error;
  } finally {
    span.end();
  }
};

class RunningSpan implements Span {
  readonly isRecorded = true;
  readonly trace: TraceContext | undefined;
  readonly #span: SdkSpan;
  #hasFailed = false;

  constructor(span: SdkSpan) {
    this.#span = span;
    const carrier: { traceparent?: string; tracestate?: string } = {};
    w3c.inject(api.setSpan(ROOT_CONTEXT, span), carrier, defaultTextMapSetter);
    const { traceparent, tracestate } = carrier;
    if (traceparent !== undefined) this.trace = { traceparent, ...(tracestate !== undefined && { tracestate }) };
  }

  set(attributes: SpanAttributes): void {
    const given: Attributes = { ...attributes };
    this.#span.setAttributes(given);
  }

  fail({ type, message }: Fault): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#span.setAttribute(ATTR_ERROR_TYPE, type);
    this.#span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
  }

  end(): void {
    this.#span.end();
  }
}
