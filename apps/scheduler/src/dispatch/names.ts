import { createHash } from 'node:crypto';
import { keyOf, labels, type KubeObject } from '@kasmcloud/kube-api';

/** Longest name that still leaves room for suffixes of controllers. */
const NAME_LIMIT = 200;

/**
 * Name of the Actor or Provider of a Distribution on a host: the same two always give the same name, so that a writer
 * that crashed between two lines writes over what it wrote.
 */
export function workloadName(distribution: string, host: string): string {
  return `${distribution.slice(0, NAME_LIMIT)}-${shortHash(`${distribution}/${host}`)}`;
}

/** Name of a Secret in a member that was carried there for a Distribution. */
export function carriedSecretName(distribution: string, secret: string): string {
  return `${distribution.slice(0, NAME_LIMIT)}-secret-${shortHash(`${distribution}/${secret}`)}`;
}

/** Name of a Secret in a member that was carried there for the links of its lattice: they share it. */
export function linkSecretName(secret: string): string {
  return `${secret.slice(0, NAME_LIMIT)}-of-links-${shortHash(secret)}`;
}

export const isCarriedSecretName = (name: string, distribution: string): boolean =>
  name.startsWith(`${distribution.slice(0, NAME_LIMIT)}-secret-`);

/** Name of the Placement of a Distribution in a cluster. */
export function placementName(distribution: string, cluster: string): string {
  const name = `${distribution}.${cluster}`;
  return name.length <= NAME_LIMIT ? name : `${name.slice(0, NAME_LIMIT)}-${shortHash(name)}`;
}

/** The Distribution that an object in a member belongs to, as `namespace/name`. */
export function distributionKeyOf({ metadata }: Pick<KubeObject, 'metadata'>): string | undefined {
  const name = metadata.labels?.[labels.distribution];
  return name === undefined ? undefined : keyOf({ metadata: { ...metadata, name } });
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 10);
