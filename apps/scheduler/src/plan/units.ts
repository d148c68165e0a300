import type { DistributionObject, PlacementObject } from '@kasmcloud/kube-api';
import { holdsAny, type ClusterPlan } from '@kasmcloud/placement';
import type { Seen } from '../distributions/seen.ts';
import type { Policy } from '../rollout/policy.ts';
import { pathOf, type Unit } from '../rollout/unit.ts';

/** What is known of a host besides its workloads. */
export type HostSight = Pick<Unit, 'reach' | 'swapsInPlace' | 'isGone'>;

export interface UnitFacts {
  readonly plan: readonly ClusterPlan[];
  readonly stored: readonly PlacementObject[];
  /** By `cluster/host`. */
  readonly seen: ReadonlyMap<string, Seen>;
  /** Since when each `cluster/host` is Ready with what is seen there. */
  readonly readySince: ReadonlyMap<string, number>;
  readonly hostOf: (cluster: string, host: string) => HostSight;
  readonly stageOf: (cluster: string) => number;
}

/** Every host where a Distribution is, or is to be. */
export function unitsOf({ plan, stored, seen, readySince, hostOf, stageOf }: UnitFacts): Unit[] {
  const places = new Map<string, Pick<Unit, 'cluster' | 'host' | 'planned' | 'held' | 'lost' | 'revision'>>();
  const nothing = { planned: 0, held: 0, revision: undefined };
  for (const { spec } of stored)
    for (const { host, replicas, leaving = 0, lost, revision = spec.revision } of spec.hosts) {
      const held = { held: replicas + leaving, revision, ...(lost !== undefined && { lost }) };
      const place = { ...nothing, cluster: spec.cluster, host, ...held };
      places.set(pathOf(place), place);
    }
  for (const { cluster, hosts } of plan)
    for (const { host, replicas } of hosts) {
      const place = { ...nothing, cluster, host };
      const path = pathOf(place);
      places.set(path, { ...(places.get(path) ?? place), planned: replicas });
    }
  return [...places].map(([path, place]) => {
    const { revision, ready, awaited } = seen.get(path) ?? nothingSeen;
    return {
      ...place,
      seen: revision,
      ready,
      awaited,
      readySince: readySince.get(path),
      ...hostOf(place.cluster, place.host),
      stage: stageOf(place.cluster),
    };
  });
}

const nothingSeen: Seen = { revision: undefined, ready: 0, awaited: 0 };

/** The first stage to which a cluster belongs; one that is in none comes last. */
export function stageIn({ stages }: Pick<Policy, 'stages'>, clusterLabels: Readonly<Record<string, string>>): number {
  const index = stages.findIndex(({ clusters }) => holdsAny(clusters, clusterLabels));
  return index === -1 ? stages.length : index;
}

/** Stages that somebody approved for a revision. */
export const approvedStages = ({ metadata }: DistributionObject, annotation: string, revision: string): Set<string> =>
  new Set(
    (metadata.annotations?.[annotation] ?? '')
      .split(',')
      .map((entry) => entry.trim().split('/'))
      .flatMap(([of, stage]) => (of === revision && stage !== undefined ? [stage] : [])),
  );
