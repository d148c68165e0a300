/** Why a write into a member may not be made; a reason for conditions and plans. */
export type RefusedReason = 'NamespaceNotShared' | 'NameTaken' | 'SecretNotCarried';

/** A write into a member that must not be made as things stand. Trying again without a change is of no use. */
export class RefusedWriteError extends Error {
  override readonly name = 'RefusedWriteError';
  readonly reason: RefusedReason;

  constructor(reason: RefusedReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
