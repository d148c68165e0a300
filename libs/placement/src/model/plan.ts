/** The decision: a value. Equal snapshots give equal plans, whatever the order of their lists. */
export interface Plan {
  /** In order of `key`. */
  readonly distributions: readonly DistributionPlan[];
}

export interface DistributionPlan {
  readonly key: string;
  /** Replicas asked for, over all hosts. */
  readonly desired: number;
  /** Replicas that the plan holds. `placed + Σ unplaced = desired + excess`. */
  readonly placed: number;
  /** Replicas above `desired` that cannot be taken away now: their hosts are frozen. */
  readonly excess: number;
  /** In order of cluster, then host; without zeros. */
  readonly clusters: readonly ClusterPlan[];
  readonly unplaced: readonly Unplaced[];
  readonly skew: readonly Skew[];
  readonly moves: Moves;
  /** Fields that the planner does not honour. */
  readonly unsupported: readonly string[];
}

export interface ClusterPlan {
  readonly cluster: string;
  readonly hosts: readonly HostShare[];
}

export interface HostShare {
  readonly host: string;
  readonly replicas: number;
}

export type UnplacedReason =
  | 'Suspended'
  | 'InvalidSpec'
  | 'UnsupportedField'
  | 'NoEligibleHost'
  | 'SpreadBlocked'
  | 'TierFull'
  | 'Avoided'
  | 'MaxPerHost'
  | 'AffinityUnmet'
  | 'AntiAffinity'
  | 'HostPortTaken'
  | 'QuotaExceeded'
  | 'InsufficientRoom';

/** Why some replicas have no place. Take every blocker away, change nothing else, and they have one. */
export interface Unplaced {
  readonly reason: UnplacedReason;
  readonly count: number;
  /** Fields and facts that stand in the way, e.g. `spread`, `maxPerHost`, `resources.memory`. */
  readonly blockers: readonly string[];
  /** wadm group whose replicas they are. */
  readonly group?: string;
  /** How many hosts the first filter that refused them was this one; hosts that pass count under `Eligible`. */
  readonly hosts: Readonly<Record<string, number>>;
}

/** Worst difference between two domains of one spread entry; with `weights`, worst distance from a domain's share. */
export interface Skew {
  readonly topologyKey: string;
  readonly value: number;
  /** Absent for weights: a share has no tolerance. */
  readonly max?: number;
}

/** Replicas that stop at one place and start at another. */
export interface Moves {
  readonly count: number;
  /** Fewest possible: replicas that could not stay and are still wanted. */
  readonly lowerBound: number;
  /** Replicas that should leave their host and may not yet: the move budget is spent. */
  readonly deferred: number;
}
