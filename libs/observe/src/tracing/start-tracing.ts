import type { Logger } from '../logger.ts';
import type { Sampling, TracingSettings } from './settings.ts';
import type { SpanRecord } from './span-record.ts';
import { noTracer, type Tracer } from './tracer.ts';

/** How this process makes traces, if it does. */
export interface Tracing {
  readonly tracer: Tracer;
  /** For threads; undefined where no traces are made. */
  readonly sampling: Sampling | undefined;
  /** Exports spans of another thread. */
  take(spans: readonly SpanRecord[]): void;
  /** Exports what there is, for at most `timeoutMs`, and nothing after. Never rejects. */
  close(timeoutMs: number): Promise<void>;
}

/** Contexts are passed on, and no more. */
export const noTracing: Tracing = {
  tracer: noTracer,
  sampling: undefined,
  take: () => undefined,
  close: async () => undefined,
};

export interface TracingOptions {
  /** Undefined for none. */
  readonly settings: TracingSettings | undefined;
  /** `service.name`, where `OTEL_SERVICE_NAME` says no other. */
  readonly service: string;
  /** More attributes of the process. */
  readonly resource?: Readonly<Record<string, string>>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** The SDK is loaded only where it is needed. */
export const startTracing = async ({ settings, ...options }: TracingOptions): Promise<Tracing> => {
  if (settings === undefined) return noTracing;
  const { exportSpans } = await import('./export.ts');
  return exportSpans(settings, options);
};
