import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { Logger } from '../logger.ts';
import { sdkTracer } from './sdk-tracer.ts';
import type { TracingSettings } from './settings.ts';
import { spanOf } from './span-record.ts';
import type { Tracing, TracingOptions } from './start-tracing.ts';

/** How often it is told that spans are lost. */
const TELL_MS = 60_000;
/** The longest value of an attribute: a message of a guest can be long. */
const MOST_CHARACTERS = 2_048;
const scope = { name: 'kasmcloud' };

/** Sends spans to the collector in batches: one exporter, and one bounded queue, for all threads of the process. */
export const exportSpans = (
  { sampling, protocol, batch }: TracingSettings,
  { service, resource: own, logger }: Omit<TracingOptions, 'settings'>,
): Tracing => {
  const resource = defaultResource()
    .merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: service, ...own }))
    .merge(detectResources({ detectors: [envDetector] }));
  const exporter = telling(protocol === 'http/json' ? new JsonExporter() : new ProtobufExporter(), logger);
  const processor = new BatchSpanProcessor({ exporter, ...batch });
  const provider = new TracerProvider({
    resource,
    sampler: new AlwaysOnSampler(),
    spanProcessors: [processor],
    spanLimits: { attributeValueLengthLimit: MOST_CHARACTERS },
  });
  return {
    tracer: sdkTracer(provider.getTracer(scope.name), sampling),
    sampling,
    take: (spans) => {
      for (const span of spans) processor.onEnd(spanOf(span, resource, scope));
    },
    async close(timeoutMs) {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, timeoutMs);
      // What could not be sent was told by the exporter.
      await Promise.race([provider.shutdown().catch(() => undefined), late.promise]);
      clearTimeout(timer);
    },
  };
};

/** An exporter that tells of its failures, once in a while, and succeeds otherwise: nobody else has to know. */
const telling = (inner: SpanExporter, logger: Pick<Logger, 'warn'>): SpanExporter => {
  let toldAt = -Infinity;
  let lost = 0;
  return {
    export: (spans, done) =>
      inner.export(spans, (result) => {
        if (result.code !== ExportResultCode.SUCCESS) {
          lost += spans.length;
          const now = performance.now();
          if (now - toldAt >= TELL_MS) {
            logger.warn({ err: result.error, spans: lost }, 'traces could not be exported');
            toldAt = now;
            lost = 0;
          }
        }
        done({ code: ExportResultCode.SUCCESS });
      }),
    forceFlush: async () => inner.forceFlush?.(),
    shutdown: () => inner.shutdown(),
  };
};
