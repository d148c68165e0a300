import {
  conditionTypes,
  fieldManagers,
  findCondition,
  labels,
  WasmCloudDistribution,
  WasmCloudPlacement,
  type DistributionObject,
  type PlacementObject,
  type PlacementStatus,
} from '@kasmcloud/kube-api';
import { NotFoundError, type KubeClient } from '@kasmcloud/kube';
import type { Members } from '../clusters/members.ts';
import {
  failuresOf,
  isOfTheSpec,
  refusedWrite,
  type Failure,
  type PlacedFailure,
  type Start,
} from '../failures/failures.ts';
import { startsOf } from '../failures/starts.ts';
import type { Hub } from '../plan/hub.ts';
import type { Planner } from '../plan/planner.ts';
import { revisionOf } from '../plan/revision.ts';
import { sameJson } from '../same-json.ts';
import { distributionStatus, readyIn } from './status.ts';

export interface DistributionStatusOptions {
  readonly hub: Pick<Hub, 'client' | 'distributions' | 'placementsOf'>;
  readonly members: Pick<Members, 'entries'>;
  readonly planner: Pick<Planner, 'stateOf'>;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** A start counts as failed after this long. */
  readonly graceMs: number;
}

/** A status that was written, for events. */
export interface Told {
  readonly before: DistributionObject;
  readonly after: DistributionObject;
}

export interface Telling {
  /** Undefined when there was nothing new to tell. */
  readonly told: Told | undefined;
  /** Those that were not known before. */
  readonly failures: readonly PlacedFailure[];
  /** Milliseconds after which a start that is open may count as failed. */
  readonly nextMs: number | undefined;
}

const NOTHING: Telling = { told: undefined, failures: [], nextMs: undefined };

/** Tells a Distribution what was decided for it and what its members report. Writes only what changed. */
export async function tellDistribution(
  options: DistributionStatusOptions,
  key: string,
  signal: AbortSignal,
): Promise<Telling> {
  const { hub, members, planner, graceMs } = options;
  const distribution = hub.distributions.get(key);
  if (distribution === undefined) return NOTHING;
  const { name, namespace = '' } = distribution.metadata;
  const planned = planner.stateOf(key);
  // A new leader that has not planned yet knows nothing better than what is told already.
  if (planned === undefined) return NOTHING;
  const placements = hub.placementsOf(key);
  const workloads = new Map(members.entries().map(([cluster, member]) => [cluster, member.workloadsOf(key)]));
  const now = options.nowMs();
  const told = placements.map((placement) => {
    const seen = workloads.get(placement.spec.cluster) ?? [];
    const starts = startsOf(seen, { now, graceMs });
    const applied = findCondition(placement.status?.conditions, conditionTypes.applied);
    const failures = failuresOf({ placement, starts, applied, now });
    const write = refusedWrite(applied, placement.spec.revision);
    const refusals = [
      ...starts.filter(({ outcome }) => outcome === 'Refused'),
      ...(write !== undefined && isOfTheSpec(write) ? [write] : []),
    ];
    return { placement, readyReplicas: readyIn(seen, placement), failures, refusals, starts };
  });
  for (const { placement, readyReplicas, failures } of told)
    await tellPlacement(hub.client, placement, { readyReplicas, failures }, signal);
  const status = distributionStatus({
    distribution,
    revision: revisionOf(distribution.spec),
    planned,
    placements,
    workloads,
    failures: told.flatMap(({ placement, failures }) => failures.map((failure) => placed(placement, failure))),
    refusals: told.flatMap(({ placement, refusals }) => refusals.map((refusal) => placed(placement, refusal))),
    selector: `${labels.distribution}=${name}`,
    now: new Date(now).toISOString(),
  });
  const rest = {
    failures: told.flatMap(({ placement, failures }) => newOnes(placement, failures)),
    nextMs: told.some(({ starts }) => starts.some(isOpen)) ? graceMs : undefined,
  };
  if (sameJson(status, distribution.status ?? {})) return { told: undefined, ...rest };
  const call = { subresource: 'status', fieldManager: fieldManagers.scheduler, force: true, signal } as const;
  const after = await hub.client.apply<DistributionObject>(
    WasmCloudDistribution,
    { metadata: { name, namespace }, status },
    call,
  );
  return { told: { before: distribution, after }, ...rest };
}

const isOpen = ({ outcome }: Start): boolean => outcome === 'Open';

const placed = ({ spec }: PlacementObject, failure: Failure): PlacedFailure => ({
  place: failure.host === '' ? spec.cluster : `${spec.cluster}/${failure.host}`,
  failure,
});

function newOnes(placement: PlacementObject, failures: readonly Failure[]): PlacedFailure[] {
  const known = new Set(
    (placement.status?.failures ?? []).map(({ host, revision, time }) => `${host} ${revision} ${time}`),
  );
  return failures
    .filter(({ host, revision, time }) => !known.has(`${host} ${revision} ${time}`))
    .map((failure) => placed(placement, failure));
}

async function tellPlacement(
  hub: KubeClient,
  { metadata, status }: PlacementObject,
  { readyReplicas, failures }: { readonly readyReplicas: number; readonly failures: Failure[] },
  signal: AbortSignal,
): Promise<void> {
  const isSame = sameJson(status?.failures ?? [], failures);
  // Of what is not carried out yet nobody expects a number.
  const known = status?.readyReplicas ?? (status?.appliedEpoch === undefined ? 0 : undefined);
  if (known === readyReplicas && isSame) return;
  const fields: PlacementStatus = { readyReplicas, ...(!isSame && { failures }) };
  const { name, namespace = '' } = metadata;
  const options = { fieldManager: fieldManagers.scheduler, signal };
  try {
    await hub.patchStatus(WasmCloudPlacement, { metadata: { name, namespace } }, fields, options);
  } catch (error) {
    // It was removed meanwhile: nobody asks for it any more.
    if (!(error instanceof NotFoundError)) throw error;
  }
}
