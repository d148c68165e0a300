export { wadmCounts } from './apportion/wadm.ts';
export { movesToRepair, placeableUnderSkew } from './apportion/skew.ts';
export { diff, type Change } from './diff/diff.ts';
export type { Changes } from './engine/changes.ts';
export { Engine } from './engine/engine.ts';
export { canonicalBytes } from './model/canonical.ts';
export type {
  Avoidance,
  Choice,
  Current,
  Distribution,
  Group,
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
export { intentBytes, readAmounts, readDistribution, type DistributionFacts } from './model/spec.ts';
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
