import {
  builtin,
  conditionTypes,
  fieldManagers,
  SYSTEM_NAMESPACE,
  WasmCloudHost,
  type HostObject,
  type HostStatus,
} from '@kasmcloud/kube-api';
import { AlreadyExistsError, updateStatus, type KubeClient } from '@kasmcloud/kube';
import type { Clock } from '@kasmcloud/reconcile';

export interface HostIdentity {
  readonly name: string;
  /** `N…` */
  readonly hostId: string;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly lattices: readonly string[];
  readonly instances: number;
  /** RFC 3339. */
  readonly startedAt: string;
}

/** How much runs here. */
export interface HostLoad {
  readonly actors: number;
  readonly providers: number;
  readonly instances: number;
}

/** WIT interfaces that this host serves in process to whatever runs on it. */
const INTERFACES = [
  'wasi:http/incoming-handler',
  'wasi:http/outgoing-handler',
  'wasi:config/store',
  'wasi:logging/logging',
  'wasi:keyvalue/store',
  'wasi:keyvalue/atomics',
  'wasi:keyvalue/batch',
  'wasmcloud:messaging/consumer',
  'wasmcloud:messaging/handler',
];

const RETRY_MS = 1_000;

/** Makes the WasmCloudHost exist, with the labels of this host; tries until it is done or the signal aborts. */
export async function register(
  client: KubeClient,
  identity: HostIdentity,
  clock: Clock,
  onError: (error: unknown) => void,
  signal: AbortSignal,
): Promise<HostObject | undefined> {
  while (!signal.aborted) {
    try {
      await ensureNamespace(client, signal);
      return await ensureHost(client, identity, signal);
    } catch (error) {
      onError(error);
      await clock.sleep(RETRY_MS, signal);
    }
  }
  return undefined;
}

async function ensureNamespace(client: KubeClient, signal: AbortSignal): Promise<void> {
  if ((await client.find(builtin.Namespace, SYSTEM_NAMESPACE, undefined, { signal })) !== undefined) return;
  try {
    await client.create(builtin.Namespace, { metadata: { name: SYSTEM_NAMESPACE } }, { signal });
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
  }
}

/** `spec` is written only here, at the first registration: later it is the operator's. */
async function ensureHost(client: KubeClient, identity: HostIdentity, signal: AbortSignal): Promise<HostObject> {
  const { name, lattices } = identity;
  const labels = { ...identity.labels };
  const found = await client.find<HostObject>(WasmCloudHost, name, undefined, { signal });
  const call = { fieldManager: fieldManagers.host, signal };
  if (found === undefined) {
    return client.create<HostObject>(
      WasmCloudHost,
      { metadata: { name, labels }, spec: { lattices: [...lattices] } },
      call,
    );
  }
  const patch = { metadata: { labels } };
  return client.patch<HostObject>(WasmCloudHost, name, undefined, patch, { type: 'merge', ...call });
}

/** Tells what this host is and how much runs on it, and takes Ready back. Writes only what changed. */
export async function tellHost(
  client: KubeClient,
  host: HostObject,
  identity: HostIdentity,
  load: HostLoad,
  now: string,
  signal: AbortSignal,
): Promise<HostObject> {
  const fields: HostStatus = {
    hostId: identity.hostId,
    runtime: 'kasmcloud',
    version: identity.version,
    friendlyName: identity.name,
    labels: { ...identity.labels },
    startedAt: identity.startedAt,
    allocatable: { instances: identity.instances },
    interfaces: INTERFACES,
    ...load,
  };
  const ready = { type: conditionTypes.ready, status: 'True', reason: 'Running', message: '' } as const;
  const options = { now, fieldManager: fieldManagers.host, signal };
  return updateStatus<HostStatus, HostObject>(client, WasmCloudHost, host, { conditions: [ready], fields }, options);
}
