import { labels, MANAGED_BY_LATTICE, type ActorObject, type ProviderObject } from '@kasmcloud/kube-api';
import { memberHosts, type Host, type MemberObjects } from '@kasmcloud/placement';
import { MANAGED_BY } from '../dispatch/desired.ts';

export { clusterLabels } from '@kasmcloud/placement';

/** Everything of one member that a plan depends on. Of a member that cannot be reached, what was seen last. */
export type MemberFacts = MemberObjects;

export type HostFacts = MemberObjects['hosts'][number];

/** Whether a writer of ours made it: what others run only takes room. */
export const isOurs = ({ metadata }: ActorObject | ProviderObject): boolean =>
  metadata.labels?.[labels.managedBy] === MANAGED_BY;

/** Started by others than us, on a host that is driven by resources: what the repeater only observed needs nothing here. */
export const isGuest = (workload: ActorObject | ProviderObject): boolean =>
  !isOurs(workload) && workload.metadata.labels?.[labels.observed] === undefined;

/**
 * Whether it came over NATS: the repeater saw it on a legacy host, or a client of the lattice, such as wadm, had it started.
 * A Distribution that runs the same id takes it over.
 */
export const isAdoptable = ({ metadata }: ActorObject | ProviderObject): boolean =>
  metadata.deletionTimestamp === undefined &&
  (metadata.labels?.[labels.observed] !== undefined || metadata.labels?.[labels.managedBy] === MANAGED_BY_LATTICE);

/** Hosts of a member, with the cluster's labels and with what others than us run on them. */
export const toHosts = (member: MemberFacts): Host[] => memberHosts(member, isOurs);
