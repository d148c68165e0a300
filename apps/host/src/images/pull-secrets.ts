import { OciError, parseDockerConfig, type CredentialEntry } from '@kasmcloud/oci';
import type { Secrets } from '../world/secrets.ts';
import { ImageError } from './image-error.ts';

const PULL_SECRET = 'kubernetes.io/dockerconfigjson';
const FIELD = '.dockerconfigjson';

/**
 * Credentials out of those Secrets of a namespace that are image pull Secrets. Others, and ones that are not there, are
 * passed over: the registry says whether it wants credentials.
 *
 * @throws {ImageError} InvalidPullSecret
 */
export async function readPullSecrets(
  secrets: Secrets,
  namespace: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<CredentialEntry[]> {
  const read = async (name: string): Promise<CredentialEntry[]> => {
    const origin = `Secret ${namespace}/${name}`;
    try {
      const secret = await secrets.read(namespace, name, signal);
      if (secret?.type !== PULL_SECRET) return [];
      return parseDockerConfig(Buffer.from(secret.data?.[FIELD] ?? '', 'base64').toString('utf8'), origin);
    } catch (cause) {
      signal.throwIfAborted();
      const why = cause instanceof OciError ? `its ${FIELD} is not a docker config` : messageOf(cause);
      throw new ImageError('InvalidPullSecret', `${origin} cannot be used: ${why}`, { cause });
    }
  };
  return (await Promise.all(names.map(read))).flat();
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
