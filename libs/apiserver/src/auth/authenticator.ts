import { hash, timingSafeEqual } from 'node:crypto';
import type { User } from '../http/exchange.ts';

/** A bearer token and whom it stands for. */
export interface StaticToken {
  readonly token: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly uid?: string;
}

export const anonymous: User = {
  name: 'system:anonymous',
  uid: '',
  groups: ['system:unauthenticated'],
  extra: {},
};

export const authenticatedGroup = 'system:authenticated';

/** Finds out who makes a request, from tokens given at the start and from those that a token service signed. */
export class Authenticator {
  readonly #tokens: readonly { readonly digest: Buffer; readonly user: User }[];
  readonly #verifySigned: (token: string) => User | undefined;

  constructor(tokens: readonly StaticToken[], verifySigned: (token: string) => User | undefined) {
    this.#tokens = tokens.map(({ token, user, groups, uid = '' }) => ({
      digest: digest(token),
      user: { name: user, uid, groups: [...new Set([...groups, authenticatedGroup])], extra: {} },
    }));
    this.#verifySigned = verifySigned;
  }

  /** The user of an `Authorization` header; undefined when it proves nothing. */
  authenticate(header: string | undefined): User | undefined {
    if (header === undefined || header === '') return anonymous;
    const match = /^Bearer\s+(\S+)$/i.exec(header);
    return match?.[1] === undefined ? undefined : this.userOf(match[1]);
  }

  userOf(token: string): User | undefined {
    const wanted = digest(token);
    // Digests have one length, so the time taken says nothing about a token.
    const known = this.#tokens.find((each) => timingSafeEqual(each.digest, wanted));
    return known?.user ?? this.#verifySigned(token);
  }
}

const digest = (token: string): Buffer => hash('sha256', token, 'buffer');
