import { createHash, sign, type KeyObject } from 'node:crypto';
import type { DockerRegistry } from './docker-registry.ts';

/** Signatures of images as cosign writes them, made here: so that tests need neither the program nor its services. */
const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
const ociIndex = 'application/vnd.oci.image.index.v1+json';
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const empty = 'application/vnd.oci.empty.v1+json';

/** Where an image is. */
export interface SignedImage {
  readonly registry: DockerRegistry;
  readonly repository: string;
  /** Of its manifest. */
  readonly digest: string;
}

/** ECDSA in DER, RSA with PKCS #1 v1.5, or Ed25519, over SHA-256 where there is a hash. */
export const cosignSign = (key: KeyObject, bytes: Uint8Array): string =>
  sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', bytes, key).toString('base64');

/** What cosign signs in its older form, the simple-signing payload. */
export const simpleSigning = (digest: string, type = 'cosign container image signature'): Buffer =>
  Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': 'registry.example/any' },
        image: { 'docker-manifest-digest': digest },
        type,
      },
      optional: null,
    }),
  );

/** `sha256-<hex>.sig` in the image's repository, with one layer for each signature. */
export async function pushSignatures(
  { registry, repository, digest }: SignedImage,
  signatures: readonly { readonly payload: Uint8Array; readonly signature: string }[],
): Promise<void> {
  const config = await registry.pushBlob(repository, Buffer.from('{}'));
  const layers = await Promise.all(
    signatures.map(async ({ payload, signature }) => ({
      mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
      ...(await registry.pushBlob(repository, payload)),
      annotations: { 'dev.cosignproject.cosign/signature': signature },
    })),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: ociManifest,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers,
  };
  await registry.pushManifest(repository, `${digest.replace(':', '-')}.sig`, ociManifest, JSON.stringify(manifest));
}

/** A sigstore bundle with a signed in-toto statement about a digest, as `cosign sign --new-bundle-format` with a key. */
export function signatureBundle(
  key: KeyObject,
  digest: string,
  predicateType = 'https://sigstore.dev/cosign/sign/v1',
): string {
  const payloadType = 'application/vnd.in-toto+json';
  const payload = Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: digest.slice('sha256:'.length) }, annotations: {} }],
      predicateType,
      predicate: {},
    }),
  );
  const encoded = Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `),
    payload,
  ]);
  return JSON.stringify({
    mediaType: bundleType,
    verificationMaterial: { publicKey: { hint: 'a-key' } },
    dsseEnvelope: { payload: payload.toString('base64'), payloadType, signatures: [{ sig: cosignSign(key, encoded) }] },
  });
}

/** Bundles as referrers of an image, listed under the fallback tag, as where a registry has no list of referrers. */
export async function pushBundles(
  { registry, repository, digest }: SignedImage,
  bundles: readonly string[],
): Promise<void> {
  const config = { mediaType: empty, ...(await registry.pushBlob(repository, Buffer.from('{}'))) };
  const manifests = await Promise.all(
    bundles.map(async (bundle) => {
      const layer = await registry.pushBlob(repository, Buffer.from(bundle));
      const manifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: ociManifest,
        artifactType: bundleType,
        config,
        layers: [{ mediaType: bundleType, ...layer }],
        subject: { mediaType: ociManifest, digest, size: 1 },
      });
      const own = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
      await registry.pushManifest(repository, own, ociManifest, manifest);
      return { mediaType: ociManifest, artifactType: bundleType, digest: own, size: manifest.length };
    }),
  );
  const index = JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests });
  await registry.pushManifest(repository, digest.replace(':', '-'), ociIndex, index);
}

/** A ClusterImagePolicy that wants one of these keys, given as PEM, for images of a glob. */
export const imagePolicy = (name: string, glob: string, keys: readonly string[], mode = 'enforce'): object => ({
  apiVersion: 'policy.sigstore.dev/v1beta1',
  kind: 'ClusterImagePolicy',
  metadata: { name },
  spec: { mode, images: [{ glob }], authorities: keys.map((data, index) => ({ name: `key-${index}`, key: { data } })) },
});
