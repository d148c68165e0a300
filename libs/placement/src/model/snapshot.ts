import type { Distribution } from './distribution.ts';

/**
 * Everything a decision depends on, as plain data. The order of every list is without meaning.
 * Amounts of a resource are whole numbers in one unit of the caller's choice (`parseQuantity` gives thousandths);
 * `instances` counts replicas.
 */
export interface Snapshot {
  readonly clusters: readonly Cluster[];
  readonly hosts: readonly Host[];
  readonly distributions: readonly Distribution[];
  /** Bounds that the hub sets to whole namespaces; one that is not named has none. */
  readonly namespaces?: readonly NamespaceBounds[];
}

export interface NamespaceBounds {
  readonly name: string;
  /** A distribution with a higher priority counts as if it had this one. */
  readonly maxPriority?: number | undefined;
  /** Most that all replicas of the namespace may take together, by resource. */
  readonly quota?: Amounts | undefined;
}

export interface Cluster {
  readonly name: string;
  /** What `clusters.required` looks at; `kasmcloud.io/cluster` is always there. */
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  /** `Unreachable`: what its last Placements say still stands. `Lost`: replaced elsewhere. */
  readonly reach: 'Reachable' | 'Unreachable' | 'Lost';
  /** For how long it has been out of reach, for distributions with a patience of their own; see {@link Patience}. */
  readonly silentMs?: number | undefined;
}

export interface Host {
  /** Unique within its cluster. */
  readonly name: string;
  readonly cluster: string;
  /** Host labels decide about domains, so the cluster's topology labels belong here too. */
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  /** It is where a cluster runs providers in containers: those come nowhere else, and nothing else comes there. */
  readonly isPods?: boolean | undefined;
  /** Namespaces that the host serves; `*` is every one. */
  readonly lattices: readonly string[];
  /** WIT interfaces that the host offers. */
  readonly interfaces: readonly string[];
  /** `Suspect` takes nothing new; `Lost` is replaced; `Unknown` is frozen. */
  readonly state: 'Ready' | 'Suspect' | 'Lost' | 'Unknown';
  /** For how long it has not been heard of while it is `Suspect` or `Lost`, for the same. */
  readonly silentMs?: number | undefined;
  /** By resource name. What is absent is 0, but `instances`, which is `DEFAULT_HOST_INSTANCES`. */
  readonly allocatable: Amounts;
  /** What actors and providers that are not ours take of it. */
  readonly foreign: Amounts;
  /** Ports that they take, as text that distributions use, too; none when absent. */
  readonly ports?: readonly string[] | undefined;
}

export interface Taint {
  readonly key: string;
  readonly value?: string | undefined;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /** How long it has been there, for tolerations that bear it only so long; absent counts as just set. */
  readonly ageSeconds?: number | undefined;
}

export type Labels = Readonly<Record<string, string>>;
export type Amounts = Readonly<Record<string, number>>;
