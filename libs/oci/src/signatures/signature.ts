import { verify } from 'node:crypto';
import { z } from 'zod';
import type { Authority } from './policy.ts';

/** Media types and names of cosign (SIGNATURE_SPEC) and of sigstore's bundles. */
export const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
export const SIGNATURE_ANNOTATION = 'dev.cosignproject.cosign/signature';
export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const COSIGN_TYPE = 'cosign container image signature';
const IN_TOTO = 'application/vnd.in-toto+json';
const STATEMENTS: ReadonlySet<string> = new Set([
  'https://in-toto.io/Statement/v1',
  'https://in-toto.io/Statement/v0.1',
]);
/** Attestations are bundles too, signed with the same keys: only this one says that the image is signed. */
const SIGN_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';

/** Bytes that were signed, the signature over them, and the image that they are about. */
export interface Signature {
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** Digest of the manifest that is said to be signed. */
  readonly subject: string;
}

/** What a registry has as a signature is none that can be read. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';
}

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const simpleSigning = z.object({
  critical: z.object({ type: z.string(), image: z.object({ 'docker-manifest-digest': digest }) }),
});
const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/);
const bundle = z.object({
  mediaType: z.literal(BUNDLE_TYPE),
  dsseEnvelope: z.object({
    payloadType: z.string(),
    payload: base64,
    signatures: z.array(z.object({ sig: base64 })).length(1),
  }),
});
const statement = z.object({
  _type: z.string(),
  subject: z.array(z.object({ digest: z.record(z.string(), z.string()) })).length(1),
  predicateType: z.string(),
});

/** A layer of cosign's `.sig` image: the payload, and its annotation. @throws {SignatureError} */
export function readSimpleSigning(payload: Uint8Array, annotation: unknown): Signature {
  const signature = base64.safeParse(annotation);
  if (!signature.success) throw new SignatureError(`its annotation ${SIGNATURE_ANNOTATION} is no base64`);
  const { critical } = parse(simpleSigning, payload, 'its payload');
  if (critical.type !== COSIGN_TYPE) throw new SignatureError(`its type is ${JSON.stringify(critical.type)}`);
  return {
    signed: payload,
    signature: Buffer.from(signature.data, 'base64'),
    subject: critical.image['docker-manifest-digest'],
  };
}

/** A sigstore bundle with the statement that an image is signed. @throws {SignatureError} */
export function readBundle(bytes: Uint8Array): Signature {
  const { dsseEnvelope } = parse(bundle, bytes, 'its bundle');
  const { payloadType, payload, signatures } = dsseEnvelope;
  if (payloadType !== IN_TOTO) throw new SignatureError(`its payload is ${JSON.stringify(payloadType)}`);
  const body = Buffer.from(payload, 'base64');
  const { _type: type, subject, predicateType } = parse(statement, body, 'its statement');
  if (!STATEMENTS.has(type)) throw new SignatureError(`its statement is ${JSON.stringify(type)}`);
  if (predicateType !== SIGN_PREDICATE)
    throw new SignatureError(`it says ${JSON.stringify(predicateType)}, not that it signs`);
  const sha256 = digest.safeParse(`sha256:${subject[0]?.digest['sha256']}`);
  if (!sha256.success) throw new SignatureError('its subject has no sha256 digest');
  return {
    signed: preAuthEncoding(payloadType, body),
    signature: Buffer.from(signatures[0]?.sig ?? '', 'base64'),
    subject: sha256.data,
  };
}

/** What a DSSE envelope signs (DSSE protocol v1, PAE). */
const preAuthEncoding = (type: string, body: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `), body]);

/** Whether a key made the signature: ECDSA in DER, RSA with PKCS #1 v1.5, Ed25519 over the bytes themselves. */
export const isSignedBy = (
  { signed, signature }: Signature,
  { key, hash }: Extract<Authority, { kind: 'key' }>,
): boolean => {
  try {
    return verify(key.asymmetricKeyType === 'ed25519' ? null : hash, signed, key, signature);
  } catch {
    // OpenSSL throws for some that it cannot read at all.
    return false;
  }
};

function parse<T>(schema: z.ZodType<T>, bytes: Uint8Array, what: string): T {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new SignatureError(`${what} is not JSON`, { cause });
  }
  const read = schema.safeParse(json);
  if (!read.success) throw new SignatureError(`${what} cannot be read: ${z.prettifyError(read.error)}`);
  return read.data;
}
