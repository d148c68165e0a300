import { isDeepStrictEqual } from 'node:util';
import { setCondition, type Condition, type ConditionUpdate, type Kind, type KubeObject } from '@kasmcloud/kube-api';
import type { KubeClient } from './client.ts';
import { retryOnConflict } from './conflict.ts';
import { isRecord } from './errors.ts';

/** A status that has conditions, as all of ours do. */
export interface WithConditions {
  readonly conditions?: Condition[] | undefined;
}

export interface StatusUpdate<Status> {
  readonly conditions: readonly ConditionUpdate[];
  /** Other fields of the status to set; null removes one. */
  readonly fields?: { readonly [Field in keyof Status]?: Status[Field] | null };
}

/**
 * Writes conditions and other status fields, if that changes anything, and returns the object as it then is. Conditions
 * of other types stay. When another write came between, the object is read again, and the update put on top of that.
 *
 * @param now RFC 3339: `lastTransitionTime` of the conditions whose status changes
 */
export async function updateStatus<Status extends WithConditions, T extends KubeObject<unknown, Status>>(
  client: Pick<KubeClient, 'get' | 'patchStatus'>,
  kind: Kind,
  object: T,
  update: StatusUpdate<Status>,
  options: { readonly now: string; readonly fieldManager: string; readonly signal?: AbortSignal },
): Promise<T> {
  const { now, fieldManager, signal } = options;
  let known: T | undefined = object;
  return retryOnConflict(async () => {
    const current: T =
      known ?? (await client.get<T>(kind, object.metadata.name, object.metadata.namespace, { signal }));
    known = undefined;
    const patch = difference(current.status, update, now);
    return patch === undefined ? current : client.patchStatus<T>(kind, current, patch, { fieldManager, signal });
  });
}

/** What a merge patch must say to make the status so; undefined when it is so already. */
function difference<Status extends WithConditions>(
  status: Status | undefined,
  { conditions, fields = {} }: StatusUpdate<Status>,
  now: string,
): object | undefined {
  const before = status?.conditions;
  const after = conditions.reduce<Condition[] | undefined>((all, next) => setCondition(all, next, now), before);
  const known = { ...status };
  const patch = mergePatch(known, asSent({ ...known, ...fields, conditions: after }));
  return isRecord(patch) ? patch : undefined;
}

/** As JSON carries it: fields that are undefined are not there, and null asks for a removal. */
const asSent = (status: object): unknown =>
  JSON.parse(JSON.stringify(status, (_key, value: unknown) => (value === null ? undefined : value)));

/** The RFC 7396 patch that turns one value into the other, undefined when they are equal. Lists are replaced whole. */
function mergePatch(before: unknown, after: unknown): unknown {
  if (isDeepStrictEqual(before, after)) return undefined;
  if (!isRecord(before) || !isRecord(after)) return after;
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const change = key in after ? mergePatch(before[key], after[key]) : null;
    if (change !== undefined) patch[key] = change;
  }
  return patch;
}
