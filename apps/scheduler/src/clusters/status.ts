import {
  conditionTypes,
  setCondition,
  type ClusterObject,
  type ClusterStatus,
  type ConditionUpdate,
} from '@kasmcloud/kube-api';
import type { Member } from './member.ts';
import type { Members } from './members.ts';
import { contactTime } from './silence.ts';

/** What is known of a member, for its status. */
export interface ClusterSight {
  readonly member:
    Pick<Member, 'hasSynced' | 'version' | 'silentMs' | 'hosts' | 'livenessOf' | 'heldHosts'> | undefined;
  readonly reach: ReturnType<Members['reachOf']>;
  /** Whether it is silent together with so many others that nothing fails over from it. */
  readonly isHeld: boolean;
  /** Why it could not be joined. */
  readonly refusal: string | undefined;
}

/** Status of a WasmCloudCluster. `nowMs`: milliseconds since the epoch. */
export function clusterStatus({ metadata, status }: ClusterObject, sight: ClusterSight, nowMs: number): ClusterStatus {
  const { member } = sight;
  const now = new Date(nowMs).toISOString();
  const hosts = member?.hosts.list() ?? [];
  const ready = hosts.filter(({ metadata: { name } }) => member?.livenessOf(name) === 'Ready').length;
  const conditions = [reachableOf(sight), readyOf(sight, ready), evictionsOf(sight)].reduce(
    (list, next) => setCondition(list, { ...next, ...generationOf(metadata.generation) }, now),
    status?.conditions,
  );
  const contactMs = member === undefined ? undefined : nowMs - member.silentMs;
  const lastContactTime = contactTime(status?.lastContactTime, contactMs, sight.reach === 'Reachable');
  return {
    ...generationOf(metadata.generation),
    ...(member?.version !== undefined && { version: member.version }),
    hosts: hosts.length,
    readyHosts: ready,
    ...(lastContactTime !== undefined && { lastContactTime }),
    ...(conditions !== undefined && { conditions }),
  };
}

function reachableOf({ member, reach, refusal }: ClusterSight): ConditionUpdate {
  const type = conditionTypes.reachable;
  if (refusal !== undefined) return { type, status: 'False', reason: 'AccessRefused', message: refusal };
  if (member === undefined) return { type, status: 'Unknown', reason: 'Joining', message: '' };
  if (reach === 'Reachable') return { type, status: 'True', reason: 'Answering', message: '' };
  const message = 'its API server does not answer; what runs there goes on, and counts as it was last decided';
  return { type, status: 'False', reason: reach, message };
}

function readyOf({ member, reach }: ClusterSight, ready: number): ConditionUpdate {
  const type = conditionTypes.ready;
  if (member === undefined || reach !== 'Reachable')
    return { type, status: 'False', reason: 'NotReachable', message: '' };
  if (!member.hasSynced) {
    return {
      type,
      status: 'False',
      reason: 'NotSynced',
      message: 'hosts, actors or providers could not be listed yet: are the CRDs there?',
    };
  }
  if (ready === 0) return { type, status: 'False', reason: 'NoReadyHost', message: 'no host of this cluster is Ready' };
  return { type, status: 'True', reason: 'HostsReady', message: '' };
}

/** Mass loss (DESIGN §4.9): what vanished together is waited for, not replaced. */
function evictionsOf({ member, isHeld }: ClusterSight): ConditionUpdate {
  const type = conditionTypes.evictionsStopped;
  if (isHeld) {
    const message = 'all members, or most of them, fell silent together: the fault may be here, so nothing fails over';
    return { type, status: 'True', reason: 'MembersSilentTogether', message };
  }
  const hosts = member?.heldHosts ?? 0;
  if (hosts === 0) return { type, status: 'False', reason: 'NoMassLoss', message: '' };
  const message = `${hosts} hosts vanished within a minute: what they ran is not replaced before they are back or removed`;
  return { type, status: 'True', reason: 'HostsVanishedTogether', message };
}

const generationOf = (generation: number | undefined): { observedGeneration?: number } =>
  generation === undefined ? {} : { observedGeneration: generation };
