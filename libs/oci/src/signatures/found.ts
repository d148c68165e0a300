import { z } from 'zod';
import { digestOf } from '../blob-cache.ts';
import { OciError } from '../error.ts';
import { manifestTypes, MAX_MANIFEST_BYTES } from '../manifest.ts';
import {
  BUNDLE_TYPE,
  readBundle,
  readSimpleSigning,
  SIGNATURE_ANNOTATION,
  SignatureError,
  SIMPLE_SIGNING,
  type Signature,
} from './signature.ts';

/** How many signatures of an image are looked at, of each form. */
export const MAX_SIGNATURES = 50;
const MAX_SIGNATURE_BYTES = 256 * 1024;

/** Fetches a path of the image's repository; undefined when it is not there. @throws {OciError} */
export type Fetch = (path: string, accept: string, maxBytes: number) => Promise<Uint8Array | undefined>;

/** One that was found, or why what was found is none. */
export type Found =
  { readonly kind: 'signature'; readonly signature: Signature } | { readonly kind: 'fault'; readonly why: string };

const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  artifactType: z.string().optional(),
  annotations: z.record(z.string(), z.unknown()).optional(),
});
type Descriptor = z.infer<typeof descriptor>;
const manifest = z.object({ layers: z.array(descriptor) });
const index = z.object({ manifests: z.array(descriptor) });

/**
 * The signatures of an image that its repository has, as they are asked for: those of cosign's tag `sha256-<hex>.sig`, then
 * the sigstore bundles among its referrers (OCI distribution 1.1 §referrers, or its fallback tag).
 *
 * @throws {OciError} when the registry does not say
 */
export async function* findSignatures(digest: string, fetch: Fetch): AsyncGenerator<Found> {
  const tag = digest.replace(':', '-');
  const { ociManifest, dockerManifest, ociIndex } = manifestTypes;
  const signed = await tolerant(() =>
    fetch(`manifests/${tag}.sig`, `${ociManifest}, ${dockerManifest}`, MAX_MANIFEST_BYTES),
  );
  yield* layersOf(signed, fetch);
  const referrers =
    (await listed(digest, fetch)) ?? (await tolerant(() => fetch(`manifests/${tag}`, ociIndex, MAX_MANIFEST_BYTES)));
  yield* referrersOf(referrers, fetch);
}

/** Registries without referrers say so in many ways. */
async function listed(digest: string, fetch: Fetch): Promise<Uint8Array | undefined> {
  try {
    return await fetch(`referrers/${digest}`, manifestTypes.ociIndex, MAX_MANIFEST_BYTES);
  } catch (error) {
    if (error instanceof OciError && error.reason === 'Unreachable') return undefined;
    throw error;
  }
}

async function* layersOf(signed: Tolerated, fetch: Fetch): AsyncGenerator<Found> {
  if (signed instanceof SignatureError) return yield fault(signed);
  if (signed === undefined) return;
  const layers = read(manifest, signed)?.layers;
  if (layers === undefined) return yield fault(new SignatureError('its manifest cannot be read'));
  for (const layer of layers.filter(({ mediaType }) => mediaType === SIMPLE_SIGNING).slice(0, MAX_SIGNATURES)) {
    const annotation = layer.annotations?.[SIGNATURE_ANNOTATION];
    yield await found(async () => readSimpleSigning(await blob(layer, fetch), annotation));
  }
}

async function* referrersOf(listing: Tolerated, fetch: Fetch): AsyncGenerator<Found> {
  if (listing instanceof SignatureError) return yield fault(listing);
  if (listing === undefined) return;
  const referrers = read(index, listing)?.manifests;
  if (referrers === undefined) return yield fault(new SignatureError('its list of referrers cannot be read'));
  const bundles = referrers.filter(({ artifactType }) => artifactType === BUNDLE_TYPE);
  for (const one of bundles.slice(0, MAX_SIGNATURES)) {
    yield await found(async () => {
      const bytes = await fetch(`manifests/${one.digest}`, manifestTypes.ociManifest, MAX_SIGNATURE_BYTES);
      const layer = read(manifest, checked(one, bytes))?.layers.find(({ mediaType }) => mediaType === BUNDLE_TYPE);
      if (layer === undefined) throw new SignatureError('its referrer has no bundle');
      return readBundle(await blob(layer, fetch));
    });
  }
}

const blob = async (layer: Descriptor, fetch: Fetch): Promise<Uint8Array> =>
  checked(layer, await fetch(`blobs/${layer.digest}`, '*/*', MAX_SIGNATURE_BYTES));

function checked({ digest }: Descriptor, bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new SignatureError(`${digest} is not there`);
  if (digestOf(bytes) !== digest) throw new SignatureError(`the registry has other bytes for ${digest}`);
  return bytes;
}

function read<T>(schema: z.ZodType<T>, bytes: Uint8Array): T | undefined {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/** A signature that cannot be read is none; a registry that does not answer is something else. */
async function found(get: () => Promise<Signature>): Promise<Found> {
  try {
    return { kind: 'signature', signature: await get() };
  } catch (error) {
    return fault(asFault(error));
  }
}

type Tolerated = Uint8Array | undefined | SignatureError;

async function tolerant(get: () => Promise<Uint8Array | undefined>): Promise<Tolerated> {
  try {
    return await get();
  } catch (error) {
    return asFault(error);
  }
}

function asFault(error: unknown): SignatureError {
  if (error instanceof SignatureError) return error;
  if (error instanceof OciError && error.reason === 'TooLarge') return new SignatureError('it is too large');
  throw error;
}

const fault = ({ message }: SignatureError): Found => ({ kind: 'fault', why: message });
