import { createHash } from 'node:crypto';
import { builtin, type Kind } from '@kasmcloud/kube-api';
import type { Impersonation, KubeClient } from '@kasmcloud/kube';
import { z } from 'zod';
import { ExpiringCache } from './expiring-cache.ts';

/** Who asks, as the hub knows them. */
export type User = Impersonation;

export type Verb = 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete';

/** A right to ask for. Without a namespace: in all of them. */
export interface Right {
  readonly verb: Verb;
  readonly kind: Kind;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

export interface ReviewsOptions {
  /** The scheduler's own identity on the hub. */
  readonly hub: KubeClient;
  readonly steady: () => number;
  /** How long an answer is believed. Default 10 s. */
  readonly ttlMs?: number;
}

/** How long a token that was good is told from a guess. */
const FAMILIAR_MS = 10 * 60_000;

const tokenAnswer = z.object({
  metadata: z.looseObject({ name: z.string().default('') }),
  status: z.object({
    authenticated: z.boolean().default(false),
    user: z
      .object({
        username: z.string().default(''),
        uid: z.string().optional(),
        groups: z.array(z.string()).optional(),
        extra: z.record(z.string(), z.array(z.string())).optional(),
      })
      .optional(),
  }),
});
const accessAnswer = z.object({
  metadata: z.looseObject({ name: z.string().default('') }),
  status: z.object({ allowed: z.boolean(), denied: z.boolean().default(false) }),
});

/** Questions about identity and rights, answered by the hub: there is no second permission system. */
export class Reviews {
  readonly #hub: KubeClient;
  readonly #users: ExpiringCache<User | undefined>;
  readonly #familiar: ExpiringCache<boolean>;
  readonly #rights: ExpiringCache<boolean>;

  constructor({ hub, steady, ttlMs = 10_000 }: ReviewsOptions) {
    this.#hub = hub;
    this.#users = new ExpiringCache({ ttlMs, limit: 2_000, steady });
    this.#familiar = new ExpiringCache({ ttlMs: FAMILIAR_MS, limit: 2_000, steady });
    this.#rights = new ExpiringCache({ ttlMs, limit: 10_000, steady });
  }

  /** Whether this token was good lately: who sends it does not guess. */
  isFamiliar(token: string): boolean {
    return this.#familiar.has(hashOf(token));
  }

  /** Whose token it is (TokenReview); undefined when it is nobody's. */
  async userOf(token: string, signal: AbortSignal): Promise<User | undefined> {
    const hash = hashOf(token);
    return this.#users.get(hash, async () => {
      const review = { metadata: {}, spec: { token } };
      const { status } = await this.#hub.create(builtin.TokenReview, review, { parser: tokenAnswer, signal });
      if (!status.authenticated || status.user === undefined || status.user.username === '') return undefined;
      await this.#familiar.get(hash, () => Promise.resolve(true));
      const { username, uid, groups, extra } = status.user;
      return {
        user: username,
        ...(groups !== undefined && { groups }),
        ...(uid !== undefined && uid !== '' && { uid }),
        ...(extra !== undefined && { extra }),
      };
    });
  }

  /** Whether a user has a right (SubjectAccessReview). */
  async allows(user: User, right: Right, signal: AbortSignal): Promise<boolean> {
    return this.#rights.get(JSON.stringify([user, rightAttributes(right)]), async () => {
      const spec = { ...user, resourceAttributes: rightAttributes(right) };
      const review = { metadata: {}, spec };
      const { status } = await this.#hub.create(builtin.SubjectAccessReview, review, { parser: accessAnswer, signal });
      return status.allowed && !status.denied;
    });
  }
}

const rightAttributes = ({ verb, kind, namespace, name }: Right): Record<string, string> => ({
  verb,
  group: kind.group,
  version: kind.version,
  resource: kind.plural,
  ...(namespace !== undefined && { namespace }),
  ...(name !== undefined && { name }),
});

/** `get applications.core.oam.dev "hello" in namespace "demo"`, as kubectl would put it. */
export function rightText({ verb, kind, namespace, name }: Right): string {
  const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
  const scope = namespace === undefined ? 'in all namespaces' : `in namespace "${namespace}"`;
  return [verb, resource, ...(name === undefined ? [] : [`"${name}"`]), ...(kind.namespaced ? [scope] : [])].join(' ');
}

/** Tokens are not kept, not even in memory. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
