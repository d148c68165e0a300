import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it arrived, by the JSON form of OTLP. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of the process. */
  readonly resource: Readonly<Record<string, unknown>>;
  /** `code` 2 is an error. */
  readonly status: { readonly code?: number; readonly message?: string };
}

export interface OtlpCollector {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly spans: CollectedSpan[];
  /** The content types of what came. */
  readonly contentTypes: Set<string>;
  /** What it answers; 200 to begin with. */
  status: number;
  close(): Promise<void>;
}

type Values = readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Values };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<CollectedSpan, 'attributes' | 'resource'> & { readonly attributes: Values })[];
    }[];
  }[];
}

const recordOf = (values: Values): Record<string, unknown> =>
  Object.fromEntries(values.map(({ key, value }) => [key, Object.values(value)[0]]));

/** A collector of traces that takes OTLP over HTTP, and reads its JSON form. */
export const startOtlpCollector = async (): Promise<OtlpCollector> => {
  const spans: CollectedSpan[] = [];
  const contentTypes = new Set<string>();
  const take = async (request: IncomingMessage): Promise<void> => {
    const type = request.headers['content-type'] ?? '';
    const chunks: Uint8Array[] = [];
    for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
    contentTypes.add(type);
    if (type !== 'application/json') return;
    const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as ExportRequest;
    for (const { resource, scopeSpans } of resourceSpans) {
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        spans.push({ ...span, attributes: recordOf(span.attributes), resource: recordOf(resource.attributes) });
      }
    }
  };
  const server = createServer((request, response) => {
    const answer = (status: number): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    if (collector.status !== 200) return answer(collector.status);
    take(request).then(
      () => answer(200),
      () => answer(400),
    );
  });
  const listening = Promise.withResolvers<void>();
  server.listen({ host: '127.0.0.1', port: 0 }, listening.resolve);
  await listening.promise;
  const collector: OtlpCollector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    contentTypes,
    status: 200,
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
  return collector;
};
