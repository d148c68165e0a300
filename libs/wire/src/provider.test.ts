import { expect, test } from 'vitest';
import { WireError } from './error.ts';
import { decodeHostData, encodeHostData, hostData, providerSubject } from './provider.ts';

/** As a host of wasmCloud 1.9.2 writes it. */
const fromWasmcloud = {
  host_id: 'NDAPYYNPO2QYRGIGDOZOM3SC6UXMRRYAJZG3FBKPJ4Y5GPUTKQ3LAAAA',
  lattice_rpc_prefix: 'default',
  link_name: 'default',
  lattice_rpc_user_jwt: '',
  lattice_rpc_user_seed: '',
  lattice_rpc_url: 'nats://127.0.0.1:4222',
  provider_key: 'http-server',
  env_values: {},
  instance_id: 'b7c0b6b0-0000-4000-8000-000000000000',
  link_definitions: [
    {
      source_id: 'http-server',
      target: 'hello',
      name: 'default',
      wit_namespace: 'wasi',
      wit_package: 'http',
      interfaces: ['incoming-handler'],
      source_config: { address: '0.0.0.0:8080' },
      target_config: {},
      source_secrets: [120, 107],
      target_secrets: null,
    },
  ],
  cluster_issuers: [],
  config: { routing_mode: 'address' },
  secrets: { db: { kind: 'String', value: 's3cr3t' }, key: { kind: 'Bytes', value: [1, 2] } },
  host_xkey_public_key: 'X',
  provider_xkey_private_key: 'SX',
  default_rpc_timeout_ms: 2000,
  structured_logging: false,
  log_level: 'info',
  otel_config: { enable_observability: false, protocol: 'Http' },
};

test('host data is one line of base64, read back as it was', () => {
  const line = encodeHostData(hostData.parse(fromWasmcloud));
  expect(line).toMatch(/^[A-Za-z0-9+/]+=*\r\n$/);
  expect(decodeHostData(line)).toEqual(fromWasmcloud);
});

test.for([
  ['no base64', '{"host_id":"N"}'],
  ['no JSON', btoa('hello')],
  ['no provider', btoa('{"host_id":"N","lattice_rpc_prefix":"a","lattice_rpc_url":"nats://x"}')],
])('%s is refused', ([, line]) => {
  expect(() => decodeHostData(line ?? '')).toThrow(WireError);
});

test('subjects are those of wasmCloud', () => {
  expect(providerSubject.health('default', 'kv')).toBe('wasmbus.rpc.default.kv.health');
  expect(providerSubject.shutdown('default', 'kv')).toBe('wasmbus.rpc.default.kv.default.shutdown');
  expect(providerSubject.linkPut('default', 'XABC')).toBe('wasmbus.rpc.default.XABC.linkdefs.put');
  expect(providerSubject.linkDelete('default', 'kv')).toBe('wasmbus.rpc.default.kv.linkdefs.del');
  expect(providerSubject.config('default', 'kv')).toBe('wasmbus.rpc.default.kv.config.update');
});
