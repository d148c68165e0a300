import { builtin, labels, typeMeta } from '@kasmcloud/kube-api';
import { AlreadyExistsError, type KubeClient } from '@kasmcloud/kube';
import { RefusedWriteError } from './refused.ts';
import { MANAGED_BY } from './desired.ts';

/**
 * The lattice's namespace in a member: made when absent, and refused when it was there before and nobody labelled it as
 * shared with us (DESIGN §10). `kube-*` namespaces are never used.
 */
export async function ensureLatticeNamespace(member: KubeClient, name: string, signal: AbortSignal): Promise<void> {
  if (name.startsWith('kube-'))
    throw new RefusedWriteError('NamespaceNotShared', `namespace ${name} belongs to Kubernetes`);
  const standing = await member.find(builtin.Namespace, name, undefined, { signal });
  if (standing === undefined) return createNamespace(member, name, signal);
  if (standing.metadata.labels?.[labels.lattice] !== undefined) return;
  throw new RefusedWriteError(
    'NamespaceNotShared',
    `namespace ${name} exists in the member without the label ${labels.lattice}: label it to let this lattice use it`,
  );
}

async function createNamespace(member: KubeClient, name: string, signal: AbortSignal): Promise<void> {
  const namespace = {
    ...typeMeta(builtin.Namespace),
    metadata: { name, labels: { [labels.lattice]: '', [labels.managedBy]: MANAGED_BY } },
  };
  try {
    await member.create(builtin.Namespace, namespace, { signal });
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
  }
}
