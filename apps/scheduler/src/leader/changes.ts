import {
  keyOf,
  labels,
  type ActorObject,
  type DistributionObject,
  type GitSourceObject,
  type KubeObject,
  type PlacementObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import type { BatchQueue, WorkQueue } from '@kasmcloud/reconcile';
import type { ClusterJob } from '@kasmcloud/wire';
import { isEmptied } from '../clusters/status.ts';
import type { MemberChange } from '../clusters/member.ts';
import type { WorkloadChange } from '../clusters/workload-change.ts';
import { applicationKeyOf } from '../applications/controller.ts';
import { MANAGED_BY } from '../dispatch/desired.ts';
import { isAsDecided } from '../dispatch/as-decided.ts';
import { distributionKeyOf, placementName } from '../dispatch/names.ts';
import { requestedAt } from '../git/controller.ts';
import { distributionKey } from '../plan/decided.ts';
import { dirty } from '../plan/dirty.ts';
import { isAdoptable } from '../plan/facts.ts';
import type { Hub } from '../plan/hub.ts';
import { sameJson } from '../same-json.ts';

/** The leader's queues: what has to be looked at again. */
export interface Queues {
  readonly plan: BatchQueue;
  readonly distributions: WorkQueue;
  readonly applications: WorkQueue;
  readonly gitSources: WorkQueue;
  readonly clusters: WorkQueue;
  /** Keys are `cluster/host`. */
  readonly hosts: WorkQueue;
  /** Keys are `cluster/namespace/provider`. */
  readonly containers: WorkQueue;
}

export interface Wiring {
  readonly hub: Hub;
  readonly queues: Queues;
  readonly dispatch: (job: ClusterJob) => void;
  /** Clusters where others than us started something in a lattice. */
  readonly clustersOfGuests: (namespace: string) => readonly string[];
  /** What was started of a Distribution over NATS, by cluster. */
  readonly adoptableFor: (
    distribution: DistributionObject,
  ) => ReadonlyMap<string, readonly (ActorObject | ProviderObject)[]>;
}

/** Any change on the hub → the keys that it makes worth a look. Returns what ends it. */
export function followHub({ hub, queues, dispatch, clustersOfGuests, adoptableFor }: Wiring): () => void {
  const ends = [
    hub.distributions.onChange((key, before, after) => {
      queues.distributions.add(key);
      // Its status is our own doing; only what people say is worth a plan.
      if (isSpecChange(before, after) || isOtherMetadata(before, after)) queues.plan.add(dirty.distribution(key));
      // What it takes over takes no room beside it.
      if (before === undefined && after !== undefined)
        for (const [cluster, workloads] of adoptableFor(after))
          for (const { spec } of workloads) queues.plan.add(dirty.host(cluster, spec.hostName));
      const application = applicationKeyOf(after ?? before ?? nobody);
      if (application !== undefined) queues.applications.add(application);
    }),
    hub.placements.onChange((_, before, after) => {
      const placement = after ?? before;
      if (placement === undefined) return;
      queues.distributions.add(distributionKey(placement));
      const cluster = hub.clusters.get(placement.spec.cluster);
      // Whoever empties a cluster waits for its Placements to go.
      if (cluster !== undefined && isEmptied(cluster)) queues.clusters.add(keyOf(cluster));
      if (isPlanned(before, after)) queues.plan.add(dirty.distribution(distributionKey(placement)));
    }),
    hub.clusters.onChange((key, before, after) => {
      queues.clusters.add(key);
      if (!isSpecChange(before, after)) return;
      queues.plan.add(dirty.cluster(key));
      // Its labels say which overrides are for it.
      for (const job of placementJobs(hub, ({ spec }) => spec.cluster === key)) dispatch(job);
    }),
    hub.applications.onChange((key) => queues.applications.add(key)),
    hub.gitSources.onChange((key, before, after) => {
      if (after !== undefined && (before === undefined || asksForSync(before, after))) queues.gitSources.add(key);
    }),
    hub.lattices.onChange(() => queues.plan.add(dirty.namespaces)),
    hub.links.onChange((key, before, after) => {
      const namespace = key.split('/')[0] ?? '';
      queues.plan.add(dirty.lattice(namespace));
      if (isSpecChange(before, after)) for (const job of latticeJobs(hub, namespace, clustersOfGuests)) dispatch(job);
    }),
    hub.configMaps.onChange((key) => {
      const namespace = key.split('/')[0] ?? '';
      queues.plan.add(dirty.lattice(namespace));
      for (const job of [
        ...latticeJobs(hub, namespace, clustersOfGuests),
        ...placementJobs(hub, ({ metadata }) => metadata.namespace === namespace),
      ])
        dispatch(job);
    }),
  ];
  return () => ends.forEach((end) => end());
}

const nobody: Pick<KubeObject, 'metadata'> = { metadata: { name: '' } };

/** Any change in a member → the keys that it makes worth a look. */
export function memberChanged(
  wiring: Wiring,
  cluster: string,
  change: MemberChange,
  object: KubeObject | undefined,
  clusters: readonly string[],
): void {
  const { hub, queues, dispatch } = wiring;
  switch (change) {
    case 'reach':
      // Whether a silent member counts as lost depends on all of them.
      for (const name of new Set([cluster, ...clusters])) {
        queues.clusters.add(name);
        queues.plan.add(dirty.cluster(name));
      }
      // What failed while it was away waits for its next try, which is now.
      for (const job of placementJobs(hub, (one) => one.spec.cluster === cluster && isLagging(one))) dispatch(job);
      return;
    case 'contact':
      queues.clusters.add(cluster);
      return;
    case 'host':
      queues.clusters.add(cluster);
      if (object === undefined) return;
      queues.plan.add(dirty.host(cluster, object.metadata.name));
      queues.hosts.add(`${cluster}/${object.metadata.name}`);
      return;
    case 'report':
      return reported(queues, object);
    case 'written':
    case 'removed':
    case 'workload':
      return workloadChanged(wiring, cluster, change, object);
    case 'container':
      if (object !== undefined) queues.containers.add(`${cluster}/${keyOf(object)}`);
      return;
    case 'link':
      if (object?.metadata.labels?.[labels.managedBy] !== MANAGED_BY) return;
      return dispatch({ kind: 'lattice', cluster, namespace: object.metadata.namespace ?? '' });
  }
}

function reported({ distributions }: Queues, object: KubeObject | undefined): void {
  const key = object !== undefined && isManaged(object) ? distributionKeyOf(object) : undefined;
  if (key !== undefined) distributions.add(key);
}

function workloadChanged(
  { hub, queues, dispatch }: Wiring,
  cluster: string,
  change: WorkloadChange,
  object: KubeObject | undefined,
): void {
  if (object === undefined) return;
  if (!isManaged(object)) {
    foreignChanged(queues, cluster, object);
    adoptableChanged(hub, dispatch, cluster, object);
    const isObserved = object.metadata.labels?.[labels.observed] !== undefined;
    if (!isObserved) dispatch({ kind: 'lattice', cluster, namespace: object.metadata.namespace ?? '' });
    return;
  }
  const key = distributionKeyOf(object);
  const distribution = object.metadata.labels?.[labels.distribution];
  if (key === undefined || distribution === undefined) return;
  queues.distributions.add(key);
  const { namespace = '' } = object.metadata;
  const name = placementName(distribution, cluster);
  // Someone may have changed or deleted it: the writer looks, and finds nothing to do if all is as decided.
  if (!isAsDecided(hub.placements.get(`${namespace}/${name}`), change, object))
    dispatch({ kind: 'placement', cluster, namespace, name });
}

const isManaged = ({ metadata }: KubeObject): boolean => metadata.labels?.[labels.managedBy] === MANAGED_BY;

/** What others run only takes room of its host. */
function foreignChanged({ plan }: Queues, cluster: string, { spec }: KubeObject): void {
  const host = typeof spec === 'object' && spec !== null && 'hostName' in spec ? spec.hostName : undefined;
  if (typeof host === 'string') plan.add(dirty.host(cluster, host));
}

/** What a Distribution did not take over where nothing of it is to run is for its writer to end. */
function adoptableChanged(hub: Hub, dispatch: Wiring['dispatch'], cluster: string, object: KubeObject): void {
  const workload = object as ActorObject | ProviderObject;
  const distribution = isAdoptable(workload) ? hub.claims(workload) : undefined;
  if (distribution === undefined) return;
  const { name, namespace = '' } = distribution.metadata;
  const placement = placementName(name, cluster);
  if (hub.placements.get(`${namespace}/${placement}`) !== undefined)
    dispatch({ kind: 'placement', cluster, namespace, name: placement });
}

/** One job for each cluster where something of the lattice is placed, or was started by others. */
function latticeJobs(
  hub: Pick<Hub, 'placements'>,
  namespace: string,
  clustersOfGuests: Wiring['clustersOfGuests'],
): ClusterJob[] {
  const inUse = hub.placements.list().filter(({ metadata }) => metadata.namespace === namespace);
  return [...new Set([...inUse.map(({ spec }) => spec.cluster), ...clustersOfGuests(namespace)])].map((cluster) => ({
    kind: 'lattice',
    cluster,
    namespace,
  }));
}

const placementJobs = (hub: Pick<Hub, 'placements'>, isMeant: (placement: PlacementObject) => boolean): ClusterJob[] =>
  hub.placements
    .list()
    .filter(isMeant)
    .map(({ metadata: { name, namespace = '' }, spec: { cluster } }) => ({
      kind: 'placement',
      cluster,
      namespace,
      name,
    }));

const isLagging = ({ spec, status }: PlacementObject): boolean => status?.appliedEpoch !== spec.epoch;

/** Most of what is told of a decision is for people: a plan heeds what failed, and when the last of it is gone. */
const isPlanned = (before: PlacementObject | undefined, after: PlacementObject | undefined): boolean =>
  isSpecChange(before, after) ||
  isOtherMetadata(before, after) ||
  !sameJson(before?.status?.failures ?? [], after?.status?.failures ?? []) ||
  (after?.spec.hosts.length === 0 && before?.status?.appliedEpoch !== after.status?.appliedEpoch);

const isSpecChange = (before: KubeObject | undefined, after: KubeObject | undefined): boolean =>
  before === undefined ||
  after === undefined ||
  before.metadata.generation !== after.metadata.generation ||
  before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp;

/** Labels are what affinities of others see; annotations approve stages. */
const isOtherMetadata = (before: KubeObject | undefined, after: KubeObject | undefined): boolean =>
  metadataText(before) !== metadataText(after);

const metadataText = (object: KubeObject | undefined): string =>
  JSON.stringify([object?.metadata.labels ?? {}, object?.metadata.annotations ?? {}]);

const asksForSync = (before: GitSourceObject, after: GitSourceObject): boolean =>
  isSpecChange(before, after) || requestedAt(before) !== requestedAt(after);
