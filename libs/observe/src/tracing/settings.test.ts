import { expect, test } from 'vitest';
import { ConfigError } from '../env.ts';
import { tracingSettings } from './settings.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

test.for([
  {},
  { ...endpoint, OTEL_TRACES_EXPORTER: 'none' },
  { ...endpoint, OTEL_SDK_DISABLED: 'true' },
  { OTEL_TRACES_SAMPLER: 'always_on' },
])('%j exports no traces', (env) => expect(tracingSettings(env)).toBeUndefined());

test.for([
  [{}, { kind: 'always_on', ratio: 1, isParentBased: true }],
  [{ OTEL_TRACES_SAMPLER: 'always_off' }, { kind: 'always_off', ratio: 1, isParentBased: false }],
  [
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
    { kind: 'traceidratio', ratio: 0.1, isParentBased: true },
  ],
] as const)('%j chooses which traces', ([env, sampling]) =>
  expect(tracingSettings({ ...endpoint, ...env })?.sampling).toEqual(sampling),
);

test('the protocol of traces goes before that of all signals', () => {
  expect(tracingSettings(endpoint)?.protocol).toBe('http/protobuf');
  const env = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' };
  expect(tracingSettings({ ...endpoint, ...env })?.protocol).toBe('http/json');
});

test.for([
  { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  { OTEL_TRACES_SAMPLER: 'jaeger_remote' },
  { OTEL_TRACES_EXPORTER: 'zipkin' },
  { OTEL_TRACES_SAMPLER_ARG: '2' },
  { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'here' },
])('%j is refused by its name', (env) => {
  const read = (): unknown => tracingSettings({ ...endpoint, ...env });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(Object.keys(env)[0]);
});
