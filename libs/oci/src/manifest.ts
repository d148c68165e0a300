import { z } from 'zod';
import { OciError } from './error.ts';

export const manifestTypes = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
} as const;

/** Layer media types that hold a raw component. `tar` is a name that old tools gave to the same bytes. */
export const componentTypes: ReadonlySet<string> = new Set([
  'application/wasm',
  'application/vnd.wasm.content.layer.v1+wasm',
  'application/vnd.module.wasm.content.layer.v1+wasm',
  'application/vnd.oci.image.layer.v1.tar',
]);

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

/** What a manifest leads to: the component itself, or the manifest that is for WebAssembly. */
export type Target =
  { readonly kind: 'layer'; readonly layer: Descriptor } | { readonly kind: 'manifest'; readonly manifest: Descriptor };

/** Reads an image manifest or an index of them. @throws {OciError} NotWasm, told with what was found instead */
export function readManifest(bytes: Uint8Array, image: string): Target {
  const notWasm = (why: string): OciError => new OciError('NotWasm', image, why);
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw notWasm('its manifest is not JSON');
  }
  const asIndex = index.safeParse(json);
  if (asIndex.success) {
    const { manifests } = asIndex.data;
    const chosen = manifests.find(({ platform }) => platform?.architecture === 'wasm') ?? onlyOne(manifests);
    if (chosen === undefined) throw notWasm('its index has no manifest for architecture wasm');
    return { kind: 'manifest', manifest: chosen };
  }
  const read = manifest.safeParse(json);
  if (!read.success) throw notWasm(`its manifest cannot be read: ${z.prettifyError(read.error)}`);
  const layer = onlyOne(read.data.layers);
  if (layer === undefined) throw notWasm(`it has ${read.data.layers.length} layers; a component has one`);
  if (!componentTypes.has(layer.mediaType)) {
    throw notWasm(`its layer is ${layer.mediaType}; a component is one of ${[...componentTypes].join(', ')}`);
  }
  return { kind: 'layer', layer };
}

const onlyOne = <T>(items: readonly T[]): T | undefined => (items.length === 1 ? items[0] : undefined);
