import {
  labels,
  typeMeta,
  WasmCloudPlacement,
  type ActorObject,
  type DistributionObject,
  type PlacementObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { placementName } from '../dispatch/names.ts';

/** Below every decision: nobody decided it. */
const NO_EPOCH = 0;

/**
 * What runs for a Distribution although nothing was decided for it: left over from one of the same name that was orphaned.
 * Told as if it had been decided, so that what can stay is taken over and the rest is removed. Only a Distribution whose
 * status was never told is looked at like this: later, what runs without a Placement is only not gone yet.
 */
export function foundIn(
  { metadata, status }: DistributionObject,
  stored: readonly PlacementObject[],
  workloads: ReadonlyMap<string, readonly (ActorObject | ProviderObject)[]>,
): PlacementObject[] {
  if (status !== undefined || stored.length > 0) return [];
  const { name, namespace = '' } = metadata;
  return [...workloads].flatMap(([cluster, standing]): PlacementObject[] => {
    const [first] = standing;
    if (first === undefined) return [];
    const revision = revisionOf(first);
    const hosts = standing.map((one) => ({
      host: one.spec.hostName,
      replicas: 'instances' in one.spec ? one.spec.instances : 1,
      ...(revisionOf(one) !== revision && { revision: revisionOf(one) }),
    }));
    return [
      {
        ...typeMeta(WasmCloudPlacement),
        metadata: { name: placementName(name, cluster), namespace },
        spec: { distribution: name, cluster, epoch: NO_EPOCH, revision, hosts },
      },
    ];
  });
}

/** A workload that tells no revision is of none that is known. */
const revisionOf = ({ metadata }: ActorObject | ProviderObject): string =>
  metadata.labels?.[labels.revision] ?? 'unknown';
