import { expect, test } from 'vitest';
import { builtinFor } from './builtin.ts';

test.for([
  ['ghcr.io/wasmcloud/http-server:0.27.0', 'http-server'],
  ['ghcr.io/wasmcloud/http-server', 'http-server'],
  ['ghcr.io/wasmcloud/http-server@sha256:00ff', 'http-server'],
  ['wasmcloud+builtin://http-server', 'http-server'],
  ['localhost:5000/http-server:1', undefined],
  ['ghcr.io/wasmcloud/keyvalue-redis:0.28', 'keyvalue-redis'],
  ['ghcr.io/wasmcloud/keyvalue-nats:0.3.1', 'keyvalue-nats'],
  ['wasmcloud+builtin://keyvalue-memory', 'keyvalue-memory'],
  ['ghcr.io/wasmcloud/messaging-nats:0.23', 'messaging-nats'],
  ['ghcr.io/wasmcloud/http-client:0.12', 'http-client'],
  ['ghcr.io/wasmcloud/blobstore-fs:0.10', 'blobstore-fs'],
  ['ghcr.io/wasmcloud/sqldb-postgres:0.9', undefined],
])('%s is built in as %s', ([image, want]) => {
  expect(builtinFor(image ?? '')).toBe(want);
});
