import {
  labels,
  typeMeta,
  WasmCloudPlacement,
  type DistributionObject,
  type PlacementObject,
  type WorkloadObject,
} from '@kasmcloud/kube-api';
import { placementName } from '../dispatch/names.ts';
import { isAdoptable, shareOf } from './facts.ts';
import { revisionOf } from './revision.ts';

type ByCluster = ReadonlyMap<string, readonly WorkloadObject[]>;

/** Below every decision: nobody decided it. */
const NO_EPOCH = 0;

/**
 * What runs for a Distribution although nothing was decided for it: left over from one of the same name that was orphaned, or
 * `adoptable`, as wadm or somebody with `wash` started it under its id. Told as if it had been decided, so that what can stay
 * is taken over and the rest is removed. Only a Distribution whose status was never told is looked at
 * like this: later, what runs without a Placement is only not gone yet.
 */
export function foundIn(
  distribution: DistributionObject,
  stored: readonly PlacementObject[],
  workloads: ByCluster,
  adoptable: ByCluster,
): PlacementObject[] {
  const { metadata, status } = distribution;
  if (status !== undefined || stored.length > 0) return [];
  const { name, namespace = '' } = metadata;
  // What runs on a host never becomes pods: it is ended.
  const near = distribution.spec.provider?.container === undefined ? adoptable : new Map<string, WorkloadObject[]>();
  return [...new Set([...workloads.keys(), ...near.keys()])].flatMap((cluster): PlacementObject[] => {
    const own = workloads.get(cluster) ?? [];
    const places = new Set(own.map((one) => shareOf(one).host));
    const others = (near.get(cluster) ?? []).filter((one) => !places.has(shareOf(one).host));
    const standing = [...own, ...others];
    const [first] = standing;
    if (first === undefined) return [];
    const revision = revisionIn(first, distribution);
    const hosts = standing.map((one) => ({
      host: shareOf(one).host,
      replicas: replicasOf(one, distribution),
      ...(revisionIn(one, distribution) !== revision && { revision: revisionIn(one, distribution) }),
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

/**
 * A workload that tells no revision is of none that is known. What came over NATS tells only its image: it is the
 * Distribution's own when that is the same, so that it need not stop.
 */
export function revisionIn(workload: WorkloadObject, { spec }: DistributionObject): string {
  const isSame = isAdoptable(workload) && workload.spec.image === (spec.actor ?? spec.provider)?.image;
  return workload.metadata.labels?.[labels.revision] ?? (isSame ? revisionOf(spec) : 'unknown');
}

/** Who starts a component may set it no bound: more than a Distribution wants in all is never its own. */
export function replicasOf(workload: WorkloadObject, { spec }: DistributionObject): number {
  const running = shareOf(workload).replicas;
  return isAdoptable(workload) ? Math.min(running, Math.max(1, spec.replicas ?? 1)) : running;
}
