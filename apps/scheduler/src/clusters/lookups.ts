import type { ActorObject, ProviderObject, WorkloadObject } from '@kasmcloud/kube-api';
import { distributionKeyOf } from '../dispatch/names.ts';
import { isAdoptable, isGuest, isOurs } from '../plan/facts.ts';

/** By what the workloads of a member are looked up. */

export const hostOfForeign = (workload: ActorObject | ProviderObject): string[] =>
  isOurs(workload) ? [] : [workload.spec.hostName];

export const latticeOfGuest = (workload: ActorObject | ProviderObject): string[] =>
  isGuest(workload) ? [workload.metadata.namespace ?? ''] : [];

export const idOfAdoptable = (workload: ActorObject | ProviderObject): string[] =>
  isAdoptable(workload) ? [`${workload.metadata.namespace}/${workload.spec.id}`] : [];

export function distributionOfOwn(workload: WorkloadObject): string[] {
  const key = isOurs(workload) ? distributionKeyOf(workload) : undefined;
  return key === undefined ? [] : [key];
}
