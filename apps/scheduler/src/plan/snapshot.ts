import {
  keyOf,
  type DistributionObject,
  type LinkObject,
  type ObjectMeta,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import {
  hostPorts,
  placementsByKey,
  readDistribution,
  readNamespace,
  toSnapshot,
  type Distribution,
  type DistributionFacts,
  type NamespaceBounds,
  type Snapshot,
} from '@kasmcloud/placement';
import { avoidedBy, standingOf } from '../failures/avoidance.ts';
import { isOurs, type MemberFacts } from './facts.ts';
import { intentOf, revisionOf } from './revision.ts';

/** What else a plan depends on: bounds of namespaces, and the ports that links ask for. */
export interface Surroundings {
  readonly namespaces: readonly Pick<ObjectMeta, 'name' | 'annotations'>[];
  readonly linksIn: (namespace: string) => readonly LinkObject[];
  readonly configOf: (namespace: string, name: string) => Readonly<Record<string, string>> | undefined;
}

/** A Distribution of the snapshot, with the hashes that its Placements carry. */
export interface Planned {
  readonly object: DistributionObject;
  readonly revision: string;
  readonly intent: string;
}

/** What the plan of a Distribution depends on besides its object. */
export interface Circumstances {
  /** What is stored of it. */
  readonly placements: readonly PlacementObject[];
  /** Whether there is a cluster of that name. */
  readonly isKnown: (cluster: string) => boolean;
  readonly surroundings: Surroundings;
  /** Replicas that are Ready on a host of the Distribution now, by `cluster/host`. */
  readonly readyOn: ReadonlyMap<string, number>;
  /** A revision of it that is being tried over another one. */
  readonly tried: string | undefined;
  /** Whether a host, by `cluster/host`, can be told something now. */
  readonly isBack: (path: string) => boolean;
  /** Milliseconds since the epoch: failures are forgiven in time. */
  readonly now: number;
}

export interface SnapshotInput extends Omit<Circumstances, 'isKnown' | 'readyOn' | 'tried' | 'isBack'> {
  /** By key of the Distribution. */
  readonly readyOn: (distribution: string) => Circumstances['readyOn'];
  readonly members: readonly MemberFacts[];
  readonly distributions: readonly DistributionObject[];
}

export interface PlannerInput {
  readonly snapshot: Snapshot;
  /** The Distributions of the snapshot, by key. */
  readonly distributions: ReadonlyMap<string, Planned>;
}

/** Everything that a plan depends on, as plain data. A Distribution on its way out is not planned. */
export function takeSnapshot(input: SnapshotInput): PlannerInput {
  const { members, distributions, placements, surroundings } = input;
  const stored = placementsByKey(placements);
  const back = new Set(
    members.flatMap(({ cluster, reach, hosts }) =>
      reach === 'Reachable'
        ? hosts
            .filter(({ liveness }) => liveness === 'Ready')
            .map(({ object }) => `${cluster.metadata.name}/${object.metadata.name}`)
        : [],
    ),
  );
  const isBack = (path: string): boolean => back.has(path);
  const known = new Set(members.map(({ cluster }) => cluster.metadata.name));
  const planned = distributions.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(hashed);
  const world = toSnapshot({ members, planned: [], isOurs, namespaces: boundsOf(surroundings) });
  return {
    snapshot: {
      ...world,
      distributions: planned.map((one) => {
        const key = keyOf(one.object);
        const own = { placements: stored.get(key) ?? [], readyOn: input.readyOn(key), tried: undefined, isBack };
        return toDistribution(one, { ...input, ...own, isKnown: (name) => known.has(name) });
      }),
    },
    distributions: new Map(planned.map((one) => [keyOf(one.object), one])),
  };
}

export const hashed = (object: DistributionObject): Planned => ({
  object,
  revision: revisionOf(object.spec),
  intent: intentOf(object.spec),
});

/** An annotation that cannot be read bounds to 0, which the plan then names. */
export const boundsOf = ({ namespaces }: Pick<Surroundings, 'namespaces'>): NamespaceBounds[] =>
  namespaces.flatMap((namespace) => readNamespace(namespace).bounds ?? []);

/** A Distribution as the planner sees it. */
const toDistribution = (planned: Planned, circumstances: Circumstances): Distribution =>
  readDistribution(planned.object.spec, distributionFacts(planned, circumstances));

/**
 * What the planner must know of a Distribution besides its spec. What runs now is what was last decided (the stored
 * Placements): that also holds for a cluster that cannot be reached.
 */
export function distributionFacts(
  { object, revision, intent }: Planned,
  { placements, isKnown, surroundings, readyOn, tried, now, isBack }: Circumstances,
): DistributionFacts {
  const { name, namespace = '', labels = {} } = object.metadata;
  return {
    namespace,
    name,
    labels,
    revision,
    ports: portsOf(object, surroundings),
    changed:
      placements.some(({ spec }) => spec.intent !== undefined && spec.intent !== intent) ||
      (!runsSomewhere(placements, readyOn) && placements.some((one) => standsForAnother(one, revision))),
    current: placements
      .filter(({ spec }) => isKnown(spec.cluster))
      .flatMap((placement) => standingOf(placement, { readyOn, tried, now, isBack })),
    avoid: placements.flatMap((placement) => avoidedBy(placement, now)),
  };
}

/**
 * Of what never ran nothing is worth keeping where it is: after an image that nobody could start, replicas stand where they
 * were tried last, and are placed anew with the one that replaces it.
 */
const standsForAnother = ({ spec }: PlacementObject, revision: string): boolean =>
  spec.hosts.some((host) => host.replicas > 0 && (host.revision ?? spec.revision) !== revision);

/** Of a member that was never seen, its Placement tells what ran there. */
const runsSomewhere = (placements: readonly PlacementObject[], readyOn: ReadonlyMap<string, number>): boolean =>
  [...readyOn.values()].some((count) => count > 0) || placements.some(({ status }) => (status?.readyReplicas ?? 0) > 0);

/** Ports of its host that a provider takes because its links say so. */
function portsOf({ metadata, spec }: DistributionObject, { linksIn, configOf }: Surroundings): string[] {
  const { namespace = '' } = metadata;
  if (spec.provider === undefined) return [];
  const listening = linksIn(namespace).map((link) => ({
    namespace,
    source: link.spec.source,
    sourceConfig: link.spec.sourceConfig ?? [],
  }));
  return hostPorts({ id: spec.provider.id, namespace }, listening, (name) => configOf(namespace, name));
}
