import { conditionTypes, findCondition, labels, type WorkloadObject } from '@kasmcloud/kube-api';
import { shareOf } from '../plan/facts.ts';
import { isOfTheSpec, type Start } from './failures.ts';

/**
 * How the starts of some workloads went. A refusal counts once it has lasted for `graceMs`, because a host tries again by
 * itself: what it lacked may be on its way. `now`: milliseconds since the epoch.
 */
export const startsOf = (
  workloads: readonly WorkloadObject[],
  { now, graceMs }: { readonly now: number; readonly graceMs: number },
): Start[] =>
  workloads.flatMap((workload) => {
    const { metadata, status } = workload;
    const ready = findCondition(status?.conditions, conditionTypes.ready);
    const revision = metadata.labels?.[labels.revision];
    if (ready === undefined || revision === undefined || status?.observedGeneration !== metadata.generation) return [];
    const { reason, message, lastTransitionTime: time } = ready;
    // Pods take the time that Kubernetes gives them.
    const isOver = ready.status === 'False' && reason !== 'Progressing' && now - Date.parse(time) >= graceMs;
    const refusal = isOfTheSpec(ready) ? 'Refused' : 'Failed';
    const outcome = ready.status === 'True' ? 'Ready' : isOver ? refusal : 'Open';
    return [{ host: shareOf(workload).host, revision, outcome, reason, message, time } as const];
  });
