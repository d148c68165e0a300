export { clusterLabels, toCluster } from './cluster.ts';
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
} from './snapshot.ts';
