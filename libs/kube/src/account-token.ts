import type { CallOptions } from './client-options.ts';
import type { KubeClient } from './client.ts';
import { isRecord } from './errors.ts';

/** A ServiceAccount. */
export interface Account {
  readonly name: string;
  readonly namespace: string;
}

export interface AccountToken {
  readonly token: string;
  /** RFC 3339; a cluster may give tokens for less time than was asked. */
  readonly expirationTimestamp: string;
}

/** Asks for a bearer token of an account (`TokenRequest` of authentication.k8s.io/v1) that lasts so many seconds. */
export async function requestToken(
  client: KubeClient,
  { name, namespace }: Account,
  seconds: number,
  options: CallOptions,
): Promise<AccountToken> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: seconds },
  };
  const answer = await client.raw('POST', path, request, options);
  const { token, expirationTimestamp } = isRecord(answer) && isRecord(answer['status']) ? answer['status'] : {};
  if (typeof token !== 'string' || typeof expirationTimestamp !== 'string')
    throw new TypeError(`${client.server}: the answer to a TokenRequest for ${namespace}/${name} has no token`);
  return { token, expirationTimestamp };
}

/** What a token says of itself. Nothing of it is proven: only the API server that gave it can tell. */
export interface TokenClaims {
  readonly account: Account;
  /** Milliseconds since the epoch. */
  readonly issuedMs: number;
  readonly expiresMs: number;
}

/** Reads a ServiceAccount's token (a JSON Web Token); undefined for any other, and for one that never ends. */
export function readToken(token: string): TokenClaims | undefined {
  const [, payload = ''] = token.split('.');
  const claims = json(Buffer.from(payload, 'base64url').toString('utf8'));
  if (!isRecord(claims)) return undefined;
  const { sub, iat, exp } = claims;
  const [, namespace, name] = (typeof sub === 'string' ? ACCOUNT.exec(sub) : undefined) ?? [];
  if (namespace === undefined || name === undefined || typeof iat !== 'number' || typeof exp !== 'number')
    return undefined;
  return { account: { name, namespace }, issuedMs: iat * 1_000, expiresMs: exp * 1_000 };
}

const ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
