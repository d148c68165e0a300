import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Sampling } from './settings.ts';
import type { SpanRecord } from './span-record.ts';
import type { Tracer } from './tracer.ts';

/** Spans of a thread leave together: so many, or after so long. */
const BATCH = 64;
const BATCH_MS = 100;
/** Spans on their way that the other thread has not taken; what comes beyond is dropped. */
const MOST_UNDERWAY = 4_096;

/** The end in a thread that has no exporter of its own. */
export interface Forwarding {
  readonly tracer: Tracer;
  /** The other thread has taken so many. */
  taken(count: number): void;
  /** Hands over what there is now. */
  flush(): void;
}

/** A tracer whose spans go to another thread, whose `Tracing.take` exports them. */
export const forwardSpans = async (
  sampling: Sampling,
  send: (spans: readonly SpanRecord[]) => void,
): Promise<Forwarding> => {
  const [{ AlwaysOnSampler, TracerProvider }, { sdkTracer }, { recordOf }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('./sdk-tracer.ts'),
    import('./span-record.ts'),
  ]);
  let batch: SpanRecord[] = [];
  let underway = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (batch.length === 0) return;
    underway += batch.length;
    send(batch);
    batch = [];
  };
  const processor: SpanProcessor = {
    onStart: () => undefined,
    onEnd(span: ReadableSpan) {
      if (underway + batch.length >= MOST_UNDERWAY) return;
      if (batch.push(recordOf(span)) >= BATCH) flush();
      else timer ??= setTimeout(flush, BATCH_MS).unref();
    },
    forceFlush: async () => flush(),
    shutdown: async () => flush(),
  };
  const provider = new TracerProvider({ sampler: new AlwaysOnSampler(), spanProcessors: [processor] });
  const tracer = sdkTracer(provider.getTracer('kasmcloud'), sampling);
  return { tracer, taken: (count) => void (underway -= count), flush };
};
