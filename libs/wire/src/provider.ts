// How a host of wasmCloud 1.x and a provider process talk (wasmcloud-core and wasmcloud-provider-sdk of 1.9): one line on
// standard input to begin with, then NATS.
import { z } from 'zod';
import { WireError } from './error.ts';
import { decodeJson, encodeJson } from './payload.ts';
import { rpcSubject } from './subjects.ts';

export const providerSubject = {
  /** Request, empty; the answer is a `ProviderHealth`. */
  health: (lattice: string, id: string): string => rpcSubject(lattice, id, 'health'),
  /** Request, a `ShutdownRequest`; whoever is on that host answers with any text and ends. */
  shutdown: (lattice: string, id: string): string => rpcSubject(lattice, id, 'default.shutdown'),
  /** A `ProviderLink` that is there from now on. `receiver` is the public xkey of one process, or an id. */
  linkPut: (lattice: string, receiver: string): string => rpcSubject(lattice, receiver, 'linkdefs.put'),
  /** A `ProviderLink`, without config, that is gone. `receiver` is the id of the provider. */
  linkDelete: (lattice: string, receiver: string): string => rpcSubject(lattice, receiver, 'linkdefs.del'),
  /** The provider's whole config, as a map of texts. */
  config: (lattice: string, id: string): string => rpcSubject(lattice, id, 'config.update'),
} as const;

const word = z.string().max(2_048);
const config = z.record(word, z.string().max(1_048_576));
const bytes = z.array(z.number().int().min(0).max(255)).max(4_194_304);

export const secretValue = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('String'), value: z.string().max(4_194_304) }),
  z.object({ kind: z.literal('Bytes'), value: bytes }),
]);
export type SecretValue = z.infer<typeof secretValue>;
const secrets = z.record(word, secretValue);
export type SecretValues = z.infer<typeof secrets>;

/** A link as a provider is told of it: with the config itself, and secrets sealed for this one process. */
export const providerLink = z.object({
  source_id: word.min(1),
  target: word.min(1),
  name: word.min(1).default('default'),
  wit_namespace: word.min(1),
  wit_package: word.min(1),
  interfaces: z.array(word).max(1_000),
  source_config: config.default({}),
  target_config: config.default({}),
  source_secrets: bytes.nullish(),
  target_secrets: bytes.nullish(),
});
export type ProviderLink = z.infer<typeof providerLink>;

/** What a provider knows when it starts. Fields that no host of 1.9 fills are left out here. */
export const hostData = z.object({
  host_id: word.min(1),
  /** The lattice, under its historic name. */
  lattice_rpc_prefix: word.min(1),
  link_name: word.default('default'),
  lattice_rpc_user_jwt: z.string().max(65_536).default(''),
  lattice_rpc_user_seed: word.default(''),
  lattice_rpc_url: word.min(1),
  /** The provider's id; no key, whatever the name says. */
  provider_key: word.min(1),
  env_values: config.default({}),
  instance_id: word.default(''),
  link_definitions: z.array(providerLink).max(100_000).default([]),
  cluster_issuers: z.array(word).default([]),
  config: config.default({}),
  secrets: secrets.default({}),
  host_xkey_public_key: word.default(''),
  provider_xkey_private_key: word.default(''),
  default_rpc_timeout_ms: z.number().int().min(0).nullish(),
  structured_logging: z.boolean().default(false),
  log_level: word.nullish(),
  otel_config: z.looseObject({}).default({}),
});
export type HostData = z.infer<typeof hostData>;

/** The line on a provider's standard input, with its end. */
export const encodeHostData = (data: HostData): string => `${toBase64(encodeJson(data))}\r\n`;

/** @throws WireError */
export const decodeHostData = (line: string): HostData => {
  let decoded: Uint8Array;
  try {
    decoded = Uint8Array.from(atob(line.trim()), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new WireError('host data', '', 'it is not a line of base64', { cause });
  }
  return decodeJson('host data', hostData, decoded);
};

const toBase64 = (data: Uint8Array): string => {
  let text = '';
  for (const byte of data) text += String.fromCharCode(byte);
  return btoa(text);
};

const health = z.object({ healthy: z.boolean(), message: z.string().max(65_536).nullish() });
export type ProviderHealth = z.infer<typeof health>;

/** @throws WireError */
export const decodeHealth = (payload: Uint8Array): ProviderHealth => decodeJson('health reply', health, payload);

const shutdown = z.object({ host_id: word });

/** @throws WireError */
export const decodeShutdown = (payload: Uint8Array): { host_id: string } =>
  decodeJson('shutdown request', shutdown, payload);

/** @throws WireError */
export const decodeProviderLink = (payload: Uint8Array): ProviderLink =>
  decodeJson('provider link', providerLink, payload);

/** The opened secrets of a link. @throws WireError */
export const decodeSecrets = (payload: Uint8Array): SecretValues => decodeJson('secrets', secrets, payload);

/** @throws WireError */
export const decodeProviderConfig = (payload: Uint8Array): Record<string, string> =>
  decodeJson('provider config', config, payload);

/** By what a link is known to a provider: a second one of the same key is the same link. */
export const providerLinkKey = (link: ProviderLink): string =>
  [link.source_id, link.target, link.wit_namespace, link.wit_package, link.name].join(' ');

/** Environment variable with the path of a file that holds the host data, where there is no standard input for it. */
export const HOST_DATA_VARIABLE = 'KASMCLOUD_HOST_DATA';
