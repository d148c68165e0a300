import {
  annotations,
  builtin,
  conditionTypes,
  findCondition,
  labels,
  setCondition,
  type Condition,
  type ConditionUpdate,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { ConflictError, type KubeClient } from '@kasmcloud/kube';
import type { WadmPresence } from '@kasmcloud/lattice';
import { modeOf } from './lattices.ts';

type NamespaceObject = KubeObject<unknown, { readonly conditions?: readonly Condition[] }>;

/** Says on every lattice's namespace whether a wadm was found beside us. One that never was is not spoken of. */
export async function tellPresence(
  hub: KubeClient,
  presence: WadmPresence,
  now: string,
  signal: AbortSignal,
): Promise<void> {
  const { items } = await hub.list<NamespaceObject>(builtin.Namespace, { labelSelector: labels.lattice, signal });
  for (const namespace of items) {
    if (modeOf(namespace.metadata.annotations?.[annotations.wadmApi]) === 'Off') continue;
    const before = findCondition(namespace.status?.conditions, conditionTypes.wadmPresent);
    const next = conditionOf(presence);
    if (before === undefined && presence.kind === 'alone') continue;
    if (before?.status === next.status && before.message === next.message) continue;
    const conditions = setCondition(namespace.status?.conditions, next, now);
    try {
      await hub.patchStatus(builtin.Namespace, namespace, { conditions }, { signal });
    } catch (error) {
      // Somebody else wrote it meanwhile: the next look tells it.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

const conditionOf = (presence: WadmPresence): ConditionUpdate => {
  const type = conditionTypes.wadmPresent;
  if (presence.kind === 'alone')
    return { type, status: 'False', reason: 'Alone', message: 'no wadm is left: the wadm API is served here' };
  const message = `${presence.evidence}: the wadm API is left to it. Stop it to be served here.`;
  return { type, status: 'True', reason: 'WadmFound', message };
};
