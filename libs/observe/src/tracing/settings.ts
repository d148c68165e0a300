import { z } from 'zod';
import { parseEnv } from '../env.ts';

/** Which traces are recorded, as `OTEL_TRACES_SAMPLER` says it. Plain data, for threads. */
export interface Sampling {
  readonly kind: 'always_on' | 'always_off' | 'traceidratio';
  /** Part of the traces, for `traceidratio`. */
  readonly ratio: number;
  /** Whether the caller's decision counts where there is one. */
  readonly isParentBased: boolean;
}

export interface TracingSettings {
  readonly sampling: Sampling;
  readonly protocol: 'http/protobuf' | 'http/json';
  /** See `BatchSpanProcessor`. */
  readonly batch: {
    readonly maxQueueSize: number;
    readonly maxExportBatchSize: number;
    readonly scheduledDelayMillis: number;
    readonly exportTimeoutMillis: number;
  };
}

const flag = z
  .string()
  .optional()
  .transform((text) => text?.toLowerCase() === 'true');
const count = (fallback: number): z.ZodType<number> => z.coerce.number().int().min(1).default(fallback);
const protocol = z.enum(['http/protobuf', 'http/json'], 'expected http/protobuf or http/json: gRPC is not spoken');
const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
const rootKinds = ['always_on', 'always_off', 'traceidratio'] as const;

/*
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/. What else is about the exporter (headers,
 * timeout, compression, certificates) and the resource, the SDK reads by itself.
 */
const schema = z.object({
  OTEL_SDK_DISABLED: flag,
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], 'expected otlp or none').default('otlp'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url('expected a URL').optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url('expected a URL').optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol.optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol.optional(),
  OTEL_TRACES_SAMPLER: z.enum(samplers, `expected one of ${samplers.join(', ')}`).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OTEL_BSP_MAX_QUEUE_SIZE: count(8_192),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: count(512),
  OTEL_BSP_SCHEDULE_DELAY: count(5_000),
  OTEL_BSP_EXPORT_TIMEOUT: count(30_000),
});

/** Names of the variables that matter, for `--help`. */
export const TRACING_HELP =
  'Traces are exported with OTLP when OTEL_EXPORTER_OTLP_ENDPOINT is set; the other standard OTEL_* variables apply.';

/**
 * What the environment says about traces; undefined when none are exported, which is so without an endpoint.
 * @throws ConfigError
 */
export const tracingSettings = (env: Readonly<Record<string, string | undefined>>): TracingSettings | undefined => {
  const read = parseEnv(schema, env);
  const endpoint = read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? read.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (read.OTEL_SDK_DISABLED || read.OTEL_TRACES_EXPORTER === 'none' || endpoint === undefined) return undefined;
  return {
    sampling: samplingOf(read.OTEL_TRACES_SAMPLER, read.OTEL_TRACES_SAMPLER_ARG),
    protocol: read.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? read.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf',
    batch: {
      maxQueueSize: read.OTEL_BSP_MAX_QUEUE_SIZE,
      maxExportBatchSize: read.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
      scheduledDelayMillis: read.OTEL_BSP_SCHEDULE_DELAY,
      exportTimeoutMillis: read.OTEL_BSP_EXPORT_TIMEOUT,
    },
  };
};

const samplingOf = (name: (typeof samplers)[number], ratio: number): Sampling => ({
  kind: rootKinds.find((kind) => name.endsWith(kind)) ?? 'always_on',
  ratio,
  isParentBased: name.startsWith('parentbased_'),
});
