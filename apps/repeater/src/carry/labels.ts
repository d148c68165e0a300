import { annotations, WasmCloudHost, type HostObject } from '@kasmcloud/kube-api';
import { givenMark } from '@kasmcloud/wire';
import { annotatedTexts } from '../annotated.ts';
import { placementLabels } from '../legacy/host-object.ts';
import { givenKeys } from '../legacy/own-labels.ts';
import type { Member } from '../members/member.ts';
import type { Commands } from './command.ts';

interface LabelledHost {
  readonly id: string;
  readonly member: Member;
  readonly object: HostObject;
}

/** Puts a label, or without a value takes it away. */
export interface LabelCommand {
  readonly key: string;
  readonly value: string | undefined;
}

/**
 * What to tell a host so that it has the labels that people gave its object, in this order. Each given label has a mark beside
 * it that comes before and goes after it: whoever ends between two commands, and however old the labels are that somebody
 * hears of, a given label is never taken for the host's own, and one of its own never for given.
 *
 * @param told as the host has them
 */
export function labelCommands(
  told: Readonly<Record<string, string>>,
  object: Pick<HostObject, 'metadata'>,
): LabelCommand[] {
  const wished = wishedLabels(object);
  const given = new Set(givenKeys(told));
  const puts = Object.entries(wished).filter(
    // A value that the host has of its own is stronger.
    ([key, value]) => (given.has(key) || told[key] === undefined) && (!given.has(key) || told[key] !== value),
  );
  return [
    // The mark again, also where it is: somebody's commands to take it away may still be on their way.
    ...puts.flatMap(([key, value]) => [
      { key: givenMark(key), value: 'true' },
      { key, value },
    ]),
    // The label also where it is gone: somebody's command to put it may still be on its way.
    ...[...given]
      .filter((key) => !(key in wished))
      .flatMap((key) => [
        { key, value: undefined },
        { key: givenMark(key), value: undefined },
      ]),
  ];
}

/** Labels of the object that a host may have, and that do not come from the host itself. */
function wishedLabels(object: Pick<HostObject, 'metadata'>): Record<string, string> {
  const fromHost = annotatedTexts(object, annotations.hostLabels);
  const labels = Object.entries(placementLabels(object.metadata.labels ?? {}));
  return Object.fromEntries(labels.filter(([key, value]) => fromHost[key] !== value && !isBuiltIn(key)));
}

/** No host takes these from others. */
const isBuiltIn = (key: string): boolean => key.toLowerCase().startsWith('hostcore.');

/** Tells the host what is different. @throws HostRefusedError, and what the connection throws */
export async function carryLabels(
  { id, member, object }: LabelledHost,
  told: Readonly<Record<string, string>>,
  { commands, signal }: { readonly commands: Commands; readonly signal: AbortSignal },
): Promise<void> {
  if (labelCommands(told, object).length === 0) return;
  // What brought us here may be old news on either side: a label that is gone by now must not be put.
  const wished = await member.client.find<HostObject>(WasmCloudHost, object.metadata.name, undefined, { signal });
  const now = await commands.inventory(id, signal);
  if (wished === undefined || now === undefined) return;
  for (const { key, value } of labelCommands(now.labels, wished)) await commands.label(id, key, value, signal);
}
