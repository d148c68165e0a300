import { fieldManagers, latticeUser, taintKeys, WasmCloudHost, type HostObject } from '@kasmcloud/kube-api';
import { retryOnConflict } from '@kasmcloud/kube';
import { ctlDone, type CtlResponse } from '@kasmcloud/wire';
import { RefusedError } from './refused.ts';
import type { CommandedHost } from './workloads.ts';

interface Call {
  readonly lattice: string;
  readonly host: CommandedHost;
  readonly signal: AbortSignal;
}

/** These come from the system, the scheduler and the cluster. */
const RESERVED = /(^|\.)(kasmcloud|kubernetes|k8s)\.io\//;

/** Puts a label on a WasmCloudHost, or takes it away: whoever asked must be allowed to change hosts, which are no lattice's own. */
export async function changeLabel(
  { lattice, host, signal }: Call,
  key: string,
  value: string | undefined,
): Promise<CtlResponse<never>> {
  if (/^hostcore\./i.test(key)) throw new RefusedError('hostcore.* labels cannot be set dynamically');
  if (RESERVED.test(key)) throw new RefusedError(`label ${key} is not for hosts to have: the cluster gives it`);
  const client = host.client.as(latticeUser(lattice));
  const before = await host.client.get<HostObject>(WasmCloudHost, host.name, undefined, { signal });
  const known = before.metadata.labels?.[key];
  if (value === undefined && known === undefined) return ctlDone('successfully deleted label (no such label)');
  if (value !== known) {
    const patch = { metadata: { labels: { [key]: value ?? null } } };
    const options = { type: 'merge', fieldManager: fieldManagers.lattice, signal } as const;
    await client.patch(WasmCloudHost, host.name, undefined, patch, options);
  }
  return ctlDone(value === undefined ? 'successfully deleted label' : 'successfully put label');
}

/** Cordons a host and taints it as stopped: it is emptied, and its lattices hear that it has stopped. Its process is not ours to end. */
export async function stopHost({ lattice, host, signal }: Call): Promise<CtlResponse<never>> {
  const client = host.client.as(latticeUser(lattice));
  await retryOnConflict(async () => {
    const { metadata, spec } = await host.client.get<HostObject>(WasmCloudHost, host.name, undefined, { signal });
    const others = (spec.taints ?? []).filter(({ key }) => key !== taintKeys.stopped);
    const taints = [...others, { key: taintKeys.stopped, value: lattice, effect: 'NoExecute' }];
    const { resourceVersion } = metadata;
    const patch = { metadata: { resourceVersion }, spec: { unschedulable: true, taints } };
    const options = { type: 'merge', fieldManager: fieldManagers.lattice, signal } as const;
    await client.patch(WasmCloudHost, host.name, undefined, patch, options);
  });
  return ctlDone('successfully handled stop host');
}
