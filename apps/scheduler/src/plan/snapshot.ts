import { keyOf, type DistributionObject, type PlacementObject } from '@kasmcloud/kube-api';
import { avoidanceOf, currentOf, placementsByKey, toSnapshot, type Snapshot } from '@kasmcloud/placement';
import { isOurs, type MemberFacts } from './facts.ts';
import { intentOf, revisionOf } from './revision.ts';

/** How long a host where a start failed is avoided. */
export const AVOID_MS = 5 * 60_000;

export interface SnapshotInput {
  readonly members: readonly MemberFacts[];
  readonly distributions: readonly DistributionObject[];
  readonly placements: readonly PlacementObject[];
  /** Milliseconds since the epoch: failures older than `avoidMs` are forgiven. */
  readonly now: number;
  readonly avoidMs: number;
}

/** A Distribution of the snapshot, with the hashes that its Placements carry. */
export interface Planned {
  readonly object: DistributionObject;
  readonly revision: string;
  readonly intent: string;
}

export interface PlannerInput {
  readonly snapshot: Snapshot;
  /** The Distributions of the snapshot, by key. */
  readonly distributions: ReadonlyMap<string, Planned>;
}

/**
 * Everything that a plan depends on, as plain data. What runs now is what was last decided (the stored Placements): it
 * also holds for a cluster that cannot be reached. A Distribution on its way out is not planned.
 */
export function takeSnapshot({ members, distributions, placements, now, avoidMs }: SnapshotInput): PlannerInput {
  const stored = placementsByKey(placements);
  const known = new Set(members.map(({ cluster }) => cluster.metadata.name));
  const isRecent = (time: string): boolean => now - Date.parse(time) < avoidMs;
  const planned = distributions
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((object) => {
      const decided = stored.get(keyOf(object)) ?? [];
      const intent = intentOf(object.spec);
      return {
        object,
        revision: revisionOf(object.spec),
        intent,
        changed: decided.some(({ spec }) => spec.intent !== undefined && spec.intent !== intent),
        current: decided.filter(({ spec }) => known.has(spec.cluster)).flatMap(currentOf),
        avoid: decided.flatMap((placement) => avoidanceOf(placement, isRecent)),
      };
    });
  return {
    snapshot: toSnapshot({ members, planned, isOurs }),
    distributions: new Map(
      planned.map(({ object, revision, intent }) => [keyOf(object), { object, revision, intent }]),
    ),
  };
}
