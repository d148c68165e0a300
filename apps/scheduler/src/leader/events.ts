import type { EventRecorder } from '@kasmcloud/kube';
import {
  conditionTypes,
  findCondition,
  WasmCloudCluster,
  type ClusterObject,
  type Condition,
  type Kind,
  type KubeObject,
} from '@kasmcloud/kube-api';

type WithConditions = KubeObject<unknown, { readonly conditions?: Condition[] | undefined }>;

/** An event when Ready gets another reason: what `kubectl describe` shows of an object's life. */
export function recordReadyChange(
  events: EventRecorder,
  kind: Kind,
  before: WithConditions,
  after: WithConditions,
): void {
  const was = findCondition(before.status?.conditions, conditionTypes.ready);
  const is = findCondition(after.status?.conditions, conditionTypes.ready);
  if (is === undefined || was?.reason === is.reason) return;
  const type = is.status === 'True' || is.reason === 'Progressing' ? 'Normal' : 'Warning';
  events.record(kind, after, { type, reason: is.reason, action: 'Reconcile', note: is.message });
}

/** A lost host is told at its cluster on the hub, where people look. */
export function recordHostLost(events: EventRecorder, cluster: ClusterObject, host: string): void {
  const note = `host ${host} does not renew its Lease; what ran there is placed elsewhere`;
  events.record(WasmCloudCluster, cluster, { type: 'Warning', reason: 'HostLost', action: 'Replace', note });
}
