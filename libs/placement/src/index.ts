export { wadmCounts } from './apportion/wadm.ts';
export { movesToRepair, placeableUnderSkew } from './apportion/skew.ts';
export { diff, type Change } from './diff/diff.ts';
export type { Changes } from './engine/changes.ts';
export { Engine } from './engine/engine.ts';
export type { CompanyRefusal } from './explain/company.ts';
export { plannedCounts, standingCounts, type Counts } from './explain/counts.ts';
export type { Division, DomainShare, Tie } from './explain/division.ts';
export {
  explain,
  explainHost,
  type ExplainOptions,
  type Explanation,
  type FullHost,
  type FullHosts,
  type HostExplanation,
  type HostHolding,
  type HostRefusal,
  type NamedHosts,
  type RefusedHosts,
} from './explain/explanation.ts';
export type { HostAnswer, Shortage } from './explain/hosts.ts';
export type { Change as RemedyChange, Remedy } from './explain/remedies.ts';
export { Verdicts, type HostVerdict } from './explain/verdicts.ts';
export { withoutBlockers } from './explain/without.ts';
export { holdsAny } from './filter/term.ts';
export { reachUnder, stateUnder, type FilterName } from './filter/verdict.ts';
export { canonicalBytes } from './model/canonical.ts';
export type {
  Avoidance,
  Choice,
  Current,
  Distribution,
  Group,
  Patience,
  Refusal,
  SpreadEntry,
  Term,
  Tier,
} from './model/distribution.ts';
export type {
  ClusterPlan,
  DistributionPlan,
  HostShare,
  Moves,
  Plan,
  Skew,
  Unplaced,
  UnplacedReason,
} from './model/plan.ts';
export { parseQuantity, QuantityError } from './model/quantity.ts';
export type { Amounts, Cluster, Host, Labels, NamespaceBounds, Snapshot, Taint } from './model/snapshot.ts';
export { intentBytes, readAmounts, readDistribution, readPatience, type DistributionFacts } from './model/spec.ts';
export { clusterLabels } from './objects/cluster.ts';
export { readNamespace, type NamespaceReading } from './objects/namespace.ts';
export { hostPorts, type ListeningLink } from './objects/ports.ts';
export {
  avoidanceOf,
  currentOf,
  memberHosts,
  placementsByKey,
  revisionBytes,
  toSnapshot,
  type MemberObjects,
  type PlannedObject,
  type SnapshotObjects,
} from './objects/snapshot.ts';
export type { Move, MoveReason, Place } from './passes/moves.ts';
export { drain, placing, rebalance, repair, scaleDown, type Pass, type RebalanceOptions } from './passes/passes.ts';
export { place } from './place/place.ts';
