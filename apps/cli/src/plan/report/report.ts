/**
 * What `kasm plan` says, as data: the form of `-o json` and `-o yaml`, documented in docs/placement.md. The order of every
 * list is fixed, so that two plans can be compared as text.
 */
export interface PlanReport {
  /** SHA-256, in hex, of the canonical JSON of everything else here. */
  readonly planHash: string;
  /** Where replicas are after the plan: by namespace, distribution, cluster and host. */
  readonly assignments: readonly Assignment[];
  /** Every difference from what stands. Stops first, then replicas that move, then those that are new. */
  readonly moves: readonly Move[];
  readonly unplaced: readonly UnplacedReplicas[];
  readonly skew: readonly SkewReport[];
  /** Replicas that had to be started elsewhere, because they were lost or may not stay: no plan moves fewer. */
  readonly lowerBoundMoves: number;
}

export interface Assignment {
  readonly namespace: string;
  readonly distribution: string;
  readonly cluster: string;
  readonly host: string;
  readonly replicas: number;
}

export interface Spot {
  readonly cluster: string;
  readonly host: string;
}

export interface Move {
  readonly namespace: string;
  readonly distribution: string;
  /** Null: the replicas are new. */
  readonly from: Spot | null;
  /** Null: the replicas stop. */
  readonly to: Spot | null;
  readonly replicas: number;
  readonly reason: MoveReason;
  /** By how much the placement gets better; 0 for a move that is not made for the better. */
  readonly gain: number;
}

/** Why a replica starts, stops or moves; beside these, the name of the filter that its host no longer passes. */
export type MoveReason =
  | 'New'
  | 'ScaleUp'
  | 'ScaleDown'
  | 'Removed'
  | 'Rebalance'
  | 'SpecChanged'
  | 'FailBack'
  | 'Preempted'
  | 'HostGone'
  | 'HostLost'
  | 'ClusterLost'
  | 'StartFailed'
  | (string & {});

export interface UnplacedReplicas {
  readonly namespace: string;
  readonly distribution: string;
  readonly replicas: number;
  readonly reasons: readonly UnplacedCause[];
}

export interface UnplacedCause {
  readonly code: string;
  readonly message: string;
  /** Hosts that this reason keeps from taking a replica. */
  readonly hosts: number;
  /** Take all of them away, change nothing else, and the replicas have a place. */
  readonly blockers: readonly string[];
}

export interface SkewReport {
  readonly namespace: string;
  readonly distribution: string;
  readonly topologyKey: string;
  /** Worst difference between two domains; with weights, worst distance from a domain's share. */
  readonly value: number;
  /** Most that is asked for; null with weights, whose shares have no tolerance. */
  readonly max: number | null;
}
