import { conditionTypes, isConditionTrue, labels, type ActorObject, type ProviderObject } from '@kasmcloud/kube-api';
import type { Members } from '../clusters/members.ts';

/** What the workload of a Distribution on one host says. */
export interface Seen {
  /** What it was written for; undefined for one that an older scheduler wrote. */
  readonly revision: string | undefined;
  /** Replicas that run as they were last written; 0 until the host has seen that. */
  readonly ready: number;
}

/** What the workloads of a Distribution say, by `cluster/host`. Of a member that is out of reach, what they said last. */
export function seenOf(members: Pick<Members, 'entries'>, distribution: string): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const [cluster, member] of members.entries())
    for (const workload of member.workloadsOf(distribution)) {
      const path = `${cluster}/${workload.spec.hostName}`;
      const { revision, ready } = seenIn(workload);
      seen.set(path, { revision, ready: ready + (seen.get(path)?.ready ?? 0) });
    }
  return seen;
}

function seenIn({ metadata, spec, status }: ActorObject | ProviderObject): Seen {
  const isReady =
    isConditionTrue(status?.conditions, conditionTypes.ready) && status?.observedGeneration === metadata.generation;
  const instances = 'instances' in spec ? spec.instances : 1;
  return { revision: metadata.labels?.[labels.revision], ready: isReady ? instances : 0 };
}

/** Ready replicas by `cluster/host`. */
export const readyOf = (seen: ReadonlyMap<string, Seen>): Map<string, number> =>
  new Map([...seen].map(([path, { ready }]) => [path, ready]));
