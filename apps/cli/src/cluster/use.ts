import {
  conditionTypes,
  fieldManagers,
  findCondition,
  WasmCloudCluster,
  type ClusterObject,
} from '@kasmcloud/kube-api';
import { NotFoundError, setClusterUse, withdraw, type ClusterUse, type KubeClient } from '@kasmcloud/kube';
import { UserError } from '../user-error.ts';
import { onHub, type HubFlags, type Say } from './hub.ts';
import { waitFor, type WaitFlags } from './waiting.ts';

const words: Record<ClusterUse, string> = {
  InUse: 'in use',
  Cordoned: 'cordoned: nothing new is placed there',
  Draining: 'draining',
};

/** Takes a member out of use, or into use again. */
export async function setUse(
  name: string,
  use: ClusterUse,
  flags: HubFlags,
  say: Say,
  stop: AbortSignal,
): Promise<void> {
  await onHub(flags, async (hub) => {
    await change(hub, name, use, stop);
    say(`${name} is ${words[use]}`);
  });
}

/** Empties a member, and waits until it is empty. */
export async function drain(name: string, flags: HubFlags & WaitFlags, say: Say, stop: AbortSignal): Promise<void> {
  await onHub(flags, async (hub) => {
    const { metadata } = await change(hub, name, 'Draining', stop);
    say(`${name} is ${words.Draining}`);
    if (!flags.wait) return;
    await waitFor(hub, name, { flags, isDone: (cluster) => isEmpty(cluster, metadata.generation ?? 0) }, say, stop);
    say(`${name} is empty`);
  });
}

/** Lets a member go. */
export async function leave(
  name: string,
  flags: HubFlags & WaitFlags & { readonly now?: boolean },
  say: Say,
  stop: AbortSignal,
): Promise<void> {
  await onHub(flags, async (hub) => {
    if (!(await hub.delete(WasmCloudCluster, name, undefined, { signal: stop }))) throw unknown(name);
    if (flags.now === true) await withdraw(hub, name, { fieldManager: fieldManagers.cli, signal: stop });
    else say(`${name} is leaving`);
    if (!flags.wait) return;
    await waitFor(hub, name, { flags, isDone: (cluster) => cluster === undefined }, say, stop);
    say(`${name} has left`);
  });
}

async function change(hub: KubeClient, name: string, use: ClusterUse, signal: AbortSignal): Promise<ClusterObject> {
  try {
    return await setClusterUse(hub, name, use, { fieldManager: fieldManagers.cli, signal });
  } catch (error) {
    throw error instanceof NotFoundError && error.details.name === name ? unknown(name) : error;
  }
}

const unknown = (name: string): UserError =>
  new UserError(`there is no cluster ${name}: kasm cluster list shows those there are`);

/** Only what was told of this wish counts. */
function isEmpty(cluster: ClusterObject | undefined, generation: number): boolean {
  const drained = findCondition(cluster?.status?.conditions, conditionTypes.drained);
  return cluster === undefined || (drained?.status === 'True' && (drained.observedGeneration ?? 0) >= generation);
}
