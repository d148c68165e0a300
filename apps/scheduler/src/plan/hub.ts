import {
  Application,
  builtin,
  GitSource,
  labels,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudLink,
  WasmCloudPlacement,
  WasmCloudProvider,
  type ActorObject,
  type ApplicationObject,
  type ClusterObject,
  type DistributionObject,
  type GitSourceObject,
  type Kind,
  type KubeObject,
  type LinkObject,
  type PlacementObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { Store, withoutManagedFields, type Index, type KubeClient } from '@kasmcloud/kube';
import type { Clock } from '@kasmcloud/reconcile';
import { distributionKeyOf } from '../dispatch/names.ts';
import type { StoredRevision } from '../history/revisions.ts';
import { distributionKey } from './decided.ts';
import type { Surroundings } from './snapshot.ts';

export interface HubOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onError: (error: unknown) => void;
}

type ConfigMap = Pick<KubeObject, 'metadata'> & { readonly data: Readonly<Record<string, string>> };

/** What people declare and what was decided, kept current from the hub. */
export class Hub {
  readonly client: KubeClient;
  readonly clusters: Store<ClusterObject>;
  readonly distributions: Store<DistributionObject>;
  readonly placements: Store<PlacementObject>;
  readonly links: Store<LinkObject>;
  readonly applications: Store<ApplicationObject>;
  readonly gitSources: Store<GitSourceObject>;
  /** Those that carry the config label. */
  readonly configMaps: Store<ConfigMap>;
  /** Lattices; their annotations bound what may be placed. */
  readonly lattices: Store<Pick<KubeObject, 'metadata'>>;
  /** Of Distributions. */
  readonly revisions: Store<StoredRevision>;
  readonly #revisionsOf: Index<StoredRevision>;
  readonly #placementsOf: Index<PlacementObject>;
  /** Decisions that put something somewhere, by `cluster/namespace`. */
  readonly #usesOf: Index<PlacementObject>;
  readonly #linksIn: Index<LinkObject>;
  /** By kind of the workload, namespace and id. */
  readonly #distributionsOfId: Index<DistributionObject>;

  constructor(options: HubOptions) {
    const store = <T extends KubeObject>(kind: Kind): Store<T> =>
      new Store<T>({ ...options, kind, keep: (object) => withoutManagedFields(object as T) });
    this.client = options.client;
    this.clusters = store<ClusterObject>(WasmCloudCluster);
    this.distributions = store<DistributionObject>(WasmCloudDistribution);
    this.placements = store<PlacementObject>(WasmCloudPlacement);
    this.links = store<LinkObject>(WasmCloudLink);
    this.applications = store<ApplicationObject>(Application);
    this.gitSources = store<GitSourceObject>(GitSource);
    this.configMaps = new Store({
      ...options,
      kind: builtin.ConfigMap,
      labelSelector: labels.config,
      keep: (object) => {
        const { metadata, data } = withoutManagedFields(object as KubeObject & Partial<ConfigMap>);
        return { metadata, data: data ?? {} };
      },
    });
    this.lattices = new Store({
      ...options,
      kind: builtin.Namespace,
      labelSelector: labels.lattice,
      keep: ({ metadata: { name, annotations = {} } }) => ({ metadata: { name, annotations } }),
    });
    this.revisions = new Store({
      ...options,
      kind: builtin.ControllerRevision,
      labelSelector: labels.distribution,
      keep: (object) => {
        const { metadata, data, revision } = withoutManagedFields(object as KubeObject & StoredRevision);
        return { metadata, data, revision };
      },
    });
    this.#revisionsOf = this.revisions.index((one) => [distributionKeyOf(one)].filter((key) => key !== undefined));
    this.#placementsOf = this.placements.index((placement) => [distributionKey(placement)]);
    this.#usesOf = this.placements.index(({ metadata, spec }) =>
      spec.hosts.every(({ replicas, leaving = 0 }) => replicas + leaving === 0)
        ? []
        : [`${spec.cluster}/${metadata.namespace}`],
    );
    this.#linksIn = this.links.index(({ metadata }) => [metadata.namespace ?? '']);
    this.#distributionsOfId = this.distributions.index(
      ({ metadata: { namespace = '' }, spec: { actor, provider } }) => [
        ...(actor === undefined ? [] : [idKey(WasmCloudActor.kind, namespace, actor.id)]),
        ...(provider === undefined ? [] : [idKey(WasmCloudProvider.kind, namespace, provider.id)]),
      ],
    );
  }

  /** What is stored of one Distribution, by its key. */
  placementsOf(distribution: string): readonly PlacementObject[] {
    return this.#placementsOf.get(distribution);
  }

  /** The Distribution that runs the id of an Actor or Provider in its lattice, if there is one. */
  claims({ kind, metadata, spec }: ActorObject | ProviderObject): DistributionObject | undefined {
    return this.#distributionsOfId.get(idKey(kind, metadata.namespace ?? '', spec.id))[0];
  }

  /** Whether something of a lattice is placed in a cluster, as far as is known here: false may be old news. */
  isInUse(cluster: string, namespace: string): boolean {
    return this.#usesOf.has(`${cluster}/${namespace}`);
  }

  /** The revisions that are kept of one Distribution, by its key. */
  revisionsOf(distribution: string): readonly StoredRevision[] {
    return this.#revisionsOf.get(distribution);
  }

  get #stores(): Store<unknown>[] {
    return [
      this.clusters,
      this.distributions,
      this.placements,
      this.links,
      this.applications,
      this.gitSources,
      this.configMaps,
      this.lattices,
      this.revisions,
    ];
  }

  /** What else a plan depends on, besides Distributions and members. */
  surroundings(): Surroundings {
    return {
      namespaces: this.lattices.list().map(({ metadata }) => metadata),
      linksIn: (namespace) => this.#linksIn.get(namespace),
      configOf: (namespace, name) => this.configMaps.get(`${namespace}/${name}`)?.data,
    };
  }

  /** Whether every kind was read in whole at least once. */
  get hasSynced(): boolean {
    return this.#stores.every((store) => store.hasSynced);
  }

  get reachable(): boolean {
    return this.#stores.every((store) => store.reachable);
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()));
  }
}

const idKey = (kind: string | undefined, namespace: string, id: string): string => `${kind}/${namespace}/${id}`;
