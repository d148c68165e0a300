export type ImageReason =
  | 'DigestMismatch'
  | 'ImageNotFound'
  | 'ImagePullFailed'
  | 'ImageRefused'
  | 'ImageTooLarge'
  | 'InvalidArchive'
  | 'InvalidComponent'
  | 'InvalidImageName'
  | 'InvalidPullSecret'
  | 'NotSigned'
  | 'NotSupported'
  | 'PullUnauthorized'
  | 'RegistryUnavailable'
  | 'SignatureInvalid';

/** Nothing changes these but another spec or other settings of the host. */
const lasting: ReadonlySet<ImageReason> = new Set([
  'ImageRefused',
  'InvalidArchive',
  'InvalidComponent',
  'InvalidImageName',
  'NotSupported',
]);

/** An image could not be had, or is not what its digest says. `reason` is the condition's reason. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly reason: ImageReason;

  constructor(reason: ImageReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }

  /** Whether the same image may be had later. */
  get mayPass(): boolean {
    return !lasting.has(this.reason);
  }
}

export interface Image {
  readonly bytes: Uint8Array;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
}
