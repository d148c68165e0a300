import type { WorkloadObject } from '@kasmcloud/kube-api';

/**
 * What became of an Actor or Provider. `report`: only what its host says of it is other. `written`: it is new, or of a
 * later decision, as after a writer's own write. `removed`: it is gone. `workload`: anything else, such as an edit by hand.
 */
export type WorkloadChange = 'report' | 'written' | 'removed' | 'workload';

export function workloadChange(before: WorkloadObject | undefined, after: WorkloadObject | undefined): WorkloadChange {
  if (after === undefined) return 'removed';
  if (before === undefined) return 'written';
  if (isSameWish(before, after)) return 'report';
  return (after.spec.epoch ?? 0) > (before.spec.epoch ?? 0) ? 'written' : 'workload';
}

/** Labels say what it belongs to and what it runs, and no generation counts their changes. */
const isSameWish = ({ metadata: before }: WorkloadObject, { metadata: after }: WorkloadObject): boolean =>
  before.uid === after.uid &&
  before.generation === after.generation &&
  before.deletionTimestamp === after.deletionTimestamp &&
  JSON.stringify(before.labels) === JSON.stringify(after.labels);
