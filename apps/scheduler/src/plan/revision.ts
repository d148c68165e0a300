import { createHash } from 'node:crypto';
import type { DistributionSpec } from '@kasmcloud/kube-api';
import { canonicalBytes, intentBytes, revisionBytes } from '@kasmcloud/placement';

/** SHA-256 of the canonical bytes of any JSON value, in hex. */
export const sha256 = (value: unknown): string => createHash('sha256').update(canonicalBytes(value)).digest('hex');

/** The revision of a Distribution: a short hash of what runs. Where and how many do not change it. */
export const revisionOf = (spec: Pick<DistributionSpec, 'actor' | 'provider' | 'overrides'>): string =>
  createHash('sha256').update(revisionBytes(spec)).digest('hex').slice(0, 12);

/** Where a Distribution wants its replicas, as a short hash: another one makes what stands converge to it. */
export const intentOf = (spec: DistributionSpec): string =>
  createHash('sha256').update(intentBytes(spec)).digest('hex').slice(0, 12);
