import { fieldManagers, labels, keyOf, WasmCloudDistribution, type DistributionObject } from '@kasmcloud/kube-api';
import type { Members } from '../clusters/members.ts';
import type { Hub } from '../plan/hub.ts';
import type { Planner } from '../plan/planner.ts';
import { revisionOf, sha256 } from '../plan/revision.ts';
import { distributionStatus, type SeenWorkload } from './status.ts';

export interface DistributionStatusOptions {
  readonly hub: Pick<Hub, 'client' | 'distributions' | 'placements'>;
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
  const status = distributionStatus({
    distribution,
    revision: revisionOf(distribution.spec),
    plan: planned?.plan,
    planHash: planned?.hash,
    placements: hub.placements
      .list()
      .filter(({ metadata, spec }) => metadata.namespace === namespace && spec.distribution === name),
    workloads: new Map(members.entries().map(([cluster, member]) => [cluster, workloadsOf(member, namespace, name)])),
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

function workloadsOf(
  member: ReturnType<Members['entries']>[number][1],
  namespace: string,
  distribution: string,
): SeenWorkload[] {
  return [...member.actors.list(), ...member.providers.list()].filter(
    ({ metadata }) => metadata.namespace === namespace && metadata.labels?.[labels.distribution] === distribution,
  );
}

/** The Distribution that an object in a member belongs to, as `namespace/name`. */
export const distributionKeyOf = (object: {
  metadata: { namespace?: string; name: string; labels?: Record<string, string> };
}): string | undefined => {
  const name = object.metadata.labels?.[labels.distribution];
  return name === undefined ? undefined : keyOf({ metadata: { ...object.metadata, name } });
};
