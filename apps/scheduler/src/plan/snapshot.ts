import {
  keyOf,
  type DistributionObject,
  type LinkObject,
  type ObjectMeta,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import {
  avoidanceOf,
  currentOf,
  hostPorts,
  placementsByKey,
  readNamespace,
  toSnapshot,
  type Snapshot,
} from '@kasmcloud/placement';
import { isOurs, type MemberFacts } from './facts.ts';
import { intentOf, revisionOf } from './revision.ts';

/** How long a host where a start failed is avoided. */
export const AVOID_MS = 5 * 60_000;

/** What else a plan depends on: bounds of namespaces, and the ports that links ask for. */
export interface Surroundings {
  readonly namespaces: readonly Pick<ObjectMeta, 'name' | 'annotations'>[];
  readonly links: readonly LinkObject[];
  readonly configOf: (namespace: string, name: string) => Readonly<Record<string, string>> | undefined;
}

export interface SnapshotInput {
  readonly members: readonly MemberFacts[];
  readonly distributions: readonly DistributionObject[];
  readonly placements: readonly PlacementObject[];
  readonly surroundings: Surroundings;
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
export function takeSnapshot(input: SnapshotInput): PlannerInput {
  const { members, distributions, placements, surroundings, now, avoidMs } = input;
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
        ports: portsOf(object, surroundings),
        changed: decided.some(({ spec }) => spec.intent !== undefined && spec.intent !== intent),
        current: decided.filter(({ spec }) => known.has(spec.cluster)).flatMap(currentOf),
        avoid: decided.flatMap((placement) => avoidanceOf(placement, isRecent)),
      };
    });
  // An annotation that cannot be read bounds to 0, which the plan then names.
  const namespaces = surroundings.namespaces.flatMap((namespace) => readNamespace(namespace).bounds ?? []);
  return {
    snapshot: toSnapshot({ members, planned, isOurs, namespaces }),
    distributions: new Map(
      planned.map(({ object, revision, intent }) => [keyOf(object), { object, revision, intent }]),
    ),
  };
}

/** Ports of its host that a provider takes because its links say so. */
function portsOf({ metadata, spec }: DistributionObject, { links, configOf }: Surroundings): string[] {
  const { namespace = '' } = metadata;
  if (spec.provider === undefined) return [];
  const listening = links
    .filter((link) => link.metadata.namespace === namespace)
    .map((link) => ({ namespace, source: link.spec.source, sourceConfig: link.spec.sourceConfig ?? [] }));
  return hostPorts({ id: spec.provider.id, namespace }, listening, (name) => configOf(namespace, name));
}
