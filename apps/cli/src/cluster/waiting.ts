import { setTimeout as sleep } from 'node:timers/promises';
import { conditionTypes, findCondition, WasmCloudCluster, type ClusterObject } from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { UserError } from '../user-error.ts';
import type { Say } from './hub.ts';

export interface WaitFlags {
  readonly wait: boolean;
  /** Seconds. */
  readonly timeout: string;
}

const LOOK_MS = 250;

/**
 * Waits until a cluster is as wanted, and tells meanwhile what is still placed there. Undefined is one that has gone.
 *
 * @throws {UserError} when it is not so in time
 */
export async function waitFor(
  hub: KubeClient,
  name: string,
  { flags, isDone }: { readonly flags: WaitFlags; readonly isDone: (cluster: ClusterObject | undefined) => boolean },
  say: Say,
  stop: AbortSignal,
): Promise<void> {
  const seconds = Number(flags.timeout);
  if (!(seconds > 0)) throw new UserError(`--timeout: "${flags.timeout}" is no number of seconds`);
  const signal = AbortSignal.any([stop, AbortSignal.timeout(seconds * 1000)]);
  let told = '';
  for (;;) {
    const cluster = await hub.find<ClusterObject>(WasmCloudCluster, name, undefined, { signal: stop });
    if (isDone(cluster)) return;
    const { message = '' } = findCondition(cluster?.status?.conditions, conditionTypes.drained) ?? {};
    if (message !== told) say(message);
    told = message;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw new UserError(`${name} is not empty after ${seconds} s${told === '' ? '' : `: ${told}`}`);
  }
}
