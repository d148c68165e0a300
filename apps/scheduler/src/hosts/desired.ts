import {
  conditionTypes,
  findCondition,
  labels,
  setCondition,
  type ClusterObject,
  type Condition,
  type HostObject,
} from '@kasmcloud/kube-api';
import type { HostFacts } from '../plan/facts.ts';

/** Labels that the scheduler owns on a host: they come from its WasmCloudCluster, never from the host. */
export function ownedLabels(cluster: ClusterObject): Record<string, string> {
  return {
    [labels.cluster]: cluster.metadata.name,
    ...(cluster.spec.region !== undefined && { [labels.region]: cluster.spec.region }),
    ...(cluster.spec.zone !== undefined && { [labels.zone]: cluster.spec.zone }),
  };
}

export const hasLabels = ({ metadata }: HostObject, wanted: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([key, value]) => metadata.labels?.[key] === value);

/**
 * Conditions of a host whose Lease is late; undefined when there is nothing to write. A host that renews takes Ready
 * back by itself.
 */
export function silentConditions(
  { status }: HostObject,
  liveness: HostFacts['liveness'],
  now: string,
): Condition[] | undefined {
  if (liveness === 'Ready') return undefined;
  const { reason, message } = silences[liveness];
  const before = findCondition(status?.conditions, conditionTypes.ready);
  if (before?.status === 'Unknown' && before.reason === reason) return undefined;
  return setCondition(status?.conditions, { type: conditionTypes.ready, status: 'Unknown', reason, message }, now);
}

const silences = {
  Suspect: { reason: 'HostSuspect', message: 'its Lease is late' },
  Lost: { reason: 'HostLost', message: 'its Lease is not renewed; what ran here is replaced' },
  Unknown: {
    reason: 'HostUnknown',
    message:
      'its Lease is not renewed, and so many others are not, or the repeater that speaks for it: what runs here stands',
  },
} as const;
