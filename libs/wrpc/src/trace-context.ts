import type { HttpHeader } from './http-message.ts';

/**
 * Where in which trace something happens, as it travels in headers (https://www.w3.org/TR/trace-context/). It is text: a
 * host that exports no traces passes on what it was given, without a look at it.
 */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** Names of the headers, in HTTP and in NATS. */
export const TRACE_PARENT = 'traceparent';
export const TRACE_STATE = 'tracestate';

/** The context in the headers that `header` finds. */
export const traceContextIn = (header: (name: string) => string | undefined): TraceContext | undefined => {
  const traceparent = header(TRACE_PARENT);
  if (traceparent === undefined) return undefined;
  const tracestate = header(TRACE_STATE);
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
};

/** The context in a list of headers, names in lower case. */
export const traceContextOf = (headers: readonly HttpHeader[]): TraceContext | undefined =>
  traceContextIn((wanted) => headers.find(([name]) => name === wanted)?.[1]);

/** The context as headers; none without one. */
export const traceHeaders = (trace: TraceContext | undefined): Readonly<Record<string, string>> =>
  trace === undefined ? {} : { ...trace };

/** A list of headers with this context in the place of the one that it has. */
export const withTraceContext = (headers: readonly HttpHeader[], trace: TraceContext | undefined): HttpHeader[] => [
  ...headers.filter(([name]) => name !== TRACE_PARENT && name !== TRACE_STATE),
  ...Object.entries(traceHeaders(trace)).map(([name, value]): HttpHeader => [name, value]),
];

const form = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/;

/** The trace's id, for logs; undefined for what is no context. */
export const traceIdOf = (trace: TraceContext | undefined): string | undefined =>
  trace === undefined ? undefined : form.exec(trace.traceparent)?.[1];
