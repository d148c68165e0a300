/** What an image is to hold: which layer, and which manifest of an index. */
export interface Artifact {
  readonly noun: string;
  readonly layerTypes: ReadonlySet<string>;
  /** Architecture of a platform in an index. */
  readonly architecture: string;
}

/** `tar` is a name that old tools gave to the same bytes. */
const LEGACY = 'application/vnd.oci.image.layer.v1.tar';

export const componentArtifact: Artifact = {
  noun: 'a component',
  layerTypes: new Set([
    'application/wasm',
    'application/vnd.wasm.content.layer.v1+wasm',
    'application/vnd.module.wasm.content.layer.v1+wasm',
    LEGACY,
  ]),
  architecture: 'wasm',
};

/** Architectures as OCI has them, by Node's names. */
const ociArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** A provider archive (`.par`), for the architecture that Node calls `arch`. */
export const providerArtifact = (arch: string): Artifact => ({
  noun: 'a provider archive',
  layerTypes: new Set(['application/vnd.wasmcloud.provider.archive.layer.v1+par', LEGACY]),
  architecture: ociArchitectures[arch] ?? arch,
});
