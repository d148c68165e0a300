import { PODS_HOST, type ClusterObject } from '@kasmcloud/kube-api';
import type { Host } from '../model/snapshot.ts';
import { hostLabels, MOST_OFFERED } from './host.ts';

/**
 * Where a cluster runs providers in containers: to the planner one host more, which is there as long as its cluster is.
 * Kubernetes chooses the nodes, and says when there is no room.
 */
export const podsHost = (cluster: ClusterObject): Host => ({
  name: PODS_HOST,
  cluster: cluster.metadata.name,
  labels: hostLabels({ name: PODS_HOST }, cluster),
  taints: [],
  unschedulable: false,
  isPods: true,
  lattices: ['*'],
  interfaces: [],
  state: 'Ready',
  allocatable: { pods: MOST_OFFERED },
  foreign: {},
});
