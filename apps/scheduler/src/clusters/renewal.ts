import {
  annotations,
  builtin,
  fieldManagers,
  SYSTEM_NAMESPACE,
  type ClusterObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { ConflictError, KubeError, loadKubeconfig, readToken, requestToken, type KubeClient } from '@kasmcloud/kube';

type Secret = KubeObject & { readonly data?: Readonly<Record<string, string>> };

export interface RenewalOptions {
  readonly hub: KubeClient;
  /** The cluster, with the credentials that are to be renewed. */
  readonly member: KubeClient;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** The token of a cluster ends, and there is no new one. `cause` tells who refused. */
export class RenewalError extends Error {
  /** RFC 3339; when the token that still holds ends. */
  readonly ends: string;

  constructor(ends: string, cause: KubeError) {
    super(`the member's token ends ${ends} and cannot be renewed: ${cause.message}`, { cause });
    this.name = 'RenewalError';
    this.ends = ends;
  }
}

/**
 * Gives a WasmCloudCluster a new token once half the life of its token is over, where its Secret asks for that: the account
 * asks for one of its own in the member, with the token that still holds. Returns when the new one ends (RFC 3339);
 * undefined when there is nothing to renew. A Secret that somebody changed meanwhile stays as it is.
 *
 * @throws {KubeError} when the hub does not tell what the credentials are
 * @throws {RenewalError} when the member gives no token, or the hub does not take it
 */
export async function renewCredentials(
  { hub, member, nowMs }: RenewalOptions,
  { spec }: ClusterObject,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (spec.kubeconfigSecret === undefined) return undefined;
  const { name, namespace = SYSTEM_NAMESPACE, key = 'kubeconfig' } = spec.kubeconfigSecret;
  const secret = await hub.find<Secret>(builtin.Secret, name, namespace, { signal });
  if (secret?.metadata.annotations?.[annotations.renewToken] !== 'true') return undefined;
  const text = Buffer.from(secret.data?.[key] ?? '', 'base64').toString('utf8');
  const { token } = loadKubeconfig({ text, untrusted: true }).credentials;
  const claims = token === undefined ? undefined : readToken(token);
  if (token === undefined || claims === undefined) return undefined;
  const lifeMs = claims.expiresMs - claims.issuedMs;
  if (nowMs < claims.issuedMs + lifeMs / 2) return undefined;
  try {
    const next = await requestToken(member, claims.account, Math.round(lifeMs / 1_000), { signal });
    const data = { [key]: Buffer.from(text.replaceAll(token, next.token)).toString('base64') };
    const patch = { metadata: { resourceVersion: secret.metadata.resourceVersion }, data };
    const options = { type: 'merge', fieldManager: fieldManagers.scheduler, signal } as const;
    await hub.patch(builtin.Secret, name, namespace, patch, options);
    return next.expirationTimestamp;
  } catch (error) {
    if (error instanceof ConflictError) return undefined;
    if (error instanceof KubeError) throw new RenewalError(new Date(claims.expiresMs).toISOString(), error);
    throw error;
  }
}
