import {
  conditionTypes,
  isConditionTrue,
  labels,
  MANAGED_BY_LATTICE,
  PODS_HOST,
  type ActorObject,
  type ProviderObject,
  type WorkloadObject,
} from '@kasmcloud/kube-api';
import { memberHosts, type Host, type MemberObjects } from '@kasmcloud/placement';
import { MANAGED_BY } from '../dispatch/desired.ts';

export { clusterLabels } from '@kasmcloud/placement';

/** Everything of one member that a plan depends on. Of a member that cannot be reached, what was seen last. */
export type MemberFacts = MemberObjects;

export type HostFacts = MemberObjects['hosts'][number];

/** Whether a writer of ours made it: what others run only takes room. */
export const isOurs = ({ metadata }: WorkloadObject): boolean => metadata.labels?.[labels.managedBy] === MANAGED_BY;

/** Started by others than us, on a host that is driven by resources: what the repeater only observed needs nothing here. */
export const isGuest = (workload: ActorObject | ProviderObject): boolean =>
  !isOurs(workload) && workload.metadata.labels?.[labels.observed] === undefined;

/**
 * Whether it came over NATS: the repeater saw it on a legacy host, or a client of the lattice, such as wadm, had it started.
 * A Distribution that runs the same id takes it over.
 */
export const isAdoptable = ({ metadata }: Pick<WorkloadObject, 'metadata'>): boolean =>
  metadata.deletionTimestamp === undefined &&
  (metadata.labels?.[labels.observed] !== undefined || metadata.labels?.[labels.managedBy] === MANAGED_BY_LATTICE);

/** Hosts of a member, with the cluster's labels and with what others than us run on them. */
export const toHosts = (member: MemberFacts): Host[] => memberHosts(member, isOurs);

/** On which host of its cluster a workload is, and how many replicas it stands for. */
export function shareOf({ spec }: { readonly spec: WorkloadObject['spec'] }): {
  readonly host: string;
  readonly replicas: number;
} {
  if ('container' in spec) return { host: PODS_HOST, replicas: spec.container.replicas ?? 1 };
  return { host: spec.hostName, replicas: 'instances' in spec ? spec.instances : 1 };
}

/** Whether what it says is about what was written last. */
export const isTold = ({ metadata, status }: WorkloadObject): boolean =>
  status?.observedGeneration === metadata.generation;

/** How many of its replicas run as they were last written: of pods some may, on a host all do or none. */
export function readyReplicasOf(workload: WorkloadObject): number {
  const { spec, status } = workload;
  const { replicas } = shareOf(workload);
  if (!isTold(workload)) return 0;
  if (isConditionTrue(status?.conditions, conditionTypes.ready)) return replicas;
  const pods = 'container' in spec && status !== undefined && 'readyReplicas' in status ? status.readyReplicas : 0;
  return Math.min(replicas, pods ?? 0);
}
