import { keyOf, type DistributionObject, type PlacementObject } from '@kasmcloud/kube-api';
import { readDistribution, type Avoidance, type Current, type Distribution, type Snapshot } from '@kasmcloud/placement';
import { toCluster, toHosts, type MemberFacts } from './facts.ts';
import { revisionOf } from './revision.ts';

export interface SnapshotInput {
  readonly members: readonly MemberFacts[];
  readonly distributions: readonly DistributionObject[];
  readonly placements: readonly PlacementObject[];
  /** Milliseconds since the epoch: failures older than `avoidMs` are forgiven. */
  readonly now: number;
  readonly avoidMs: number;
}

export interface PlannerInput {
  readonly snapshot: Snapshot;
  /** The Distributions of the snapshot, by key. */
  readonly distributions: ReadonlyMap<string, { readonly object: DistributionObject; readonly revision: string }>;
}

/**
 * Everything that a plan depends on, as plain data. What runs now is what was last decided (the stored Placements): it
 * also holds for a cluster that cannot be reached. A Distribution on its way out is not planned.
 */
export function takeSnapshot(input: SnapshotInput): PlannerInput {
  const stored = Map.groupBy(input.placements, ({ metadata, spec }) => `${metadata.namespace}/${spec.distribution}`);
  const known = new Set(input.members.map(({ cluster }) => cluster.metadata.name));
  const live = input.distributions.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const distributions = new Map(
    live.map((object) => [keyOf(object), { object, revision: revisionOf(object.spec) }] as const),
  );
  return {
    distributions,
    snapshot: {
      clusters: input.members.map(toCluster),
      hosts: input.members.flatMap(toHosts),
      distributions: [...distributions].map(([key, { object, revision }]) =>
        toDistribution(object, revision, stored.get(key) ?? [], known, input),
      ),
    },
  };
}

function toDistribution(
  { metadata, spec }: DistributionObject,
  revision: string,
  placements: readonly PlacementObject[],
  known: ReadonlySet<string>,
  { now, avoidMs }: SnapshotInput,
): Distribution {
  return readDistribution(spec, {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    revision,
    current: placements.filter((placement) => known.has(placement.spec.cluster)).flatMap(currentOf),
    avoid: placements.flatMap((placement) => avoidanceOf(placement, now, avoidMs)),
  });
}

const currentOf = ({ spec }: PlacementObject): Current[] =>
  spec.hosts.map(({ host, replicas }) => ({ cluster: spec.cluster, host, replicas }));

const avoidanceOf = ({ spec, status }: PlacementObject, now: number, avoidMs: number): Avoidance[] =>
  (status?.failures ?? [])
    .filter(({ time }) => now - Date.parse(time) < avoidMs)
    .map(({ host, revision }) => ({ revision, cluster: spec.cluster, host }));
