import {
  annotations,
  GitSource,
  labels,
  MANAGED_BY_LATTICE,
  WasmCloudDistribution,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { RefusedError } from './refused.ts';

/** Whose an object is, in words, when it is not the lattice's own: only what came over NATS may be changed over NATS. */
export function ownerOf({ kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>): string | undefined {
  const { name, namespace, labels: said = {} } = metadata;
  const where = namespace === undefined ? '' : `${namespace}/`;
  const source = said[labels.gitSource];
  if (source !== undefined) {
    const origin = metadata.annotations?.[annotations.gitOrigin];
    return `${GitSource.kind} ${where}${source}${origin === undefined ? '' : ` (${origin})`}`;
  }
  const application = said[labels.application];
  const distribution = said[labels.distribution];
  if (distribution !== undefined)
    return `${WasmCloudDistribution.kind} ${where}${distribution}${application === undefined ? '' : ` of Application ${where}${application}`}`;
  if (application !== undefined) return `Application ${where}${application}`;
  // What the repeater saw on the lattice came over NATS, too.
  if (said[labels.managedBy] === MANAGED_BY_LATTICE || said[labels.observed] !== undefined) return undefined;
  return `whoever made ${kind} ${where}${name} in Kubernetes`;
}

/** @throws RefusedError naming the owner */
export function requireOwn(what: string, object: Pick<KubeObject, 'kind' | 'metadata'>): void {
  const owner = ownerOf(object);
  if (owner !== undefined) throw new RefusedError(`${what} belongs to ${owner}: change it there`);
}
