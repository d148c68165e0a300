import { builtin, fieldManagers, labels, typeMeta, type KubeObject } from '@kasmcloud/kube-api';
import { ForbiddenError, type KubeClient } from '@kasmcloud/kube';
import { sameJson } from '../same-json.ts';
import { MANAGED_BY } from './desired.ts';

type ConfigMap = KubeObject & { readonly data?: Record<string, string> };

/**
 * Copies the named ConfigMaps of a lattice from the hub into a member. One that the hub lacks, or that the hub has
 * without the config label, is left out: a member may have its own, and the host says what is missing.
 */
export async function copyConfig(
  hub: KubeClient,
  member: KubeClient,
  namespace: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const name of names) {
    const source = await hub.find<ConfigMap>(builtin.ConfigMap, name, namespace, { signal });
    if (source?.metadata.labels?.[labels.config] === undefined) continue;
    const standing = await member.find<ConfigMap>(builtin.ConfigMap, name, namespace, { signal });
    const foreign = standing !== undefined && standing.metadata.labels?.[labels.managedBy] !== MANAGED_BY;
    if (foreign || (standing !== undefined && sameJson(standing.data ?? {}, source.data ?? {}))) continue;
    const copy = {
      ...typeMeta(builtin.ConfigMap),
      metadata: { name, namespace, labels: { [labels.config]: '', [labels.managedBy]: MANAGED_BY } },
      data: source.data ?? {},
    };
    await member.apply(builtin.ConfigMap, copy, { fieldManager: fieldManagers.writer, force: true, signal });
  }
}

/**
 * Takes away the copies of a lattice that nothing in the member needs any more. `inUse` is asked only when there are copies
 * besides those that are surely needed.
 */
export async function dropConfig(
  member: KubeClient,
  namespace: string,
  needed: { readonly surely: readonly string[]; readonly inUse: () => Promise<ReadonlySet<string>> },
  signal: AbortSignal,
): Promise<void> {
  const copies = (await listCopies(member, namespace, signal)).filter(({ name }) => !needed.surely.includes(name));
  if (copies.length === 0) return;
  const keep = await needed.inUse();
  for (const { name, uid, resourceVersion } of copies)
    if (!keep.has(name)) await member.delete(builtin.ConfigMap, name, namespace, { uid, resourceVersion, signal });
}

async function listCopies(
  member: KubeClient,
  namespace: string,
  signal: AbortSignal,
): Promise<ConfigMap['metadata'][]> {
  const labelSelector = `${labels.config},${labels.managedBy}=${MANAGED_BY}`;
  try {
    const { items } = await member.list<ConfigMap>(builtin.ConfigMap, { namespace, labelSelector, signal });
    return items.map(({ metadata }) => metadata);
  } catch (error) {
    // Whoever may not see ConfigMaps there has not copied any.
    if (error instanceof ForbiddenError) return [];
    throw error;
  }
}
