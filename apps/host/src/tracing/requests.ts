import { parties, type SpannedCall } from '@kasmcloud/lattice';
import type { SpanStart } from '@kasmcloud/observe';
import { traceContextOf, withTraceContext, type HttpRequest, type TraceContext } from '@kasmcloud/wrpc';

/**
 * The span of a request that an actor sends into the world:
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span
 */
export const requestSpan = (
  call: SpannedCall,
  { method, scheme = 'https', authority = '', pathWithQuery = '/' }: HttpRequest,
  parent: TraceContext | undefined,
): SpanStart => ({
  name: method,
  kind: 'client',
  parent,
  attributes: () => {
    const url = URL.parse(`${scheme}://${authority}${pathWithQuery}`);
    return {
      ...parties(call),
      'http.request.method': method,
      // Without the query, which may hold what is nobody's business.
      'url.full': url === null ? undefined : `${url.origin}${url.pathname}`,
      'server.address': url?.hostname,
      'server.port': url === null ? undefined : Number(url.port === '' ? defaultPort(scheme) : url.port),
    };
  },
});

const defaultPort = (scheme: string): number => (scheme.toLowerCase() === 'http' ? 80 : 443);

/**
 * The request with the context of its span. A guest that makes spans of its own has chosen another than the one that it was
 * called with: that one stays.
 */
export const inTrace = (
  request: HttpRequest,
  own: TraceContext | undefined,
  trace: TraceContext | undefined,
): HttpRequest => {
  const chosen = traceContextOf(request.headers);
  if (trace === undefined || (chosen !== undefined && chosen.traceparent !== own?.traceparent)) return request;
  return { ...request, headers: withTraceContext(request.headers, trace) };
};
