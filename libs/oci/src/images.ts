import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@kasmcloud/observe';
import { z } from 'zod';
import { componentArtifact, type Artifact } from './artifact.ts';
import { BlobCache, digestOf } from './blob-cache.ts';
import { readAll } from './body.ts';
import type { CredentialEntry } from './credentials.ts';
import { download } from './download.ts';
import { OciError } from './error.ts';
import { manifestTypes, MAX_MANIFEST_BYTES, readManifest, type Descriptor, type Target } from './manifest.ts';
import { formatReference, isLatest, parseReference, type ImageReference } from './reference.ts';
import { RegistryClient } from './registry.ts';
import type { Fetch } from './signatures/found.ts';
import { SignatureVerifier, type SignatureOptions } from './signatures/verifier.ts';

export interface OciImagesOptions {
  /** Folder of the cache, of this process alone. */
  readonly folder: string;
  readonly cacheBytes: number;
  /** The largest layer that is pulled. */
  readonly maxImageBytes: number;
  /** Registries, `host:port`, that are spoken to in plain HTTP. */
  readonly insecure: readonly string[];
  /** Whether `:latest`, or no tag at all, may be pulled. */
  readonly allowLatest: boolean;
  /** By registry: where to ask before it, as `host[:port][/prefix]`. */
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
  /** Whose signatures images need; absent: none. */
  readonly signatures?: SignatureOptions | undefined;
  readonly logger: Logger;
  /** How long a registry may take to begin an answer. Default 15,000. */
  readonly answerMs?: number;
  /** How long a download may stand still. Default 15,000. */
  readonly stallMs?: number;
}

export interface PullOptions {
  /** Whose pull it is. What one may take from the cache without its registry, another may not. */
  readonly owner: string;
  /** Tried in this order. */
  readonly credentials: readonly CredentialEntry[];
  /** What the image is to hold. Default: a component. */
  readonly artifact?: Artifact;
  readonly signal: AbortSignal;
}

export interface OciImage {
  readonly bytes: Uint8Array;
  /** Of the layer's bytes. */
  readonly digest: string;
  readonly manifestDigest: string;
  /** Whether the registry could not be asked, so that the tag may name something newer by now. */
  readonly isStale: boolean;
}

const record = z.object({
  /** What the reference led to, which is what is signed: an index, or the manifest itself. Old notes lack it. */
  root: z.string().optional(),
  manifest: z.string(),
  layer: z.object({ mediaType: z.string(), digest: z.string(), size: z.int() }),
});
type Resolved = z.infer<typeof record>;

const ACCEPT = Object.values(manifestTypes).join(', ');

/** Components and provider archives out of OCI registries, through a cache on disk. */
export class OciImages {
  readonly #options: OciImagesOptions;
  readonly #cache: BlobCache;
  readonly #registries: RegistryClient;
  readonly #verifier: SignatureVerifier | undefined;
  /** Downloads under way, by digest: one for all who wait. */
  readonly #downloads = new Map<string, Promise<Uint8Array>>();

  constructor(options: OciImagesOptions) {
    this.#options = options;
    this.#cache = new BlobCache({ folder: options.folder, maxBytes: options.cacheBytes });
    this.#registries = new RegistryClient({
      insecure: new Set(options.insecure.map((host) => host.toLowerCase())),
      answerMs: options.answerMs ?? 15_000,
      now: () => performance.now(),
    });
    const { signatures, logger } = options;
    this.#verifier = signatures && new SignatureVerifier(signatures, this.#cache, logger);
  }

  /**
   * The layer that a reference names. A tag is resolved by its registry each time; when no registry can be reached,
   * what the same owner pulled by it before is used. A reference with a digest is taken from disk when it is there.
   *
   * @throws {OciError}
   */
  async pull(text: string, options: PullOptions): Promise<OciImage> {
    const reference = parseReference(text);
    if (isLatest(reference) && !this.#options.allowLatest) {
      throw new OciError('Refused', text, 'the tag latest is not allowed on this host; name a version or a digest');
    }
    const key = `${options.owner} ${formatReference(reference)}`;
    const { layerTypes } = options.artifact ?? componentArtifact;
    const noted = record.safeParse(await this.#cache.note(key)).data;
    const known = noted !== undefined && layerTypes.has(noted.layer.mediaType) ? noted : undefined;
    if (known !== undefined && reference.digest !== undefined) {
      const bytes = await this.#cache.read(known.layer.digest);
      if (bytes !== undefined) {
        await this.#admit(reference, reference, known, options);
        return imageOf(known, bytes, false);
      }
    }
    try {
      return await this.#pullFresh(reference, key, noted, options);
    } catch (error) {
      options.signal.throwIfAborted();
      const bytes = known && (await this.#cache.read(known.layer.digest));
      const isAway = error instanceof OciError && error.reason === 'Unreachable';
      if (!isAway || known === undefined || bytes === undefined) throw error;
      await this.#admit(reference, reference, known, options);
      this.#options.logger.warn({ err: error, image: text }, 'registry away, image taken from the cache');
      return imageOf(known, bytes, true);
    }
  }

  /** Keeps a layer's digest in the cache until `unpin`. */
  pin(digest: string): void {
    this.#cache.pin(digest);
  }

  unpin(digest: string): void {
    this.#cache.unpin(digest);
  }

  /** Asks each mirror, then the registry; the last failure is the registry's own. */
  async #pullFresh(
    reference: ImageReference,
    key: string,
    noted: Resolved | undefined,
    options: PullOptions,
  ): Promise<OciImage> {
    const mirrors = (this.#options.mirrors[reference.registry] ?? []).map((mirror) => mirrored(reference, mirror));
    for (const mirror of mirrors) {
      try {
        return await this.#pullFrom(mirror, reference, key, noted, options);
      } catch (error) {
        options.signal.throwIfAborted();
        this.#options.logger.info({ err: error, mirror: formatReference(mirror) }, 'mirror passed over');
      }
    }
    return this.#pullFrom(reference, reference, key, noted, options);
  }

  /** Pulls what is named `named` from where `reference` says: the registry of that name, or a mirror of it. */
  async #pullFrom(
    reference: ImageReference,
    named: ImageReference,
    key: string,
    noted: Resolved | undefined,
    options: PullOptions,
  ): Promise<OciImage> {
    const resolved = await this.#resolve(reference, options);
    await this.#admit(reference, named, resolved, options);
    const { digest, size } = resolved.layer;
    const { maxImageBytes } = this.#options;
    if (size > maxImageBytes) {
      const message = `${size} bytes is more than the limit of ${maxImageBytes}`;
      throw new OciError('TooLarge', formatReference(reference), message);
    }
    const bytes = (await this.#cache.read(digest)) ?? (await this.#downloadOnce(reference, resolved.layer, options));
    // To write a note waits for the disk twice, and mostly it is there.
    if (!isDeepStrictEqual(resolved, noted)) await this.#cache.putNote(key, resolved);
    return imageOf(resolved, bytes, false);
  }

  /** Refuses what its signatures do not allow, before anything of it is used: by digest, so that no tag moves meanwhile. */
  async #admit(
    reference: ImageReference,
    named: ImageReference,
    { root, manifest }: Resolved,
    { credentials, signal }: PullOptions,
  ): Promise<void> {
    const image = formatReference(reference);
    const fetch: Fetch = async (path, accept, maxBytes) => {
      try {
        const response = await this.#registries.get({ reference, path, headers: { accept }, credentials, signal });
        return await readAll(response, maxBytes, image, signal, this.#stallMs);
      } catch (error) {
        if (error instanceof OciError && error.reason === 'NotFound') return undefined;
        throw error;
      }
    };
    await this.#verifier?.check(named, root ?? reference.digest ?? manifest, fetch);
  }

  /** Follows a reference to its layer: through an index if there is one, once. */
  async #resolve(reference: ImageReference, options: PullOptions): Promise<Resolved> {
    const image = formatReference(reference);
    const first = await this.#manifest(reference, reference.digest ?? reference.tag ?? '', options);
    const root = first.digest;
    if (first.target.kind === 'layer') return { root, manifest: root, layer: first.target.layer };
    const { digest } = first.target.manifest;
    const second = await this.#manifest({ ...reference, digest }, digest, options);
    if (second.target.kind === 'layer') return { root, manifest: second.digest, layer: second.target.layer };
    throw new OciError('WrongArtifact', image, 'its index leads to another index');
  }

  async #manifest(
    reference: ImageReference,
    name: string,
    { credentials, signal, artifact = componentArtifact }: PullOptions,
  ): Promise<{ digest: string; target: Target }> {
    const image = formatReference(reference);
    const headers = { accept: ACCEPT };
    const response = await this.#registries.get({ reference, path: `manifests/${name}`, headers, credentials, signal });
    const bytes = await readAll(response, MAX_MANIFEST_BYTES, image, signal, this.#stallMs);
    const digest = digestOf(bytes);
    const told = response.headers.get('docker-content-digest');
    for (const wanted of [reference.digest, told ?? undefined]) {
      if (wanted !== undefined && wanted.startsWith('sha256:') && wanted !== digest) {
        throw new OciError('DigestMismatch', image, `the registry's manifest has digest ${digest}, not ${wanted}`);
      }
    }
    return { digest, target: readManifest(bytes, image, artifact) };
  }

  async #downloadOnce(reference: ImageReference, layer: Descriptor, options: PullOptions): Promise<Uint8Array> {
    const running = this.#downloads.get(layer.digest);
    if (running !== undefined) return running;
    const started = this.#download(reference, layer, options);
    this.#downloads.set(layer.digest, started);
    try {
      return await started;
    } finally {
      this.#downloads.delete(layer.digest);
    }
  }

  #download(reference: ImageReference, layer: Descriptor, { credentials, signal }: PullOptions): Promise<Uint8Array> {
    const path = `blobs/${layer.digest}`;
    return download(
      layer,
      (offset) => this.#registries.get({ reference, path, headers: fromByte(offset), credentials, signal }),
      this.#cache,
      { image: formatReference(reference), signal, stallMs: this.#stallMs },
    );
  }

  get #stallMs(): number {
    return this.#options.stallMs ?? 15_000;
  }
}

const imageOf = ({ manifest, layer }: Resolved, bytes: Uint8Array, isStale: boolean): OciImage => ({
  bytes,
  digest: layer.digest,
  manifestDigest: manifest,
  isStale,
});

const fromByte = (offset: number): Record<string, string> => (offset === 0 ? {} : { range: `bytes=${offset}-` });

function mirrored(reference: ImageReference, mirror: string): ImageReference {
  const slash = mirror.indexOf('/');
  if (slash < 0) return { ...reference, registry: mirror };
  return {
    ...reference,
    registry: mirror.slice(0, slash),
    repository: `${mirror.slice(slash + 1)}/${reference.repository}`,
  };
}
