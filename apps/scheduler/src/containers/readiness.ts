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
  /** Pods that are available as they were last written. */
  readonly readyReplicas: number;
  /** Whether that is known: Kubernetes takes a moment to take note of what was written. */
  readonly isTold: boolean;
}

/** How a provider does whose pods are these. `wanted` is how many there shall be. */
export function readinessOf({ metadata, status = {} }: Deployment, wanted: number): Readiness {
  const { replicas = 0, availableReplicas = 0, updatedReplicas = 0, conditions = [] } = status;
  const isTold = status.observedGeneration === metadata.generation;
  // Which of the available ones are old is not told: all that are there may be among them.
  const readyReplicas = isTold ? Math.max(0, availableReplicas - Math.max(0, replicas - updatedReplicas)) : 0;
  if (isTold && readyReplicas >= wanted && replicas === wanted)
    return { status: 'True', reason: 'Running', message: '', readyReplicas, isTold };
  const stuck = conditions.find(
    ({ type, status: is }) =>
      (type === 'Progressing' && is === 'False') || (type === 'ReplicaFailure' && is === 'True'),
  );
  if (stuck !== undefined && isTold)
    return { status: 'False', reason: stuck.reason, message: stuck.message, readyReplicas, isTold };
  const message = `${readyReplicas} of ${wanted} pods are available`;
  return { status: 'False', reason: 'Progressing', message, readyReplicas, isTold };
}
