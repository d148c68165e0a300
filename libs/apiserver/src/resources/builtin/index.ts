import type { Resource } from '../resource.ts';
import { clusterResources } from './cluster-wide.ts';
import { coreResources } from './core.ts';
import { definitionResources } from './custom-resource-definition.ts';
import { eventResources } from './events.ts';
import { networkResources } from './network.ts';
import { podResources } from './pod.ts';
import { rbacResources } from './rbac.ts';
import { reviewResources } from './reviews.ts';
import { workloadResources } from './workloads.ts';

/** Every kind the server knows without a CustomResourceDefinition. */
export const builtinResources: readonly Resource[] = [
  ...coreResources,
  ...podResources,
  ...networkResources,
  ...clusterResources,
  ...eventResources,
  ...workloadResources,
  ...rbacResources,
  ...definitionResources,
  ...reviewResources,
];
