import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { ImageReference } from '../reference.ts';
import { globMatcher } from './glob.ts';

/** The policy cannot be read, or asks for what is not supported: nothing is admitted by half of a policy. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

/** Whose signature is enough. */
export type Authority =
  | { readonly kind: 'key'; readonly name: string; readonly key: KeyObject; readonly hash: string; readonly id: string }
  | { readonly kind: 'static'; readonly name: string; readonly action: 'pass' | 'fail' };

/** One policy: images that it is about, and authorities of which one has to have signed them. */
export interface ImagePolicy {
  readonly name: string;
  readonly mode: 'enforce' | 'warn';
  readonly authorities: readonly Authority[];
  /** Changes with all that decides. */
  readonly id: string;
  matches(reference: ImageReference): boolean;
}

const authority = z.union([
  z.strictObject({
    name: z.string().min(1).max(253).optional(),
    key: z.strictObject({
      data: z.string().min(1).max(16_384),
      hashAlgorithm: z.enum(['sha256', 'sha384', 'sha512']).optional(),
    }),
  }),
  z.strictObject({
    name: z.string().min(1).max(253).optional(),
    static: z.object({ action: z.enum(['pass', 'fail']) }),
  }),
]);

/** `ClusterImagePolicy` of sigstore's policy-controller, as far as keys go. */
const clusterImagePolicy = z.object({
  apiVersion: z.enum(['policy.sigstore.dev/v1alpha1', 'policy.sigstore.dev/v1beta1']),
  kind: z.literal('ClusterImagePolicy'),
  metadata: z.object({ name: z.string().min(1).max(253) }),
  spec: z.strictObject({
    mode: z.enum(['enforce', 'warn']).optional(),
    images: z
      .array(z.strictObject({ glob: z.string().min(1).max(1_024) }))
      .min(1)
      .max(1_000),
    authorities: z.array(authority).min(1).max(20),
  }),
});
const list = z.object({
  kind: z.enum(['List', 'ClusterImagePolicyList']),
  items: z.array(clusterImagePolicy).max(1_000),
});

const keyTypes: ReadonlySet<string> = new Set(['ec', 'rsa', 'ed25519']);
const MIN_RSA_BITS = 2_048;

/**
 * Reads policies: one ClusterImagePolicy, or a list of them, as `kubectl get clusterimagepolicies -o json` prints it.
 * Whatever is not supported (keyless, attestations, KMS) is refused.
 *
 * @throws {PolicyError} naming the policy and the field
 */
export function parsePolicies(text: string): readonly ImagePolicy[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new PolicyError('the image policy is not JSON', { cause });
  }
  const isList = typeof json === 'object' && json !== null && 'items' in json;
  const read = isList ? list.safeParse(json) : clusterImagePolicy.safeParse(json);
  if (!read.success) {
    throw new PolicyError(
      `the image policy cannot be read, or uses what is not supported: ${z.prettifyError(read.error)}`,
    );
  }
  const found = 'items' in read.data ? read.data.items : [read.data];
  return found.map(policyOf);
}

function policyOf({ metadata, spec }: z.infer<typeof clusterImagePolicy>): ImagePolicy {
  const { name } = metadata;
  const authorities = spec.authorities.map((one, index) => authorityOf(name, one, index));
  const matchers = spec.images.map(({ glob }) => globMatcher(glob));
  return {
    name,
    mode: spec.mode ?? 'enforce',
    authorities,
    id: createHash('sha256')
      .update(JSON.stringify([name, spec]))
      .digest('hex'),
    matches: (reference) => matchers.some((matches) => matches(reference)),
  };
}

function authorityOf(policy: string, one: z.infer<typeof authority>, index: number): Authority {
  // The name that policy-controller gives one without.
  const name = one.name ?? `authority-${index}`;
  if ('static' in one) return { kind: 'static', name, action: one.static.action };
  const wrong = (why: string, cause?: unknown): PolicyError =>
    new PolicyError(`policy ${policy}: key.data of authority ${name} ${why}`, { cause });
  if (!one.key.data.includes('-----BEGIN PUBLIC KEY-----')) throw wrong('is no PEM public key');
  let key: KeyObject;
  try {
    key = createPublicKey(one.key.data);
  } catch (cause) {
    throw wrong('is no PEM public key', cause);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  const { asymmetricKeyType: type = 'unknown' } = key;
  if (!keyTypes.has(type)) throw wrong(`is of type ${type}; ${[...keyTypes].join(', ')} are taken`);
  if (type === 'rsa' && bits < MIN_RSA_BITS) throw wrong(`has ${bits} bits; ${MIN_RSA_BITS} are the least`);
  const der = key.export({ type: 'spki', format: 'der' });
  const id = createHash('sha256').update(der).digest('hex').slice(0, 16);
  return { kind: 'key', name, key, hash: one.key.hashAlgorithm ?? 'sha256', id };
}

/** For messages: an authority by its name, a key by the beginning of its SHA-256. */
export const describeAuthority = (one: Authority): string =>
  one.kind === 'key' ? `${one.name} (key sha256:${one.id}…)` : one.name;
