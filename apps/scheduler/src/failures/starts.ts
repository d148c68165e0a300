import { conditionTypes, findCondition, labels, type WorkloadObject } from '@kasmcloud/kube-api';
import { shareOf } from '../plan/facts.ts';
import type { Start } from './failures.ts';

/** Reasons that say nothing against the place: what was asked for is wrong, or pods take the time that Kubernetes gives them. */
const NOT_OF_THE_PLACE: ReadonlySet<string> = new Set([
  'ConfigMissing',
  'ContainersOff',
  'InvalidAddress',
  'InvalidComponent',
  'InvalidLimits',
  'Progressing',
]);

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
    const isFailed = ready.status === 'False' && !NOT_OF_THE_PLACE.has(reason) && now - Date.parse(time) >= graceMs;
    const outcome = ready.status === 'True' ? 'Ready' : isFailed ? 'Failed' : 'Open';
    return [{ host: shareOf(workload).host, revision, outcome, reason, message, time } as const];
  });
