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
import { revisionOf } from './revision.ts';

type Workload = ActorObject | ProviderObject;
type ByCluster = ReadonlyMap<string, readonly Workload[]>;

/** Below every decision: nobody decided it. */
const NO_EPOCH = 0;

/**
 * What runs for a Distribution although nothing was decided for it: left over from one of the same name that was orphaned, or
 * running on legacy hosts under its id (`observed`), as wadm or somebody with `wash` started it. Told as if it had been decided,
 * so that what can stay is taken over and the rest is removed. Only a Distribution whose status was never told is looked at
 * like this: later, what runs without a Placement is only not gone yet.
 */
export function foundIn(
  distribution: DistributionObject,
  stored: readonly PlacementObject[],
  workloads: ByCluster,
  observed: ByCluster,
): PlacementObject[] {
  const { metadata, status } = distribution;
  if (status !== undefined || stored.length > 0) return [];
  const { name, namespace = '' } = metadata;
  return [...new Set([...workloads.keys(), ...observed.keys()])].flatMap((cluster): PlacementObject[] => {
    const own = workloads.get(cluster) ?? [];
    const places = new Set(own.map(({ spec }) => spec.hostName));
    const others = (observed.get(cluster) ?? []).filter(({ spec }) => !places.has(spec.hostName));
    const standing = [...own, ...others];
    const [first] = standing;
    if (first === undefined) return [];
    const revision = revisionIn(first, distribution);
    const hosts = standing.map((one) => ({
      host: one.spec.hostName,
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

const isObserved = ({ metadata }: Workload): boolean => metadata.labels?.[labels.observed] !== undefined;

/**
 * A workload that tells no revision is of none that is known. What a legacy host runs tells only its image: it is the
 * Distribution's own when that is the same, so that it need not stop.
 */
function revisionIn(workload: Workload, { spec }: DistributionObject): string {
  const isSame = isObserved(workload) && workload.spec.image === (spec.actor ?? spec.provider)?.image;
  return workload.metadata.labels?.[labels.revision] ?? (isSame ? revisionOf(spec) : 'unknown');
}

/** Legacy hosts may run a component without any bound: more than a Distribution wants in all is never its own. */
function replicasOf(workload: Workload, { spec }: DistributionObject): number {
  const running = 'instances' in workload.spec ? workload.spec.instances : 1;
  return isObserved(workload) ? Math.min(running, Math.max(1, spec.replicas ?? 1)) : running;
}
