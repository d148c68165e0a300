import {
  conditionTypes,
  isConditionTrue,
  labels,
  type ActorObject,
  type DistributionObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import type { Members } from '../clusters/members.ts';
import { replicasOf, revisionIn } from '../plan/adoption.ts';

/** What the workload of a Distribution on one host says. */
export interface Seen {
  /** What it was written for; undefined for one that an older scheduler wrote. */
  readonly revision: string | undefined;
  /** Replicas that run as they were last written; 0 until the host has seen that. */
  readonly ready: number;
}

/**
 * What the workloads of a Distribution say, by `cluster/host`, and what runs for it until it is taken over. Of a member that
 * is out of reach, what they said last.
 *
 * @param key of the Distribution
 */
export function seenOf(
  members: Pick<Members, 'entries'>,
  key: string,
  distribution: DistributionObject | undefined,
): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const [cluster, member] of members.entries()) {
    for (const workload of member.workloadsOf(key)) {
      const path = `${cluster}/${workload.spec.hostName}`;
      const { revision, ready } = seenIn(workload);
      seen.set(path, { revision, ready: ready + (seen.get(path)?.ready ?? 0) });
    }
    if (distribution === undefined) continue;
    for (const workload of member.adoptableFor(distribution)) {
      const path = `${cluster}/${workload.spec.hostName}`;
      if (!seen.has(path)) seen.set(path, adoptedAs(workload, distribution));
    }
  }
  return seen;
}

function seenIn({ metadata, spec, status }: ActorObject | ProviderObject): Seen {
  const isReady =
    isConditionTrue(status?.conditions, conditionTypes.ready) && status?.observedGeneration === metadata.generation;
  const instances = 'instances' in spec ? spec.instances : 1;
  return { revision: metadata.labels?.[labels.revision], ready: isReady ? instances : 0 };
}

function adoptedAs(workload: ActorObject | ProviderObject, distribution: DistributionObject): Seen {
  const isReady = isConditionTrue(workload.status?.conditions, conditionTypes.ready);
  return {
    revision: revisionIn(workload, distribution),
    ready: isReady ? replicasOf(workload, distribution) : 0,
  };
}

/** Ready replicas by `cluster/host`. */
export const readyOf = (seen: ReadonlyMap<string, Seen>): Map<string, number> =>
  new Map([...seen].map(([path, { ready }]) => [path, ready]));
