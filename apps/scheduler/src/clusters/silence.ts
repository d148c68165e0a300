import { conditionTypes, findCondition, type ClusterStatus } from '@kasmcloud/kube-api';

/** How old the time of a member that answers may get before it is written again: a status is no heartbeat. */
const CONTACT_STEP_MS = 30_000;
/** Two readings of one moment differ by what lies between a wall clock and a steady one. */
const SAME_MS = 100;

/**
 * For how long a member had been silent when the leader that told it was last alive, in milliseconds. Both times are of
 * that leader's clock. A member that was told to answer was heard of until then; while nobody led nobody listened, so
 * that this time does not count.
 */
export function silenceTold(status: ClusterStatus | undefined, beforeMs: number | undefined): number {
  const isSilent = findCondition(status?.conditions, conditionTypes.reachable)?.status === 'False';
  const contactMs = Date.parse(status?.lastContactTime ?? '');
  if (!isSilent || beforeMs === undefined || Number.isNaN(contactMs)) return 0;
  return Math.max(0, beforeMs - contactMs);
}

/** What `lastContactTime` is to say: exact once a member is silent, now and then while it answers. */
export function contactTime(
  written: string | undefined,
  contactMs: number | undefined,
  isReachable: boolean,
): string | undefined {
  if (contactMs === undefined) return written;
  const ageMs = written === undefined ? Infinity : contactMs - Date.parse(written);
  const isGood = isReachable ? ageMs < CONTACT_STEP_MS : Math.abs(ageMs) < SAME_MS;
  return isGood ? written : new Date(contactMs).toISOString();
}
