import type { Condition } from './schema/common.ts';

/** Condition types shared by every kind (kstatus) and those that only we use. */
export const conditionTypes = {
  ready: 'Ready',
  reconciling: 'Reconciling',
  stalled: 'Stalled',
  reachable: 'Reachable',
  applied: 'Applied',
  /** Everything asked for has a place. */
  scheduled: 'Scheduled',
  /** A change is being carried out. */
  progressing: 'Progressing',
  /** Everything asked for runs. */
  available: 'Available',
  /** Something is worse than planned; the message names it. */
  degraded: 'Degraded',
  /** So much was lost together that nothing is moved because of it. */
  evictionsStopped: 'EvictionsStopped',
  /** Nothing of ours is placed in a cluster that is drained or leaves. */
  drained: 'Drained',
  /** On a lattice's namespace: a wadm of wasmCloud's own works there, and our wadm API stands back. */
  wadmPresent: 'WadmPresent',
  /** On a lattice's namespace: links and config are the same here and in the lattice's buckets. */
  mirrored: 'Mirrored',
  /** On a Link of the hub: whether the Secrets that it names could be carried into members. */
  secretsCarried: 'SecretsCarried',
  /** True while a spec says something that is not acted on; the message names the fields. */
  unsupported: 'UnsupportedFields',
} as const;

export type ConditionUpdate = Omit<Condition, 'lastTransitionTime'>;

/**
 * The conditions with `next` put in. `lastTransitionTime` changes only when the status does, as API conventions ask,
 * so equal facts give an equal list. `now` is RFC 3339.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  next: ConditionUpdate,
  now: string,
): Condition[] {
  const before = conditions ?? [];
  const same = before.find((condition) => condition.type === next.type);
  const lastTransitionTime = same?.status === next.status ? same.lastTransitionTime : now;
  const entry: Condition = { ...next, message: truncate(next.message), lastTransitionTime };
  return same === undefined
    ? [...before, entry]
    : before.map((condition) => (condition.type === next.type ? entry : condition));
}

export const findCondition = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find((condition) => condition.type === type);

export const isConditionTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  findCondition(conditions, type)?.status === 'True';

/** The schema bounds messages; a long cause must not make a status unwritable. */
const MESSAGE_LIMIT = 4096;
const truncate = (message: string): string =>
  message.length <= MESSAGE_LIMIT ? message : `${message.slice(0, MESSAGE_LIMIT - 1)}…`;
