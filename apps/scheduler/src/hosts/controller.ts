import { fieldManagers, WasmCloudHost, type ClusterObject, type HostObject } from '@kasmcloud/kube-api';
import type { Member } from '../clusters/member.ts';
import { hasLabels, ownedLabels, silentConditions } from './desired.ts';

export interface HostUpkeep {
  /** RFC 3339. */
  readonly now: string;
  /** Milliseconds since the host was first seen Lost; undefined when it is not. */
  readonly lostForMs: (host: string) => number | undefined;
  readonly goneAfterMs: number;
}

/**
 * Keeps a member's host objects true: labels of its cluster, Ready=Unknown while its Lease is late, and removal when it
 * has been Lost for long. Reads the store, writes the difference.
 */
export async function keepHost(
  member: Pick<Member, 'client' | 'livenessOf'>,
  cluster: ClusterObject,
  host: HostObject,
  { now, lostForMs, goneAfterMs }: HostUpkeep,
  signal: AbortSignal,
): Promise<void> {
  const { name, uid, resourceVersion } = host.metadata;
  const liveness = member.livenessOf(name);
  if (liveness === 'Lost' && (lostForMs(name) ?? 0) > goneAfterMs) {
    await member.client.delete(WasmCloudHost, name, undefined, { uid, signal });
    return;
  }
  const wanted = ownedLabels(cluster);
  if (!hasLabels(host, wanted)) {
    // A merge patch, because `spec` is required by the schema and not ours to tell.
    const options = { type: 'merge', fieldManager: fieldManagers.scheduler, signal } as const;
    await member.client.patch(WasmCloudHost, name, undefined, { metadata: { labels: wanted } }, options);
  }
  const conditions = silentConditions(host, liveness, now);
  if (conditions === undefined) return;
  // Only over what was read: the host may be taking Ready back at this moment.
  const metadata = { name, ...(resourceVersion !== undefined && { resourceVersion }) };
  await member.client.patchStatus(WasmCloudHost, { metadata }, { conditions }, { signal });
}
