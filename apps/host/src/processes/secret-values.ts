import type { SecretValue, SecretValues } from '@kasmcloud/wire';
import type { Secrets } from '../world/secrets.ts';

/** A Secret that a provider or one of its links names is not in this cluster. */
export class SecretMissingError extends Error {
  override readonly name = 'SecretMissingError';

  constructor(namespace: string, name: string) {
    super(`Secret ${namespace}/${name} is named but not found`);
  }
}

/** Credentials for the image, which are not for the provider. */
const PULL_SECRET = 'kubernetes.io/dockerconfigjson';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The values of the named Secrets, each under its key; of two with the same key the later one.
 *
 * @throws SecretMissingError, and what reading one throws
 */
export async function readSecretValues(
  secrets: Secrets,
  namespace: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<SecretValues> {
  const read = async (name: string): Promise<[string, SecretValue][]> => {
    const secret = await secrets.read(namespace, name, signal);
    if (secret === undefined) throw new SecretMissingError(namespace, name);
    if (secret.type === PULL_SECRET) return [];
    return Object.entries(secret.data ?? {}).map(([key, encoded]) => [key, valueOf(Buffer.from(encoded, 'base64'))]);
  };
  return Object.fromEntries((await Promise.all(names.map(read))).flat());
}

/** Text where it is text, as providers expect of passwords and the like. */
function valueOf(bytes: Uint8Array): SecretValue {
  try {
    return { kind: 'String', value: utf8.decode(bytes) };
  } catch {
    return { kind: 'Bytes', value: [...bytes] };
  }
}
