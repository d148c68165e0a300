import {
  conditionTypes,
  setCondition,
  taintKeys,
  type ClusterObject,
  type ClusterStatus,
  type ConditionUpdate,
} from '@kasmcloud/kube-api';
import type { Member } from './member.ts';
import type { Members, Refusal } from './members.ts';
import { contactTime } from './silence.ts';

/** What is known of a member, for its status. */
export interface ClusterSight {
  readonly member:
    | Pick<
        Member,
        'hasSynced' | 'version' | 'identity' | 'contact' | 'problem' | 'silentMs' | 'hosts' | 'livenessOf' | 'heldHosts'
      >
    | undefined;
  readonly reach: ReturnType<Members['reachOf']>;
  /** Whether it is silent together with so many others that nothing fails over from it. */
  readonly isHeld: boolean;
  /** Why it could not be joined. */
  readonly refusal: Refusal | undefined;
  /** Distributions that still have something there, by key. */
  readonly inUseBy: readonly string[];
}

/** Status of a WasmCloudCluster. `nowMs`: milliseconds since the epoch. */
export function clusterStatus(cluster: ClusterObject, sight: ClusterSight, nowMs: number): ClusterStatus {
  const { metadata, status } = cluster;
  const { member } = sight;
  const now = new Date(nowMs).toISOString();
  const hosts = member?.hosts.list() ?? [];
  const ready = hosts.filter(({ metadata: { name } }) => member?.livenessOf(name) === 'Ready').length;
  const conditions = [reachableOf(sight), readyOf(sight, ready), evictionsOf(sight), drainedOf(cluster, sight)].reduce(
    (list, next) => setCondition(list, { ...next, ...generationOf(metadata.generation) }, now),
    status?.conditions,
  );
  // A member that is out of reach is still the cluster that it was.
  const { version = status?.version, identity = status?.identity } = member ?? {};
  const contactMs = member === undefined ? undefined : nowMs - member.silentMs;
  const lastContactTime = contactTime(status?.lastContactTime, contactMs, sight.reach === 'Reachable');
  return {
    ...generationOf(metadata.generation),
    ...(version !== undefined && { version }),
    ...(identity !== undefined && { identity }),
    hosts: hosts.length,
    readyHosts: ready,
    ...(lastContactTime !== undefined && { lastContactTime }),
    ...(conditions !== undefined && { conditions }),
  };
}

function reachableOf({ member, reach, refusal }: ClusterSight): ConditionUpdate {
  const type = conditionTypes.reachable;
  if (refusal !== undefined) return { type, status: 'False', ...refusal };
  if (member === undefined) return { type, status: 'Unknown', reason: 'Joining', message: '' };
  const { contact } = member;
  const said = 'message' in contact ? contact.message : '';
  if (reach === 'Reachable') {
    // One lost answer is everyday: it is told when there is a second.
    const reason = contact.kind === 'Silent' || contact.kind === 'CredentialsRefused' ? 'Answering' : contact.kind;
    return { type, status: 'True', reason, message: reason === 'Answering' ? '' : said };
  }
  if (contact.kind === 'CredentialsRefused')
    return { type, status: 'False', reason: contact.kind, message: `${said}; what runs there goes on` };
  const message = 'its API server does not answer; what runs there goes on, and counts as it was last decided';
  return { type, status: 'False', reason: reach, message: contact.kind === 'Silent' ? `${message}: ${said}` : message };
}

function readyOf({ member, reach, refusal }: ClusterSight, ready: number): ConditionUpdate {
  const type = conditionTypes.ready;
  if (refusal !== undefined) return { type, status: 'False', ...refusal };
  if (member === undefined || reach !== 'Reachable')
    return { type, status: 'False', reason: 'NotReachable', message: '' };
  if (member.problem !== undefined) return { type, status: 'False', ...member.problem };
  if (!member.hasSynced) {
    const message = 'its hosts, actors and providers are not read yet';
    return { type, status: 'False', reason: 'NotSynced', message };
  }
  if (ready === 0) return { type, status: 'False', reason: 'NoReadyHost', message: 'no host of this cluster is Ready' };
  return { type, status: 'True', reason: 'HostsReady', message: '' };
}

/** Distributions that a condition names; the rest is told as a number. */
const MOST_NAMED = 5;

/** Whether what is drained, or leaves, is empty. */
function drainedOf(cluster: ClusterObject, { inUseBy }: ClusterSight): ConditionUpdate {
  const type = conditionTypes.drained;
  if (!isEmptied(cluster)) return { type, status: 'False', reason: 'InUse', message: '' };
  if (inUseBy.length === 0) return { type, status: 'True', reason: 'Empty', message: '' };
  const more = inUseBy.length > MOST_NAMED ? ` and ${inUseBy.length - MOST_NAMED} more` : '';
  const message = `still placed here: ${inUseBy.slice(0, MOST_NAMED).join(', ')}${more}`;
  return {
    type,
    status: 'False',
    reason: cluster.metadata.deletionTimestamp === undefined ? 'Draining' : 'Leaving',
    message,
  };
}

/** Whether what is placed in a cluster is to go from there. */
export const isEmptied = ({ metadata, spec }: ClusterObject): boolean =>
  metadata.deletionTimestamp !== undefined || spec.taints?.some(({ key }) => key === taintKeys.drain) === true;

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
