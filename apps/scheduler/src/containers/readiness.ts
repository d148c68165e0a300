import type { Condition, KubeObject } from '@kasmcloud/kube-api';

/** What the Deployment controller says of a Deployment (apps/v1). */
export type Deployment = KubeObject<
  unknown,
  {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly Pick<Condition, 'type' | 'status' | 'reason' | 'message'>[];
  }
>;

export interface Readiness {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** How a provider does whose pods are these. `wanted` is how many there shall be. */
export function readinessOf({ metadata, status = {} }: Deployment, wanted: number): Readiness {
  const { availableReplicas = 0, updatedReplicas = 0, conditions = [] } = status;
  const stuck = conditions.find(
    ({ type, status: is }) =>
      (type === 'Progressing' && is === 'False') || (type === 'ReplicaFailure' && is === 'True'),
  );
  if (stuck !== undefined) return { status: 'False', reason: stuck.reason, message: stuck.message };
  const isSeen = status.observedGeneration === metadata.generation;
  if (isSeen && availableReplicas >= wanted && updatedReplicas >= wanted) {
    return { status: 'True', reason: 'Running', message: '' };
  }
  return { status: 'False', reason: 'Starting', message: `${availableReplicas} of ${wanted} pods are available` };
}
