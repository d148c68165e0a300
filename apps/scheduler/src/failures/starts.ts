import { conditionTypes, findCondition, labels, type ActorObject, type ProviderObject } from '@kasmcloud/kube-api';
import type { Start } from './failures.ts';

/** Reasons that are about what was asked for: no other host would do better. */
const OF_THE_SPEC: ReadonlySet<string> = new Set([
  'ConfigMissing',
  'InvalidAddress',
  'InvalidComponent',
  'InvalidLimits',
]);

/**
 * How the starts of some workloads went. A refusal counts once it has lasted for `graceMs`, because a host tries again by
 * itself: what it lacked may be on its way. `now`: milliseconds since the epoch.
 */
export const startsOf = (
  workloads: readonly (ActorObject | ProviderObject)[],
  { now, graceMs }: { readonly now: number; readonly graceMs: number },
): Start[] =>
  workloads.flatMap(({ metadata, spec, status }) => {
    const ready = findCondition(status?.conditions, conditionTypes.ready);
    const revision = metadata.labels?.[labels.revision];
    if (ready === undefined || revision === undefined || status?.observedGeneration !== metadata.generation) return [];
    const { reason, message, lastTransitionTime: time } = ready;
    const isFailed = ready.status === 'False' && !OF_THE_SPEC.has(reason) && now - Date.parse(time) >= graceMs;
    const outcome = ready.status === 'True' ? 'Ready' : isFailed ? 'Failed' : 'Open';
    return [{ host: spec.hostName, revision, outcome, reason, message, time } as const];
  });
