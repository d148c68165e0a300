import { builtin, fieldManagers, labels, typeMeta, type KubeObject } from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { sha256 } from '../plan/revision.ts';
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
    if (foreign || (standing !== undefined && sha256(standing.data ?? {}) === sha256(source.data ?? {}))) continue;
    const copy = {
      ...typeMeta(builtin.ConfigMap),
      metadata: { name, namespace, labels: { [labels.config]: '', [labels.managedBy]: MANAGED_BY } },
      data: source.data ?? {},
    };
    await member.apply(builtin.ConfigMap, copy, { fieldManager: fieldManagers.writer, force: true, signal });
  }
}
