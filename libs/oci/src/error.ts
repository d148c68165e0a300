export type OciReason =
  | 'InvalidReference'
  | 'InvalidCredentials'
  | 'Refused'
  | 'Unauthorized'
  | 'NotFound'
  | 'Unreachable'
  | 'TooLarge'
  | 'DigestMismatch'
  | 'WrongArtifact'
  /** The image policy wants a signature, and there is none. */
  | 'NotSigned'
  /** There are signatures, and none of them will do. */
  | 'SignatureInvalid';

/** An image could not be had. `image` is the reference as it was asked for; whether to try again follows from `reason`. */
export class OciError extends Error {
  override readonly name = 'OciError';
  readonly reason: OciReason;
  readonly image: string;

  constructor(reason: OciReason, image: string, message: string, options?: ErrorOptions) {
    super(`image ${image}: ${message}`, options);
    this.reason = reason;
    this.image = image;
  }

  /** Whether the same request may succeed later without anyone changing the reference. */
  get mayPass(): boolean {
    return this.reason !== 'InvalidReference' && this.reason !== 'Refused' && this.reason !== 'WrongArtifact';
  }
}
