import { annotations, builtin, labels, typeMeta } from '@kasmcloud/kube-api';
import { AlreadyExistsError, type KubeClient } from '@kasmcloud/kube';
import { RefusedWriteError } from './refused.ts';
import { MANAGED_BY } from './desired.ts';

/** A lattice, and the hub whose it is. */
export interface Lattice {
  readonly name: string;
  /** What tells the hub from others; empty when that is not known. */
  readonly hubId: string;
}

/**
 * The lattice's namespace in a member: made when absent, with the hub noted for which, and refused when it was there
 * before and nobody labelled it as shared with us, or when it was made for another hub (DESIGN §10). `kube-*` namespaces
 * are never used. A namespace is never deleted.
 */
export async function ensureLatticeNamespace(member: KubeClient, lattice: Lattice, signal: AbortSignal): Promise<void> {
  const { name, hubId } = lattice;
  if (name.startsWith('kube-'))
    throw new RefusedWriteError('NamespaceNotShared', `namespace ${name} belongs to Kubernetes`);
  const standing = await member.find(builtin.Namespace, name, undefined, { signal });
  if (standing === undefined) return createNamespace(member, lattice, signal);
  const owner = standing.metadata.annotations?.[annotations.hub] ?? '';
  if (owner !== '' && hubId !== '' && owner !== hubId)
    throw new RefusedWriteError(
      'NamespaceNotShared',
      `namespace ${name} was made in the member for another hub (${owner}): give this lattice another name, or remove the annotation ${annotations.hub}`,
    );
  if (standing.metadata.labels?.[labels.lattice] !== undefined) return;
  throw new RefusedWriteError(
    'NamespaceNotShared',
    `namespace ${name} exists in the member without the label ${labels.lattice}: label it to let this lattice use it`,
  );
}

async function createNamespace(member: KubeClient, { name, hubId }: Lattice, signal: AbortSignal): Promise<void> {
  const namespace = {
    ...typeMeta(builtin.Namespace),
    metadata: {
      name,
      labels: { [labels.lattice]: '', [labels.managedBy]: MANAGED_BY },
      ...(hubId !== '' && { annotations: { [annotations.hub]: hubId } }),
    },
  };
  try {
    await member.create(builtin.Namespace, namespace, { signal });
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
  }
}
