/** Providers that are part of the host. */
export type BuiltinName =
  | 'http-server'
  | 'http-client'
  | 'keyvalue-memory'
  | 'keyvalue-nats'
  | 'keyvalue-redis'
  | 'messaging-nats'
  | 'blobstore-memory'
  | 'blobstore-nats'
  | 'blobstore-fs'
  | 'blobstore-s3'
  | 'filesystem';

/** References that map to a built-in, without tag or digest (DESIGN §7). */
const wellKnown: Readonly<Record<string, BuiltinName>> = {
  'ghcr.io/wasmcloud/http-server': 'http-server',
  'wasmcloud.azurecr.io/httpserver': 'http-server',
  'wasmcloud+builtin://http-server': 'http-server',
  'ghcr.io/wasmcloud/http-client': 'http-client',
  'wasmcloud+builtin://http-client': 'http-client',
  'wasmcloud+builtin://keyvalue-memory': 'keyvalue-memory',
  'ghcr.io/wasmcloud/keyvalue-nats': 'keyvalue-nats',
  'wasmcloud+builtin://keyvalue-nats': 'keyvalue-nats',
  'ghcr.io/wasmcloud/keyvalue-redis': 'keyvalue-redis',
  'wasmcloud+builtin://keyvalue-redis': 'keyvalue-redis',
  'ghcr.io/wasmcloud/messaging-nats': 'messaging-nats',
  'wasmcloud+builtin://messaging-nats': 'messaging-nats',
  'wasmcloud+builtin://blobstore-memory': 'blobstore-memory',
  'ghcr.io/wasmcloud/blobstore-nats': 'blobstore-nats',
  'wasmcloud+builtin://blobstore-nats': 'blobstore-nats',
  'ghcr.io/wasmcloud/blobstore-fs': 'blobstore-fs',
  'wasmcloud+builtin://blobstore-fs': 'blobstore-fs',
  'ghcr.io/wasmcloud/blobstore-s3': 'blobstore-s3',
  'wasmcloud+builtin://blobstore-s3': 'blobstore-s3',
  'wasmcloud+builtin://filesystem': 'filesystem',
};

/** The built-in that serves a provider reference, whatever its tag; undefined for any other provider. */
export function builtinFor(image: string): BuiltinName | undefined {
  const bare = image.replace(/@sha256:[0-9a-f]+$/, '').replace(/(?<=[^/]):[^/:]+$/, '');
  return wellKnown[bare];
}
