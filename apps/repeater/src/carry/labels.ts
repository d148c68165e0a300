import { annotations, WasmCloudHost, type HostObject } from '@kasmcloud/kube-api';
import { carriedLabels } from '../legacy/carried-labels.ts';
import { placementLabels } from '../legacy/host-object.ts';
import type { Member } from '../members/member.ts';
import type { Commands } from './command.ts';

interface LabelledHost {
  readonly id: string;
  readonly member: Member;
  readonly object: HostObject;
}

export interface LabelChange {
  readonly put: Readonly<Record<string, string>>;
  readonly del: readonly string[];
  /** Labels that are on the host because Kubernetes says so, from then on. */
  readonly carried: Readonly<Record<string, string>>;
}

/**
 * Labels that a person put on a WasmCloudHost go to the host, and those that went again go there, too. What the host has of
 * its own stays the host's: its value wins.
 *
 * @param reported as the host has them
 * @param said as the object has them
 * @param carried as was put on the host for Kubernetes before
 */
export function labelChange(
  reported: Readonly<Record<string, string>>,
  said: Readonly<Record<string, string>>,
  carried: Readonly<Record<string, string>>,
): LabelChange {
  const wished = Object.entries(placementLabels(said)).filter(
    // Another value than the one that we gave it is the host's own will.
    ([key]) => reported[key] === undefined || reported[key] === carried[key],
  );
  const kept = Object.fromEntries(wished.filter(([key, value]) => key in carried || reported[key] !== value));
  const gone = Object.keys(carried).filter((key) => !(key in said));
  return {
    put: Object.fromEntries(Object.entries(kept).filter(([key, value]) => reported[key] !== value)),
    del: gone.filter((key) => reported[key] === carried[key] && reported[key] !== undefined),
    carried: kept,
  };
}

/** Carries what is different, and notes it on the object. @throws HostRefusedError */
export async function carryLabels(
  { id, member, object }: LabelledHost,
  reported: Readonly<Record<string, string>>,
  { commands, signal }: { readonly commands: Commands; readonly signal: AbortSignal },
): Promise<void> {
  const { name } = object.metadata;
  if (!isSomething(changeOf(object, reported), object)) return;
  // What a watch brought may be old news: a label that is gone by now would be put on the host, and be its own from then on.
  const fresh = await member.client.find<HostObject>(WasmCloudHost, name, undefined, { signal });
  if (fresh === undefined) return;
  const change = changeOf(fresh, reported);
  if (!isSomething(change, fresh)) return;
  // Noted last: until then the host's label and the object's are equal, and nobody sets one against the other.
  for (const [key, value] of Object.entries(change.put)) await commands.label(id, key, value, signal);
  for (const key of change.del) await commands.label(id, key, undefined, signal);
  const isEmpty = Object.keys(change.carried).length === 0;
  const note = isEmpty ? null : JSON.stringify(change.carried);
  const patch = { metadata: { annotations: { [annotations.carriedLabels]: note } } };
  await member.client.patch(WasmCloudHost, name, undefined, patch, { type: 'merge', signal });
}

const changeOf = (object: HostObject, reported: Readonly<Record<string, string>>): LabelChange =>
  labelChange(reported, object.metadata.labels ?? {}, carriedLabels(object));

/** Whether there is something to tell the host, or to note. */
const isSomething = ({ put, del, carried }: LabelChange, object: HostObject): boolean =>
  del.length > 0 || Object.keys(put).length > 0 || JSON.stringify(carried) !== JSON.stringify(carriedLabels(object));
