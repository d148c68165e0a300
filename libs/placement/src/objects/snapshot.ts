import {
  keyOf,
  PODS_HOST,
  type ActorObject,
  type ClusterObject,
  type DistributionObject,
  type DistributionSpec,
  type HostObject,
  type PlacementObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { canonicalBytes } from '../model/canonical.ts';
import type { Avoidance, Current, Distribution } from '../model/distribution.ts';
import type { Cluster, Host, NamespaceBounds, Snapshot } from '../model/snapshot.ts';
import { readDistribution } from '../model/spec.ts';
import { toCluster } from './cluster.ts';
import { toHost } from './host.ts';
import { podsHost } from './pods.ts';

/** One member as its objects tell it. Of a member that cannot be reached, what was seen last. */
export interface MemberObjects {
  readonly cluster: ClusterObject;
  readonly reach: Cluster['reach'];
  /** For how long it has been out of reach; see {@link Cluster.silentMs}. */
  readonly silentMs?: number;
  readonly hosts: readonly {
    readonly object: HostObject;
    readonly liveness: Host['state'];
    /** See {@link Host.silentMs}. */
    readonly silentMs?: number;
  }[];
  readonly actors: readonly ActorObject[];
  readonly providers: readonly ProviderObject[];
  /** Whether providers in containers may be placed there: absent where none are declared. */
  readonly runsPods?: boolean;
}

/** What to plan, with what was decided before. */
export interface PlannedObject {
  readonly object: DistributionObject;
  /** Hash of what runs, taken of {@link revisionBytes}. */
  readonly revision: string;
  readonly current: readonly Current[];
  readonly avoid: readonly Avoidance[];
  /** Host ports that its links name; see {@link hostPorts}. */
  readonly ports?: readonly string[];
  /** The spec wants its replicas elsewhere than when `current` was decided. */
  readonly changed?: boolean;
}

export interface SnapshotObjects {
  readonly members: readonly MemberObjects[];
  readonly planned: readonly PlannedObject[];
  /** Bounds of whole namespaces. */
  readonly namespaces?: readonly NamespaceBounds[];
  /** Whether an Actor or Provider is the planner's own; all others only take room. */
  readonly isOurs: (workload: ActorObject | ProviderObject) => boolean;
}

/** Everything that a plan depends on, out of Kubernetes objects: the same for the scheduler and for `kasm plan`. */
export function toSnapshot({ members, planned, isOurs, namespaces = [] }: SnapshotObjects): Snapshot {
  return {
    clusters: members.map(({ cluster, reach, silentMs }) => toCluster(cluster, reach, silentMs)),
    hosts: members.flatMap((member) => memberHosts(member, isOurs)),
    distributions: planned.map(toDistribution),
    namespaces,
  };
}

/** The hosts of a member, with the cluster's labels and with what others than us run on them. */
export function memberHosts(member: MemberObjects, isOurs: SnapshotObjects['isOurs']): Host[] {
  const { cluster, hosts, actors, providers, runsPods = false } = member;
  const taken = new Map<string, number>();
  const add = (host: string, count: number): void => void taken.set(host, (taken.get(host) ?? 0) + count);
  for (const actor of actors) if (!isOurs(actor)) add(actor.spec.hostName, actor.spec.instances);
  for (const provider of providers) if (!isOurs(provider)) add(provider.spec.hostName, 1);
  const seen = hosts
    .filter(({ object }) => object.metadata.name !== PODS_HOST)
    .map(({ object, liveness, silentMs }) =>
      toHost(object, { cluster, state: liveness, silentMs, foreignInstances: taken.get(object.metadata.name) ?? 0 }),
    );
  return runsPods ? [...seen, podsHost(cluster)] : seen;
}

const toDistribution = ({ object, ports = [], changed = false, ...facts }: PlannedObject): Distribution => {
  const { namespace = '', name, labels = {} } = object.metadata;
  return readDistribution(object.spec, { namespace, name, labels, ports, changed, ...facts });
};

/** Placements by the key of their Distribution. */
export const placementsByKey = (placements: readonly PlacementObject[]): Map<string, PlacementObject[]> =>
  Map.groupBy(placements, ({ metadata: { namespace }, spec: { distribution } }) =>
    keyOf({ metadata: { name: distribution, ...(namespace !== undefined && { namespace }) } }),
  );

/** What a stored decision says stands. */
export const currentOf = ({ spec }: PlacementObject): Current[] =>
  spec.hosts.map(({ host, replicas }) => ({ cluster: spec.cluster, host, replicas }));

/** Where starts or writes failed. `isRecent` judges the RFC 3339 time of a failure: older ones are forgiven. */
export const avoidanceOf = ({ spec, status }: PlacementObject, isRecent: (time: string) => boolean): Avoidance[] =>
  (status?.failures ?? [])
    .filter(({ time }) => isRecent(time))
    .map(({ host, revision }) => ({ revision, cluster: spec.cluster, host }));

/** What runs, as bytes: whoever names a revision hashes these. Where and how many are not part of it. */
export const revisionBytes = ({
  actor,
  provider,
  overrides,
}: Pick<DistributionSpec, 'actor' | 'provider' | 'overrides'>): Uint8Array =>
  canonicalBytes({ actor, provider, overrides });
