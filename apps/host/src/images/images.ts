import { readFile } from 'node:fs/promises';
import {
  OciError,
  OciImages,
  parseDockerConfig,
  providerArtifact,
  type Artifact,
  type CredentialEntry,
  type OciReason,
} from '@kasmcloud/oci';
import { isFileImage, readFileImage, type FileImageOptions } from './file-image.ts';
import { ImageError, type Image, type ImageReason } from './image-error.ts';

export interface ImagesOptions {
  readonly files: FileImageOptions;
  readonly registries: OciImages;
  /** Whether images that no signature policy is about are refused: a file is one of them. */
  readonly refusesUnmatched?: boolean;
  /** A docker `config.json` with credentials of this host; absent: none. */
  readonly dockerConfig: string | undefined;
  /** How long a pull may take in all. */
  readonly pullMs: number;
}

export interface ImageOwner {
  readonly namespace: string;
  /** Credentials of the actor itself, asked for only when a registry is. They go before the host's. */
  readonly credentials: (signal: AbortSignal) => Promise<readonly CredentialEntry[]>;
}

const reasons: Readonly<Record<OciReason, ImageReason>> = {
  DigestMismatch: 'DigestMismatch',
  InvalidCredentials: 'InvalidPullSecret',
  InvalidReference: 'InvalidImageName',
  NotFound: 'ImageNotFound',
  NotSigned: 'NotSigned',
  SignatureInvalid: 'SignatureInvalid',
  WrongArtifact: 'InvalidComponent',
  Refused: 'ImageRefused',
  TooLarge: 'ImageTooLarge',
  Unauthorized: 'PullUnauthorized',
  Unreachable: 'RegistryUnavailable',
};

/** The images of this host: out of registries, and out of files where that is allowed. */
export class Images {
  readonly #options: ImagesOptions;

  constructor(options: ImagesOptions) {
    this.#options = options;
  }

  /** A component. @throws {ImageError} */
  async read(reference: string, owner: ImageOwner, signal: AbortSignal): Promise<Image> {
    return this.#read(reference, owner, signal);
  }

  /** A provider archive, or, out of a file, whatever is in it. @throws {ImageError} */
  async readProvider(reference: string, owner: ImageOwner, signal: AbortSignal): Promise<Image> {
    return this.#read(reference, owner, signal, providerArtifact(process.arch));
  }

  async #read(reference: string, owner: ImageOwner, signal: AbortSignal, artifact?: Artifact): Promise<Image> {
    if (isFileImage(reference)) {
      if (this.#options.refusesUnmatched === true) {
        const message = `image ${reference}: a file has no signature, and this host refuses what no image policy is about`;
        throw new ImageError('NotSigned', message);
      }
      return readFileImage(reference, this.#options.files);
    }
    const { registries, pullMs } = this.#options;
    const late = AbortSignal.timeout(pullMs);
    const within = AbortSignal.any([signal, late]);
    try {
      const credentials = [...(await owner.credentials(within)), ...(await this.#hostCredentials())];
      return await registries.pull(reference, {
        owner: owner.namespace,
        credentials,
        signal: within,
        ...(artifact !== undefined && { artifact }),
      });
    } catch (cause) {
      signal.throwIfAborted();
      if (late.aborted) {
        const message = `image ${reference}: it was not here after ${pullMs} ms; what came is kept`;
        throw new ImageError('RegistryUnavailable', message, { cause });
      }
      if (!(cause instanceof OciError)) throw cause;
      const isProvider = cause.reason === 'WrongArtifact' && artifact !== undefined;
      throw new ImageError(isProvider ? 'InvalidArchive' : reasons[cause.reason], cause.message, { cause });
    }
  }

  /** Keeps an image on disk while it runs, so that the host can start it again without its registry. */
  pin({ digest }: Image): void {
    this.#options.registries.pin(digest);
  }

  unpin({ digest }: Pick<Image, 'digest'>): void {
    this.#options.registries.unpin(digest);
  }

  /** Read anew for each pull: what is in the file may be short-lived. */
  async #hostCredentials(): Promise<readonly CredentialEntry[]> {
    const { dockerConfig } = this.#options;
    if (dockerConfig === undefined) return [];
    try {
      return parseDockerConfig(await readFile(dockerConfig, 'utf8'), dockerConfig);
    } catch (cause) {
      if (cause instanceof OciError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ImageError('InvalidPullSecret', `KASMCLOUD_OCI_DOCKER_CONFIG cannot be read: ${why}`, { cause });
    }
  }
}
