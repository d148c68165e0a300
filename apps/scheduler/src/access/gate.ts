import type { KubeClient } from '@kasmcloud/kube';
import { FailureLimit } from './failure-limit.ts';
import { RefusedError } from './refused-error.ts';
import { rightText, type Reviews, type Right, type User } from './reviews.ts';

/** Whoever was let in. */
export interface Caller {
  readonly user: User;
  /** The hub, asked as this user. */
  readonly hub: KubeClient;
  /** Whether the user has a further right. */
  may(right: Right, signal: AbortSignal): Promise<boolean>;
}

export interface GateOptions {
  readonly hub: KubeClient;
  readonly reviews: Reviews;
  readonly steady: () => number;
  readonly failures?: FailureLimit;
}

const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;
const TOKEN_LIMIT = 16_384;

/** Lets callers in: whose token, then whether they may. Addresses that guess are sent away before the hub is asked. */
export class Gate {
  readonly #options: GateOptions;
  readonly #failures: FailureLimit;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#failures = options.failures ?? new FailureLimit({ most: 20, windowMs: 60_000, addresses: 10_000 });
  }

  /** @throws {RefusedError} unauthenticated or tooMany */
  async identify(authorization: string | undefined, address: string, signal: AbortSignal): Promise<Caller> {
    const { reviews, steady } = this.#options;
    const token = BEARER.exec(authorization ?? '')?.[1] ?? '';
    const isToken = token !== '' && token.length <= TOKEN_LIMIT;
    // Whoever sends a good token is not held up by neighbours who guess.
    const isFamiliar = isToken && reviews.isFamiliar(token);
    const waitMs = isFamiliar ? 0 : this.#failures.waitMs(address, steady());
    if (waitMs > 0) {
      const message = `too many requests without a valid token: try again in ${Math.ceil(waitMs / 1000)} s`;
      throw new RefusedError('tooMany', message, { retryAfterMs: waitMs });
    }
    const user = isToken ? await reviews.userOf(token, signal) : undefined;
    if (user === undefined) {
      this.#failures.failed(address, steady());
      throw new RefusedError(
        'unauthenticated',
        isToken
          ? 'the bearer token is not valid on the hub: it may have expired'
          : 'send a token of the hub as "Authorization: Bearer …"',
      );
    }
    return this.#caller(user);
  }

  /** @throws {RefusedError} forbidden */
  async require(caller: Caller, right: Right, signal: AbortSignal): Promise<void> {
    if (await caller.may(right, signal)) return;
    throw new RefusedError('forbidden', `user "${caller.user.user}" cannot ${rightText(right)}`);
  }

  #caller(user: User): Caller {
    const { hub, reviews } = this.#options;
    return { user, hub: hub.as(user), may: (right, signal) => reviews.allows(user, right, signal) };
  }
}
