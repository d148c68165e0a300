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
  /** By connection, the header with which one of the given tokens was last sent over it. */
  readonly #known = new WeakMap<object, { readonly header: string; readonly user: User }>();

  constructor(tokens: readonly StaticToken[], verifySigned: (token: string) => User | undefined) {
    this.#tokens = tokens.map(({ token, user, groups, uid = '' }) => ({
      digest: digest(token),
      user: { name: user, uid, groups: [...new Set([...groups, authenticatedGroup])], extra: {} },
    }));
    this.#verifySigned = verifySigned;
  }

  /**
   * The user of an `Authorization` header; undefined when it proves nothing.
   * @param connection over which it came: a given token that was sent over it before is not looked for again
   */
  authenticate(header: string | undefined, connection: object): User | undefined {
    if (header === undefined || header === '') return anonymous;
    const known = this.#known.get(connection);
    if (known?.header === header) return known.user;
    const token = /^Bearer\s+(\S+)$/i.exec(header)?.[1];
    if (token === undefined) return undefined;
    const user = this.#given(token);
    if (user === undefined) return this.#verifySigned(token);
    this.#known.set(connection, { header, user });
    return user;
  }

  userOf(token: string): User | undefined {
    return this.#given(token) ?? this.#verifySigned(token);
  }

  #given(token: string): User | undefined {
    const wanted = digest(token);
    // Digests have one length, so the time taken says nothing about a token.
    return this.#tokens.find((each) => timingSafeEqual(each.digest, wanted))?.user;
  }
}

const digest = (token: string): Buffer => hash('sha256', token, 'buffer');
