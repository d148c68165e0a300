import { z } from 'zod';
import type { Artifact } from './artifact.ts';
import { OciError } from './error.ts';

export const manifestTypes = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
} as const;

/** The OCI limit: a registry need not take a larger one. */
export const MAX_MANIFEST_BYTES = 4 * 2 ** 20;

const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().min(0),
  platform: z.object({ architecture: z.string() }).optional(),
});
export type Descriptor = z.infer<typeof descriptor>;

const manifest = z.object({ layers: z.array(descriptor).min(1).max(1_000) });
const index = z.object({ manifests: z.array(descriptor).min(1).max(1_000) });

/** What a manifest leads to: the layer that was asked for, or the manifest for its architecture. */
export type Target =
  { readonly kind: 'layer'; readonly layer: Descriptor } | { readonly kind: 'manifest'; readonly manifest: Descriptor };

/** Reads an image manifest or an index of them. @throws {OciError} WrongArtifact, told with what was found instead */
export function readManifest(bytes: Uint8Array, image: string, artifact: Artifact): Target {
  const { noun, layerTypes, architecture } = artifact;
  const wrong = (why: string): OciError => new OciError('WrongArtifact', image, why);
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw wrong('its manifest is not JSON');
  }
  const asIndex = index.safeParse(json);
  if (asIndex.success) {
    const { manifests } = asIndex.data;
    const chosen = manifests.find(({ platform }) => platform?.architecture === architecture) ?? onlyOne(manifests);
    if (chosen === undefined) throw wrong(`its index has no manifest for architecture ${architecture}`);
    return { kind: 'manifest', manifest: chosen };
  }
  const read = manifest.safeParse(json);
  if (!read.success) throw wrong(`its manifest cannot be read: ${z.prettifyError(read.error)}`);
  const layer = onlyOne(read.data.layers);
  if (layer === undefined) throw wrong(`it has ${read.data.layers.length} layers; ${noun} has one`);
  if (!layerTypes.has(layer.mediaType)) {
    throw wrong(`its layer is ${layer.mediaType}; ${noun} is one of ${[...layerTypes].join(', ')}`);
  }
  return { kind: 'layer', layer };
}

const onlyOne = <T>(items: readonly T[]): T | undefined => (items.length === 1 ? items[0] : undefined);
