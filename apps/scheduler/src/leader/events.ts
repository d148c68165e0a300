import type { EventRecorder } from '@kasmcloud/kube';
import {
  conditionTypes,
  findCondition,
  WasmCloudCluster,
  WasmCloudDistribution,
  type ClusterObject,
  type Condition,
  type DistributionObject,
  type Kind,
  type KubeObject,
} from '@kasmcloud/kube-api';

import { avoidanceMs, type PlacedFailure } from '../failures/failures.ts';

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

/** What people wait for, or have to do something about, while a rollout is under way. */
const ROLLOUT_NEWS = ['Paused', 'AwaitingApproval', 'Stalled', 'Reverted', 'Complete'];

/** An event when a rollout comes to another phase. The first one of a Distribution is told by its becoming Ready. */
export function recordRolloutChange(
  events: EventRecorder,
  before: DistributionObject,
  after: DistributionObject,
): void {
  const was = before.status?.rollout;
  const is = after.status?.rollout;
  const isFirst = before.status?.currentRevision === undefined;
  if (is === undefined || was?.phase === is.phase || isFirst || !ROLLOUT_NEWS.includes(is.phase)) return;
  const type = is.phase === 'Stalled' || is.phase === 'Reverted' ? 'Warning' : 'Normal';
  const stage = is.stage === undefined ? '' : `, stage ${is.stage}`;
  const note = `revision ${is.revision}${stage}: ${is.updatedHosts} hosts are updated`;
  events.record(WasmCloudDistribution, after, { type, reason: `Rollout${is.phase}`, action: 'Rollout', note });
}

/** A lost host is told at its cluster on the hub, where people look. */
export function recordHostLost(events: EventRecorder, cluster: ClusterObject, host: string): void {
  const note = `host ${host} does not renew its Lease; what ran there is placed elsewhere`;
  events.record(WasmCloudCluster, cluster, { type: 'Warning', reason: 'HostLost', action: 'Replace', note });
}

/** What became of the credentials by which a member is reached. */
export function recordRenewal(
  events: EventRecorder,
  cluster: ClusterObject,
  note: string,
  type: 'Normal' | 'Warning' = 'Normal',
): void {
  const reason = type === 'Normal' ? 'CredentialsRenewed' : 'CredentialsNotRenewed';
  events.record(WasmCloudCluster, cluster, { type, reason, action: 'Renew', note });
}

/** A place where a Distribution could not be started or written, and for how long it is avoided. */
export function recordFailures(
  events: EventRecorder,
  distribution: DistributionObject | undefined,
  failures: readonly PlacedFailure[],
): void {
  if (distribution === undefined) return;
  for (const { place, failure } of failures) {
    const wait = Math.round(avoidanceMs(failure) / 1000);
    const note = `${place}: ${failure.reason}: ${failure.message}; avoided for ${wait} s`;
    const reason = failure.host === '' ? 'WriteRefused' : 'StartFailed';
    events.record(WasmCloudDistribution, distribution, { type: 'Warning', reason, action: 'Avoid', note });
  }
}
