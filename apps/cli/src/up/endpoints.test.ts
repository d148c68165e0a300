import type { HostObject, ProviderObject } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { liveEndpoints } from './endpoints.ts';

const conditions = (status: 'True' | 'False' | 'Unknown'): NonNullable<HostObject['status']> => ({
  conditions: [{ type: 'Ready', status, reason: 'Test', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }],
});
const host = (name: string, status: 'True' | 'False' | 'Unknown'): HostObject => ({
  apiVersion: 'kasmcloud.io/v1alpha1',
  kind: 'WasmCloudHost',
  metadata: { name },
  spec: {},
  status: conditions(status),
});
const provider = (hostName: string, address: string, requested = '0.0.0.0:8080'): ProviderObject => ({
  apiVersion: 'kasmcloud.io/v1alpha1',
  kind: 'WasmCloudProvider',
  metadata: { name: `http-${hostName}`, namespace: 'hello' },
  spec: { hostName, id: 'http', image: 'ghcr.io/wasmcloud/http-server:0.27.0' },
  status: { ...conditions('True'), endpoints: [{ address, port: 8080, protocol: 'HTTP', requested }] },
});

const cases = [
  { name: 'a host that is up counts', hosts: [host('a', 'True')], addresses: ['127.1.1.1'] },
  { name: 'a lost host does not', hosts: [host('a', 'Unknown')], addresses: [] },
  { name: 'a host that is gone does not', hosts: [], addresses: [] },
];
test.for(cases)('$name', ({ hosts, addresses }) => {
  const targets = liveEndpoints([provider('a', '127.1.1.1')], hosts);
  expect(targets.map(({ address }) => address)).toEqual(addresses);
});

test('only the front port counts, and an address counts once', () => {
  const providers = [
    provider('a', '127.1.1.1'),
    provider('a', '127.1.1.1'),
    provider('a', '127.1.1.2', '0.0.0.0:9000'),
  ];
  expect(liveEndpoints(providers, [host('a', 'True')])).toEqual([{ address: '127.1.1.1', port: 8080 }]);
});
