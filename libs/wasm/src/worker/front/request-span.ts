import type { ServerResponse } from 'node:http';
import type { Span, Tracer } from '@kasmcloud/observe';
import { traceContextOf, withTraceContext } from '@kasmcloud/wrpc';
import type { NumberedRoute, RequestHead } from '../../runtime/protocol.ts';

/*
 * The span of a request that this thread accepted, as OpenTelemetry has it:
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span
 */

/** Methods that may be part of a span's name; any other is of whoever asks. */
const known: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
]);

/** Begins it; it ends with the response. */
export const requestSpan = (
  tracer: Tracer,
  { method, pathWithQuery, scheme, authority, headers }: RequestHead,
  { match, attributes }: NumberedRoute,
  response: ServerResponse,
): Span => {
  const route = match.kind === 'path' ? match.path : undefined;
  const isKnown = known.has(method);
  const span = tracer.begin({
    name: `${isKnown ? method : 'HTTP'}${route === undefined ? '' : ` ${route}`}`,
    kind: 'server',
    parent: traceContextOf(headers),
    attributes: () => {
      const { hostname, port } = URL.parse(`http://${authority}`) ?? {};
      return {
        ...attributes,
        'http.request.method': isKnown ? method : '_OTHER',
        'http.request.method_original': isKnown ? undefined : method,
        'http.route': route,
        'url.path': pathWithQuery?.split('?', 1)[0],
        'url.scheme': scheme,
        'server.address': hostname,
        'server.port': port === undefined || port === '' ? undefined : Number(port),
      };
    },
  });
  if (span.isRecorded) response.once('close', () => endWith(span, response));
  return span;
};

const endWith = (span: Span, { statusCode, writableFinished, headersSent }: ServerResponse): void => {
  if (headersSent) span.set({ 'http.response.status_code': statusCode });
  if (headersSent && statusCode >= 500) span.fail({ type: String(statusCode) });
  // It comes after every answer too.
  if (!writableFinished) span.fail({ type: 'aborted', message: 'the connection closed before the end of the answer' });
  span.end();
};

/** The request as the guest is to see it: what it calls is caused by the span. */
export const headIn = (head: RequestHead, { trace }: Span): RequestHead => ({
  ...head,
  headers: withTraceContext(head.headers, trace),
});
