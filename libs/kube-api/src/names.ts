/** Every label, annotation, finalizer, field manager and well-known name that our services read or write. */

export const GROUP = 'kasmcloud.io';
export const VERSION = 'v1alpha1';

export const labels = {
  /** On a namespace: it is the lattice of the same name. */
  lattice: 'kasmcloud.io/lattice',
  /** On a ConfigMap: it is config that actors, providers and links may name. */
  config: 'kasmcloud.io/config',
  /** On what a Distribution made in a member: the Distribution's name. */
  distribution: 'kasmcloud.io/distribution',
  /** On what a Distribution made in a member: the revision that it runs. */
  revision: 'kasmcloud.io/revision',
  /** On what an Application made: the Application's name. */
  application: 'kasmcloud.io/application',
  /** On hosts and on what runs in a member: the WasmCloudCluster's name. */
  cluster: 'kasmcloud.io/cluster',
  /** On Actors and Providers that the repeater saw on a legacy host: never edited by the scheduler. */
  observed: 'kasmcloud.io/observed',
  /** On objects that a GitSource applied: the GitSource's name. */
  gitSource: 'kasmcloud.io/git-source',
  /** On a Secret in a member: it is the one that actors there get, whatever the hub has under its name. */
  local: 'kasmcloud.io/local',
  /**
   * On a Secret in a member: the scheduler carried it there, after the review on the hub. Its value says for whom: `Distribution`
   * or `Links`. Hosts give it without a review of their own.
   */
  carried: 'kasmcloud.io/carried',
  region: 'topology.kubernetes.io/region',
  zone: 'topology.kubernetes.io/zone',
  hostname: 'kubernetes.io/hostname',
  managedBy: 'app.kubernetes.io/managed-by',
  /** On the pods of a provider: the Provider's name. */
  provider: 'kasmcloud.io/provider',
  /** On Leases of repeaters: `lattice` for the ownership of one, `replica` for the life of one repeater. */
  repeater: 'kasmcloud.io/repeater',
  /** On what `kasm up` made in a cluster that was there before: which `kasm up`, so that it takes away only its own. */
  instance: 'kasmcloud.io/instance',
} as const;

export const annotations = {
  /** Any new value asks a GitSource to sync now. */
  syncRequestedAt: 'kasmcloud.io/sync-requested-at',
  /** The same, as Flux's tools write it. */
  fluxRequestedAt: 'reconcile.fluxcd.io/requestedAt',
  /** On git-owned objects: `repository path commit`, told when another writer is refused. */
  gitOrigin: 'kasmcloud.io/git-origin',
  /** `true` on the Secret of a member's kubeconfig: the scheduler renews its token before it ends. */
  renewToken: 'kasmcloud.io/renew-token',
  /** Who deployed an Application: `git`, `rest`, `wadm` or `kubectl`. */
  manager: 'kasmcloud.io/manager',
  /** On a hub namespace: the highest priority that its Distributions may have. */
  maxPriority: 'kasmcloud.io/max-priority',
  /** On a Distribution: stages that may begin, as `<revision>/<stage>`, separated by commas. */
  approvedStages: 'kasmcloud.io/approved-stages',
  /** `Silent` on a WasmCloudHost of `kasm hosts --hollow`: it neither renews nor tells, until this is taken away. */
  hollow: 'kasmcloud.io/hollow',
  /** On a ConfigMap: the name of this config in the lattice, as wadm would give it. */
  latticeName: 'kasmcloud.io/lattice-name',
  /** On an Actor or Provider: its annotations on the lattice, as JSON. Their keys are not always valid here. */
  latticeAnnotations: 'kasmcloud.io/lattice-annotations',
  /** On the WasmCloudHost of a legacy host: which of its labels the host itself has, as JSON. The others are from people. */
  hostLabels: 'kasmcloud.io/host-labels',
  /** On the WasmCloudHost of a legacy host: what runs there for Kubernetes although others started it, as JSON. */
  adopted: 'kasmcloud.io/adopted',
  /** On an observed Actor or Provider: the Distribution that has its id, and wants nothing of it there. */
  unwanted: 'kasmcloud.io/unwanted',
  /** On a Link that came from the lattice: the secrets that it names there, as JSON `{"source": […], "target": […]}`. */
  latticeSecrets: 'kasmcloud.io/lattice-secrets',
  /** On a namespace that was made in a member: for which hub, by the UID of its namespace kube-system. */
  hub: 'kasmcloud.io/hub',
  /** On a lattice's namespace: whether its wadm API is ours to serve: `Serve` (the default), `Observe` or `Off`. */
  wadmApi: 'kasmcloud.io/wadm-api',
  /**
   * On a lattice's namespace: `Hosts` where what runs on legacy hosts is to be counted and listed in their status alone, for
   * lattices of many thousand components. Otherwise each has an Actor or Provider.
   */
  observe: 'kasmcloud.io/observe',
  /** On a lattice's namespace: the NATS account whose requests are for it, where NATS tells accounts apart. */
  natsAccount: 'kasmcloud.io/nats-account',
  /** On what runs a provider in pods: the hash of what the provider is told, so that a change of it rolls the pods. */
  hostData: 'kasmcloud.io/host-data',
  /** wadm's names, as wash users write them. */
  version: 'version',
  description: 'description',
  /** `true` on an Application whose components other Applications may use. */
  shared: 'experimental.wasmcloud.dev/shared',
} as const;

/**
 * Before the name of a resource: how much of it a legacy host offers. As an annotation on its WasmCloudHost, or as a label that
 * the host gives itself; the annotation is stronger.
 */
export const CAPACITY_PREFIX = 'capacity.kasmcloud.io/';

/** On a hub namespace, before the name of a resource: how much of it all its replicas may take together. */
export const QUOTA_PREFIX = 'quota.kasmcloud.io/';

export const finalizers = {
  /** A Distribution stays until what it placed is gone from every member. */
  placements: 'kasmcloud.io/placements',
  /** A WasmCloudCluster stays until nothing of ours is decided for it any more. */
  cluster: 'kasmcloud.io/cluster',
} as const;

export const taintKeys = {
  /** On a cluster or host that is emptied; see `kasm cluster drain`. */
  drain: 'kasmcloud.io/drain',
  /** On a host that a client of its lattice stopped: it is emptied, and its lattices hear no more of it. */
  stopped: 'kasmcloud.io/stopped',
} as const;

/** Config that a host adds to every actor's own, as `wasi:config` keys: where it runs. */
export const hostConfigKeys = { host: 'kasmcloud.host', region: 'kasmcloud.region' } as const;

/** Server-side apply field managers: one for each writer of DESIGN §2. */
export const fieldManagers = {
  gitSource: 'kasmcloud-gitsource',
  application: 'kasmcloud-application',
  planner: 'kasmcloud-planner',
  writer: 'kasmcloud-writer',
  scheduler: 'kasmcloud-scheduler',
  host: 'kasmcloud-host',
  repeater: 'kasmcloud-repeater',
  /** Whoever asked over NATS. */
  lattice: 'kasmcloud-lattice',
  rest: 'kasmcloud-rest',
  wadm: 'kasmcloud-wadm',
  cli: 'kasm',
} as const;

/** Field selectors of WasmCloudProviders: on a host, or in pods of their own. */
export const providerSelectors = { onHosts: 'spec.hostName!=', inContainers: 'spec.hostName=' } as const;

/** In decisions, the host of a cluster on which its providers in containers are: there is no WasmCloudHost of that name. */
export const PODS_HOST = 'pods.kasmcloud.io';

/** Namespace of Leases of hosts and controllers, and of member kubeconfig Secrets. */
export const SYSTEM_NAMESPACE = 'kasmcloud-system';

/** Namespaces of Kubernetes itself, and that of our own Leases and Secrets, are no lattices whatever their labels say. */
export const isLatticeName = (namespace: string): boolean =>
  !namespace.startsWith('kube-') && namespace !== SYSTEM_NAMESPACE;

/** In a lattice's namespace: the account as which everything acts that arrives by NATS. */
export const LATTICE_ACCOUNT = 'kasmcloud-lattice';

/** A ServiceAccount as a user: what reviews ask about, and whom impersonation names. */
export const accountUser = (
  namespace: string,
  account: string,
): { readonly user: string; readonly groups: string[] } => ({
  user: `system:serviceaccount:${namespace}:${account}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
});

/** Whom a request over NATS stands for: the lattice's own account, so that RBAC decides. */
export const latticeUser = (lattice: string): ReturnType<typeof accountUser> => accountUser(lattice, LATTICE_ACCOUNT);

/** Value of the label managed-by on what was made for a request over NATS. */
export const MANAGED_BY_LATTICE = LATTICE_ACCOUNT;

export const leases = {
  scheduler: 'kasmcloud-scheduler',
  repeaterLattice: (lattice: string): string => `kasmcloud-repeater-${lattice}`,
  /** `id` tells the replica from others. */
  repeaterReplica: (id: string): string => `kasmcloud-repeater-replica.${id}`,
  /** A host's Lease bears the host's own name. */
  host: (hostName: string): string => hostName,
} as const;

/**
 * In `kasmcloud-system` of the hub: how a lattice's NATS is reached, where it is not the NATS that the repeater was started
 * with. Keys, all optional: `servers` (URLs, by commas), `creds`, `nkey`, `token`, `user` and `password`, `domain` (JetStream).
 */
export const latticeNatsSecret = (lattice: string): string => `kasmcloud-nats-${lattice}`;

/** Lease durations, seconds (DESIGN §4.10). */
export const leaseSeconds = { kasmcloudHost: 15, legacyHost: 40, leader: 15 } as const;

/** A host without a stated cap runs this many instances at once. */
export const DEFAULT_HOST_INSTANCES = 10_000;
