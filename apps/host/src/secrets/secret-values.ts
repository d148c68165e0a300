import type { SecretReference } from '@kasmcloud/kube-api';
import type { SecretValue, SecretValues as WireSecrets } from '@kasmcloud/wire';
import { SecretRefusedError, type Secrets } from '../world/secrets.ts';

const PULL_SECRET = 'kubernetes.io/dockerconfigjson';

/** A Secret that an actor or provider names cannot be given to it. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
  readonly reason: 'SecretMissing' | 'SecretRefused';

  constructor(reason: SecretError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/**
 * Secret values by key. A class of its own, so that nothing prints them: neither a log line, nor JSON, nor `inspect` shows a
 * private field.
 */
export class SecretValues {
  readonly #values: ReadonlyMap<string, Uint8Array>;

  constructor(values: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#values = values;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key);
  }

  /** As a provider process is told them: text where it is text. */
  forProvider(): WireSecrets {
    return Object.fromEntries([...this.#values].map(([key, value]) => [key, wireValue(value)]));
  }

  /** As config, where a built-in provider takes its credentials from it. */
  asConfig(): Record<string, string> {
    return Object.fromEntries([...this.#values].map(([key, value]) => [key, Buffer.from(value).toString('utf8')]));
  }
}

/**
 * The keys of those Secrets together; a later one overrides an earlier one, key by key.
 * @throws SecretError, and what the API server fails with
 */
export async function readSecretValues(
  secrets: Secrets,
  namespace: string,
  references: readonly SecretReference[],
  signal: AbortSignal,
): Promise<SecretValues> {
  const values = new Map<string, Uint8Array>();
  for (const reference of references) {
    const data = await read(secrets, namespace, reference, signal);
    for (const [key, value] of Object.entries(data)) values.set(key, Buffer.from(value, 'base64'));
  }
  return new SecretValues(values);
}

async function read(
  secrets: Secrets,
  namespace: string,
  reference: SecretReference,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const { name } = reference;
  try {
    // Credentials for the image are the host's to use, and nobody else's to see.
    if ((await secrets.read(namespace, name, signal))?.type === PULL_SECRET) return {};
    const secret = await secrets.readGranted(namespace, reference, signal);
    if (secret !== undefined) return secret.data ?? {};
  } catch (cause) {
    if (cause instanceof SecretRefusedError) throw new SecretError('SecretRefused', cause.message, { cause });
    throw cause;
  }
  throw new SecretError('SecretMissing', `Secret ${namespace}/${name} is not found`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function wireValue(bytes: Uint8Array): SecretValue {
  try {
    return { kind: 'String', value: utf8.decode(bytes) };
  } catch {
    return { kind: 'Bytes', value: [...bytes] };
  }
}
