import { ForbiddenError, InvalidError, NotFoundError } from '@kasmcloud/kube';

/** Why a write into a member may not be made; a reason for conditions and plans. */
export type RefusedReason =
  | 'NamespaceNotShared'
  | 'NameTaken'
  | 'SecretNotCarried'
  /** The member's Role does not allow it, or the namespace is on its way out. */
  | 'WriteForbidden'
  /** The member's schema or a rule of it refuses the object. */
  | 'WriteInvalid'
  /** The member lacks the CRD. */
  | 'KindMissing';

/** A write into a member that must not be made as things stand. Trying again without a change is of no use. */
export class RefusedWriteError extends Error {
  override readonly name = 'RefusedWriteError';
  readonly reason: RefusedReason;

  constructor(reason: RefusedReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A member's own refusal of a write as ours; any other error as it is. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof ForbiddenError) return new RefusedWriteError('WriteForbidden', error.message, { cause: error });
  if (error instanceof InvalidError) return new RefusedWriteError('WriteInvalid', error.message, { cause: error });
  if (error instanceof NotFoundError) return new RefusedWriteError('KindMissing', error.message, { cause: error });
  return error;
}
