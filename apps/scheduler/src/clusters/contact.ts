import { KubeError } from '@kasmcloud/kube';

/** How a member's API server answered when it was asked whether it is there. */
export type Contact =
  | { readonly kind: 'Answering' }
  /** It answers, and takes long; or it asks to be asked less often. */
  | { readonly kind: 'AnsweringSlowly' | 'Throttling'; readonly message: string }
  /** It answers that our credentials are wrong or have expired. */
  | { readonly kind: 'CredentialsRefused'; readonly message: string }
  | { readonly kind: 'Silent'; readonly message: string };

/** An answer that takes longer on average is slow. Back below half of it, it is not. */
const SLOW_MS = 1_000;
/** Weight of the last answer in the average. */
const WEIGHT = 0.3;

/** What an error of a request says of the server. */
export function contactOf(error: unknown): Contact {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof KubeError)) return { kind: 'Silent', message };
  if (error.status === 401)
    return {
      kind: 'CredentialsRefused',
      message: 'its API server refuses our credentials: they are wrong or have expired',
    };
  if (error.status === 429) return { kind: 'Throttling', message: 'its API server asks for fewer requests (429)' };
  return error.status >= 500 ? { kind: 'Silent', message } : { kind: 'Answering' };
}

/** How quickly a server answers, over the last few answers. */
export class ResponseTimes {
  #averageMs = 0;
  #isSlow = false;

  answered(ms: number): void {
    this.#averageMs += WEIGHT * (ms - this.#averageMs);
    this.#isSlow = this.#averageMs > (this.#isSlow ? SLOW_MS / 2 : SLOW_MS);
  }

  /** `contact`, unless that is good and slow. */
  judge(contact: Contact): Contact {
    if (contact.kind !== 'Answering' || !this.#isSlow) return contact;
    return { kind: 'AnsweringSlowly', message: `its API server takes more than ${SLOW_MS / 2} ms to answer` };
  }
}
