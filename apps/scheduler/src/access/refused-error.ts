export type RefusalKind =
  'invalid' | 'unauthenticated' | 'forbidden' | 'notFound' | 'conflict' | 'tooMany' | 'unavailable';

/** One thing that is wrong with a request. */
export interface Detail {
  /** `spec.components[0].name`; empty when it is not of one field. */
  readonly field: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

/** A request that is refused, with the reason in words for whoever sent it. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly kind: RefusalKind;
  readonly details: readonly Detail[];
  /** For `tooMany`: when to try again. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: RefusalKind, message: string, more: { details?: readonly Detail[]; retryAfterMs?: number } = {}) {
    super(message);
    this.kind = kind;
    this.details = more.details ?? [];
    this.retryAfterMs = more.retryAfterMs;
  }
}
