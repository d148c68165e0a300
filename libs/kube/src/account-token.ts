import { z } from 'zod';
import type { CallOptions } from './client-options.ts';
import type { KubeClient } from './client.ts';

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

const answer = z.object({ status: z.object({ token: z.string(), expirationTimestamp: z.string() }) });

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
  return answer.parse(await client.raw('POST', path, request, options)).status;
}

/** What a token says of itself. Nothing of it is proven: only the API server that gave it can tell. */
export interface TokenClaims {
  readonly account: Account;
  /** Milliseconds since the epoch. */
  readonly issuedMs: number;
  readonly expiresMs: number;
}

const claims = z.object({
  sub: z.templateLiteral(['system:serviceaccount:', z.string().min(1), ':', z.string().min(1)]),
  iat: z.number(),
  exp: z.number(),
});

/** Reads a ServiceAccount's token (a JSON Web Token); undefined for any other, and for one that never ends. */
export function readToken(token: string): TokenClaims | undefined {
  const [, payload = ''] = token.split('.');
  const read = claims.safeParse(json(Buffer.from(payload, 'base64url').toString('utf8')));
  if (!read.success) return undefined;
  const { sub, iat, exp } = read.data;
  const [, , namespace = '', name = ''] = sub.split(':');
  return { account: { name, namespace }, issuedMs: iat * 1_000, expiresMs: exp * 1_000 };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
