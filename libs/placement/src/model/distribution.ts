import type { LabelSelector, Requirement, Toleration } from '@kasmcloud/kube-api';
import type { Amounts, Labels } from './snapshot.ts';

/** One Distribution with every default applied: what the planner reads instead of a spec. */
export interface Distribution {
  /** `namespace/name`; unique, and what ties break by. */
  readonly key: string;
  /** The lattice that a host must serve. */
  readonly namespace: string;
  /** What the selectors of other distributions look at. */
  readonly labels: Labels;
  /** Hash of what runs. Avoidances of another revision are without force. */
  readonly revision: string;
  /** Over all hosts; with mode Daemon, on each eligible host. */
  readonly replicas: number;
  readonly mode: 'Spread' | 'Pack' | 'Daemon';
  /** A provider in a container: its replicas are pods. */
  readonly inPods: boolean;
  readonly priority: number;
  /** Per replica, `instances` included. */
  readonly resources: Amounts;
  readonly clusters: Choice;
  readonly hosts: Choice;
  readonly interfaces: readonly string[];
  readonly tiers: readonly Tier[];
  readonly tolerations: readonly Toleration[];
  readonly spread: readonly SpreadEntry[];
  readonly groups: readonly Group[];
  readonly affinity: Affinities;
  readonly antiAffinity: Affinities;
  /** Host ports that its replicas take, once for each host. */
  readonly ports: readonly string[];
  /** Whether room may be made by taking replicas of lower priority away. */
  readonly preempts: boolean;
  /** Infinity is no limit. */
  readonly maxPerHost: number;
  /** Nothing is decided while true: what stands, stands. */
  readonly suspended: boolean;
  /** Fields that forbid every new placement, because they are wrong or not supported. */
  readonly refused: readonly Refusal[];
  /** Fields that are not supported and only make the answer less good: named in the plan. */
  readonly unsupported: readonly string[];
  /** What the last decision says. */
  readonly current: readonly Current[];
  readonly avoid: readonly Avoidance[];
  readonly patience: Patience;
  /**
   * Who stays when a host comes back whose replicas were replaced: its own, those that took their place, or of all of
   * them the ones that are best placed.
   */
  readonly reconnect: 'BestScore' | 'KeepOriginal' | 'KeepReplacement';
  /**
   * Whether what stands is moved to where it would be placed anew. Without, it stays for as long as it is legal: that
   * protects against changes of the world. With, a change of the spec is carried out.
   */
  readonly converge: boolean;
  /** Fewest replicas, in percent of all, whose moving is worth the trouble; for less, nothing is moved to converge. */
  readonly minImprovement: number;
  /** Most replicas that may leave healthy hosts now, evicted or moved to converge; Infinity is no limit. */
  readonly moveBudget: number;
}

/** A list of terms is OR, the requirements of a term AND; an empty list holds everywhere. */
export type Term = readonly Requirement[];

export interface Choice {
  readonly required: readonly Term[];
  readonly preferred: readonly { readonly weight: number; readonly term: Term }[];
}

/** A tier is used after the tiers before it: when they are full if they overflow, else only when none of their hosts is eligible. */
export interface Tier {
  readonly name: string;
  readonly required: readonly Term[];
  readonly overflow: boolean;
  /** Whether replicas of later tiers come back when there is room again. */
  readonly failBack: boolean;
}

/** Binds new placements only. */
export interface Affinities {
  readonly required: readonly AffinityTerm[];
  /** Weights are added to those of preferred hosts, or taken off them. */
  readonly preferred: readonly { readonly weight: number; readonly term: AffinityTerm }[];
}

/** Distributions that a selector selects in some namespaces, seen by domain. */
export interface AffinityTerm {
  readonly topologyKey: string;
  readonly selector: LabelSelector;
  readonly namespaces: readonly string[];
}

export interface SpreadEntry {
  readonly topologyKey: string;
  readonly maxSkew: number;
  /** Shares by domain value; `*` is every value not listed. */
  readonly weights: ReadonlyMap<string, number> | undefined;
  readonly min: number;
  readonly max: number;
  readonly minDomains: number;
  readonly maxDomains: number;
  readonly block: boolean;
  /** Whether a domain without room counts in the minimum that the skew is measured from. */
  readonly fullDomainsBlock: boolean;
}

export interface Group {
  readonly name: string;
  readonly requirements: Labels;
  readonly weight: number;
}

/**
 * After how long a silence a distribution replaces what a host or cluster ran, in milliseconds; undefined is as everybody:
 * then `Host.state` and `Cluster.reach` say it.
 */
export interface Patience {
  readonly hostMs: number | undefined;
  readonly clusterMs: number | undefined;
}

export interface Current {
  readonly cluster: string;
  readonly host: string;
  readonly replicas: number;
  /** How many of them could not be started or written, and may go elsewhere. */
  readonly failed?: number;
  /** Replicas besides that were replaced while their host was away, and still run there now that it is back. */
  readonly returned?: number;
}

/** Where a revision failed; without a host, the whole cluster. Nothing new goes there. */
export interface Avoidance {
  readonly revision: string;
  readonly cluster: string;
  readonly host?: string;
}

export interface Refusal {
  readonly reason: 'InvalidSpec' | 'UnsupportedField';
  readonly field: string;
  readonly message: string;
}
