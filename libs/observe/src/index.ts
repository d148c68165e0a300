export { createLogger, LOG_LEVELS, silentLogger } from './logger.ts';
export type { LogDestination, Logger, LoggerOptions, LogLevel, LogMethod } from './logger.ts';
export { REDACTED, redactFields, redactText } from './redact.ts';
export { createMetrics, MetricNameError } from './metrics.ts';
export type {
  CounterMetric,
  GaugeMetric,
  GaugeSpec,
  HistogramMetric,
  HistogramSpec,
  Metrics,
  MetricSpec,
  Sample,
  SampledSpec,
  Series,
} from './metrics.ts';
export { DuplicateCheckError, formatReport, Health } from './health.ts';
export type { CheckOptions, CheckResult, HealthCheck, HealthReport, ProbeKind } from './health.ts';
export { mountProbes, serveProbes } from './probes.ts';
export type { ProbeReply, ProbeServer, ProbeSources, ServedProbes, ServeProbesOptions } from './probes.ts';
export { ConfigError, parseEnv } from './env.ts';
export type { EnvIssue, EnvProblem, EnvSchema } from './env.ts';
export { DurationError, durationMs, isDuration } from './duration.ts';
export { durationSetting, flagSetting, listSetting, portSetting, settingsHelp } from './settings.ts';
export { faultOf, noTracer } from './tracing/tracer.ts';
export type { Fault, Span, SpanAttributes, SpanStart, Tracer } from './tracing/tracer.ts';
export { TRACING_HELP, tracingSettings } from './tracing/settings.ts';
export type { Sampling, TracingSettings } from './tracing/settings.ts';
export { noTracing, startTracing } from './tracing/start-tracing.ts';
export type { Tracing, TracingOptions } from './tracing/start-tracing.ts';
export { forwardSpans } from './tracing/forward.ts';
export type { Forwarding } from './tracing/forward.ts';
export type { SpanRecord } from './tracing/span-record.ts';
