import type { Attributes, HrTime, SpanContext, SpanStatus } from '@opentelemetry/api';
import { hrTimeDuration, TraceState } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

interface ContextRecord {
  readonly traceId: string;
  readonly spanId: string;
  /** See `TraceFlags`. */
  readonly flags: number;
  readonly state?: string;
  readonly isRemote?: boolean;
}

/** A span that ended, as plain data: what one thread tells another. */
export interface SpanRecord {
  readonly name: string;
  readonly kind: ReadableSpan['kind'];
  readonly context: ContextRecord;
  readonly parent?: ContextRecord;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
}

const plain = ({ traceId, spanId, traceFlags, traceState, isRemote }: SpanContext): ContextRecord => ({
  traceId,
  spanId,
  flags: traceFlags,
  ...(traceState !== undefined && { state: traceState.serialize() }),
  ...(isRemote !== undefined && { isRemote }),
});

const full = ({ traceId, spanId, flags, state, isRemote }: ContextRecord): SpanContext => ({
  traceId,
  spanId,
  traceFlags: flags,
  ...(state !== undefined && { traceState: new TraceState(state) }),
  ...(isRemote !== undefined && { isRemote }),
});

export const recordOf = (span: ReadableSpan): SpanRecord => ({
  name: span.name,
  kind: span.kind,
  context: plain(span.spanContext()),
  ...(span.parentSpanContext !== undefined && { parent: plain(span.parentSpanContext) }),
  startTime: span.startTime,
  endTime: span.endTime,
  status: span.status,
  attributes: span.attributes,
});

/** For an exporter. The tracers here make spans without links and events. */
export const spanOf = (record: SpanRecord, resource: Resource, scope: { readonly name: string }): ReadableSpan => {
  const context = full(record.context);
  return {
    name: record.name,
    kind: record.kind,
    spanContext: () => context,
    ...(record.parent !== undefined && { parentSpanContext: full(record.parent) }),
    startTime: record.startTime,
    endTime: record.endTime,
    duration: hrTimeDuration(record.startTime, record.endTime),
    status: record.status,
    attributes: record.attributes,
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
};
