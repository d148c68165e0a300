const named = (variable: string): string | undefined => {
  const path = process.env[variable];
  return path === undefined || path === '' ? undefined : path;
};

/** Programs of wasmCloud 1.x that the environment names; see docs/interop.md. What is not named is not tested against. */
export const peers = {
  wash: named('WASH'),
  host: named('WASMCLOUD_HOST'),
  wadm: named('WADM'),
  wrpc: named('WRPC_WASMTIME'),
  /** A clone of wadm's repository. */
  wadmSource: named('WADM_SOURCE'),
  httpServer: named('WASMCLOUD_HTTP_SERVER'),
  keyvalueNats: named('WASMCLOUD_KEYVALUE_NATS'),
} as const;
