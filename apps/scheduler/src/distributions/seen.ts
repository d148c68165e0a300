import {
  conditionTypes,
  isConditionTrue,
  labels,
  type ActorObject,
  type DistributionObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import type { Member } from '../clusters/member.ts';
import { replicasOf, revisionIn } from '../plan/adoption.ts';
import { isTold, readyReplicasOf, shareOf } from '../plan/facts.ts';

/** What the workload of a Distribution on one host says. */
export interface Seen {
  /** What it was written for; undefined for one that an older scheduler wrote. */
  readonly revision: string | undefined;
  /** Replicas that run as they were last written; 0 until the host has seen that. */
  readonly ready: number;
  /** Replicas of which that is not known yet. */
  readonly awaited: number;
}

/**
 * What the workloads of a Distribution say, by `cluster/host`, and what runs for it until it is taken over. Of a member that
 * is out of reach, what they said last.
 *
 * @param key of the Distribution
 */
export function seenOf(
  members: { entries(): Iterable<readonly [string, Pick<Member, 'workloadsOf' | 'adoptableFor'>]> },
  key: string,
  distribution: DistributionObject | undefined,
): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const [cluster, member] of members.entries()) {
    for (const workload of member.workloadsOf(key)) {
      const path = `${cluster}/${shareOf(workload).host}`;
      const revision = workload.metadata.labels?.[labels.revision];
      const before = seen.get(path);
      seen.set(path, {
        revision,
        ready: readyReplicasOf(workload) + (before?.ready ?? 0),
        awaited: (isTold(workload) ? 0 : shareOf(workload).replicas) + (before?.awaited ?? 0),
      });
    }
    if (distribution === undefined) continue;
    for (const workload of member.adoptableFor(distribution)) {
      const path = `${cluster}/${workload.spec.hostName}`;
      if (!seen.has(path)) seen.set(path, adoptedAs(workload, distribution));
    }
  }
  return seen;
}

function adoptedAs(workload: ActorObject | ProviderObject, distribution: DistributionObject): Seen {
  const isReady = isConditionTrue(workload.status?.conditions, conditionTypes.ready);
  return {
    revision: revisionIn(workload, distribution),
    ready: isReady ? replicasOf(workload, distribution) : 0,
    awaited: 0,
  };
}

/** By `cluster/host`: replicas that are Ready, and those that had no time to become it since they were written. */
export const standingIn = (seen: ReadonlyMap<string, Seen>): Map<string, number> =>
  new Map([...seen].map(([path, { ready, awaited }]) => [path, ready + awaited]));
