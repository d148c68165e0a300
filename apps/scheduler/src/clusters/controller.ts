import { fieldManagers, WasmCloudCluster } from '@kasmcloud/kube-api';
import type { Hub } from '../plan/hub.ts';
import { sha256 } from '../plan/revision.ts';
import type { Members } from './members.ts';
import { clusterStatus } from './status.ts';

export interface ClusterStatusOptions {
  readonly hub: Pick<Hub, 'client' | 'clusters'>;
  readonly members: Pick<Members, 'get' | 'refusal' | 'reachOf' | 'isHeld'>;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Tells a WasmCloudCluster whether its member answers and what it has. Writes only what changed. */
export async function tellCluster(options: ClusterStatusOptions, name: string, signal: AbortSignal): Promise<void> {
  const { hub, members, nowMs } = options;
  const cluster = hub.clusters.get(name);
  if (cluster === undefined) return;
  const status = clusterStatus(
    cluster,
    {
      member: members.get(name),
      reach: members.reachOf(name),
      isHeld: members.isHeld(name),
      refusal: members.refusal(name),
    },
    nowMs,
  );
  if (sha256(status) === sha256(cluster.status ?? {})) return;
  const call = { subresource: 'status', fieldManager: fieldManagers.scheduler, force: true, signal } as const;
  await hub.client.apply(WasmCloudCluster, { metadata: { name }, status }, call);
}
