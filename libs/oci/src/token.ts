import { z } from 'zod';
import type { Challenge } from './challenge.ts';
import type { Credentials } from './credentials.ts';

/** As the docker token specification has it: a token without a stated life lives for a minute. */
const DEFAULT_LIFE_SECONDS = 60;
const MAX_ANSWER_BYTES = 1_048_576;

const answer = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().optional(),
});

export interface Token {
  readonly header: string;
  /** Milliseconds from now in which it may be used. */
  readonly lifeMs: number;
}

/** A realm refused, or was not one to which credentials may go. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

/** A Basic header, where the registry takes one. */
export const basicHeader = (credentials: Credentials | undefined): string | undefined =>
  credentials?.kind === 'basic'
    ? `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
    : undefined;

/**
 * Asks the realm of a Bearer challenge for the right to pull: with GET (docker token specification), or with an identity
 * token by OAuth2.
 *
 * @throws {TokenError}
 */
export async function fetchToken(
  challenge: Extract<Challenge, { scheme: 'bearer' }>,
  repository: string,
  credentials: Credentials | undefined,
  options: { readonly allowHttp: boolean; readonly signal: AbortSignal },
): Promise<Token> {
  const realm = new URL(challenge.realm);
  if (realm.protocol !== 'https:' && !(options.allowHttp && realm.protocol === 'http:')) {
    throw new TokenError(`the registry asks for credentials at ${realm.origin}, which is not https`);
  }
  const fields = {
    ...(challenge.service !== undefined && { service: challenge.service }),
    scope: challenge.scope ?? `repository:${repository}:pull`,
  };
  const response = await ask(realm, fields, credentials, options.signal);
  if (!response.ok) {
    await response.body?.cancel();
    throw new TokenError(`${realm.origin} answered ${response.status} when asked for a token`);
  }
  const text = await response.text();
  const read = text.length > MAX_ANSWER_BYTES ? undefined : answer.safeParse(parse(text));
  const token = read?.data?.token ?? read?.data?.access_token;
  if (token === undefined || token === '') throw new TokenError(`${realm.origin} gave no token`);
  return { header: `Bearer ${token}`, lifeMs: (read?.data?.expires_in ?? DEFAULT_LIFE_SECONDS) * 1_000 };
}

function ask(
  realm: URL,
  fields: Record<string, string>,
  credentials: Credentials | undefined,
  signal: AbortSignal,
): Promise<Response> {
  if (credentials?.kind === 'identity') {
    const body = new URLSearchParams({
      ...fields,
      grant_type: 'refresh_token',
      refresh_token: credentials.token,
      client_id: 'kasmcloud',
    });
    return fetch(realm, { method: 'POST', body, signal, redirect: 'error' });
  }
  for (const [name, value] of Object.entries(fields)) realm.searchParams.set(name, value);
  const authorization = basicHeader(credentials);
  return fetch(realm, { headers: authorization === undefined ? {} : { authorization }, signal, redirect: 'error' });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
