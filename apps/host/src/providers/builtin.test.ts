import { expect, test } from 'vitest';
import { builtinFor } from './builtin.ts';

test.for([
  ['ghcr.io/wasmcloud/http-server:0.27.0', 'http-server'],
  ['ghcr.io/wasmcloud/http-server', 'http-server'],
  ['ghcr.io/wasmcloud/http-server@sha256:00ff', 'http-server'],
  ['wasmcloud+builtin://http-server', 'http-server'],
  ['localhost:5000/http-server:1', undefined],
  ['ghcr.io/wasmcloud/keyvalue-redis:0.28', undefined],
])('%s is built in as %s', ([image, want]) => {
  expect(builtinFor(image ?? '')).toBe(want);
});
