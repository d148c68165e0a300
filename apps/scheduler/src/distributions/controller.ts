import {
  fieldManagers,
  labels,
  WasmCloudDistribution,
  WasmCloudPlacement,
  type DistributionObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { NotFoundError, type KubeClient } from '@kasmcloud/kube';
import type { Members } from '../clusters/members.ts';
import type { Hub } from '../plan/hub.ts';
import type { Planner } from '../plan/planner.ts';
import { revisionOf, sha256 } from '../plan/revision.ts';
import { distributionStatus, readyIn, type SeenWorkload } from './status.ts';

export interface DistributionStatusOptions {
  readonly hub: Pick<Hub, 'client' | 'distributions' | 'placementsOf'>;
  readonly members: Pick<Members, 'entries'>;
  readonly planner: Pick<Planner, 'planOf'>;
  /** RFC 3339. */
  readonly now: () => string;
}

/** A status that was written, for events. */
export interface Told {
  readonly before: DistributionObject;
  readonly after: DistributionObject;
}

/** Tells a Distribution what was decided for it and what its members report. Writes only what changed. */
export async function tellDistribution(
  options: DistributionStatusOptions,
  key: string,
  signal: AbortSignal,
): Promise<Told | undefined> {
  const { hub, members, planner, now } = options;
  const distribution = hub.distributions.get(key);
  if (distribution === undefined) return undefined;
  const { name, namespace = '' } = distribution.metadata;
  const planned = planner.planOf(key);
  // A new leader that has not planned yet knows nothing better than what is told already.
  if (planned === undefined) return undefined;
  const placements = hub.placementsOf(key);
  const workloads = new Map(members.entries().map(([cluster, member]) => [cluster, member.workloadsOf(key)]));
  for (const placement of placements) await tellPlacement(hub.client, placement, workloads, signal);
  const status = distributionStatus({
    distribution,
    revision: revisionOf(distribution.spec),
    plan: planned.plan,
    planHash: planned.hash,
    placements,
    workloads,
    selector: `${labels.distribution}=${name}`,
    now: now(),
  });
  if (sha256(status) === sha256(distribution.status ?? {})) return undefined;
  const call = { subresource: 'status', fieldManager: fieldManagers.scheduler, force: true, signal } as const;
  const after = await hub.client.apply<DistributionObject>(
    WasmCloudDistribution,
    { metadata: { name, namespace }, status },
    call,
  );
  return { before: distribution, after };
}

async function tellPlacement(
  hub: KubeClient,
  placement: PlacementObject,
  workloads: ReadonlyMap<string, readonly SeenWorkload[]>,
  signal: AbortSignal,
): Promise<void> {
  const readyReplicas = readyIn(workloads.get(placement.spec.cluster) ?? [], placement);
  if (placement.status?.readyReplicas === readyReplicas) return;
  const { name, namespace = '' } = placement.metadata;
  const options = { fieldManager: fieldManagers.scheduler, signal };
  try {
    await hub.patchStatus(WasmCloudPlacement, { metadata: { name, namespace } }, { readyReplicas }, options);
  } catch (error) {
    // It was removed meanwhile: nobody asks for it any more.
    if (!(error instanceof NotFoundError)) throw error;
  }
}
