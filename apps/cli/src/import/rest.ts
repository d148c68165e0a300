import { z } from 'zod';
import { UserError } from '../user-error.ts';

const ANSWER_MS = 30_000;

const refusal = z.object({
  message: z.string(),
  details: z.array(z.object({ field: z.string(), message: z.string() })).default([]),
});
const putReply = z.object({ result: z.enum(['created', 'newversion', 'unchanged']) });

export interface RestTarget {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly token: string | undefined;
}

/** What a version became, or why it was refused. */
export type Put =
  { readonly kind: 'put'; readonly isNew: boolean } | { readonly kind: 'refused'; readonly why: string };

/** Applications of the hub, through the scheduler's REST API. */
export class Applications {
  readonly #target: RestTarget;
  readonly #namespace: string;

  constructor(target: RestTarget, namespace: string) {
    this.#target = target;
    this.#namespace = namespace;
  }

  /** Stores a version without deploying it. */
  async put(name: string, manifest: object, signal: AbortSignal): Promise<Put> {
    const { ok, body } = await this.#ask('PUT', `${encodeURIComponent(name)}?deploy=false`, manifest, signal);
    if (!ok) return { kind: 'refused', why: whyOf(body) };
    return { kind: 'put', isNew: putReply.parse(body).result !== 'unchanged' };
  }

  /** Resolves with why it was refused, if it was. */
  async deploy(name: string, version: string, signal: AbortSignal): Promise<string | undefined> {
    const { ok, body } = await this.#ask('POST', `${encodeURIComponent(name)}/deploy`, { version }, signal);
    return ok ? undefined : whyOf(body);
  }

  async #ask(method: string, path: string, body: object, signal: AbortSignal): Promise<{ ok: boolean; body: unknown }> {
    const { url, token } = this.#target;
    const address = `${url.replace(/\/$/, '')}/api/v1/namespaces/${this.#namespace}/applications/${path}`;
    try {
      const response = await fetch(address, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
      });
      const answer: unknown = await response.json();
      if (response.status === 401) throw new UserError(`${url}: the token is not taken: ${whyOf(answer)}`);
      return { ok: response.ok, body: answer };
    } catch (cause) {
      if (cause instanceof UserError || signal.aborted) throw cause;
      throw new UserError(
        `${url}: the REST API does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    }
  }
}

function whyOf(body: unknown): string {
  const read = refusal.safeParse(body);
  if (!read.success) return 'it was refused without a reason';
  const { message, details } = read.data;
  return [message, ...details.map((detail) => `${detail.field}: ${detail.message}`)].join('; ');
}
