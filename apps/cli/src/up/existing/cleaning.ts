import { setTimeout as sleep } from 'node:timers/promises';
import {
  builtin,
  fieldManagers,
  kinds,
  SYSTEM_NAMESPACE,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudHost,
  type Kind,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { NotFoundError, withdraw, type KubeClient } from '@kasmcloud/kube';
import { LATTICE, type Mark } from '../seed.ts';
import type { ExistingCluster } from './existing-cluster.ts';
import { isMarked, selectorOf } from './mark.ts';
import { deleteNamespace } from './namespaces.ts';

const LOOK_MS = 100;

/**
 * Takes away what bears our mark, with all that is in our namespaces, and leaves everything else. Definitions that we
 * installed go too, unless somebody has made objects of theirs meanwhile. Our services must have stopped before.
 * Returns what had to stay, in words; throws what the API server refused.
 */
export async function cleanCluster(
  { client }: Pick<ExistingCluster, 'client'>,
  mark: Mark,
  signal: AbortSignal,
): Promise<string[]> {
  const namespaces: string[] = [];
  for (const name of [SYSTEM_NAMESPACE, LATTICE]) {
    if (isMarked(await client.find(builtin.Namespace, name, undefined, { signal }), mark)) namespaces.push(name);
  }
  if (namespaces.includes(SYSTEM_NAMESPACE)) {
    await deleteHosts(client, signal);
    await deleteEvents(client, mark, signal);
  }
  // The scheduler that would empty them first has stopped.
  for (const { metadata } of await listed(client, WasmCloudCluster, { labelSelector: selectorOf(mark), signal }))
    await withdraw(client, metadata.name, { fieldManager: fieldManagers.cli, signal });
  await deleteMarked(client, WasmCloudCluster, mark, signal);
  if (namespaces.includes(LATTICE)) await releaseDistributions(client, signal);
  const left = (await Promise.all(namespaces.map(async (name) => deleteNamespace(client, name, signal)))).flat();
  for (const kind of [builtin.ClusterRoleBinding, builtin.ClusterRole]) {
    await deleteMarked(client, kind, mark, signal);
  }
  for (const kind of kinds) left.push(...(await deleteDefinition(client, kind, mark, signal)));
  return left;
}

/** Hosts register themselves, so they bear no mark; those whose Lease is in our namespace are ours. */
async function deleteHosts(client: KubeClient, signal: AbortSignal): Promise<void> {
  const leases = await listed(client, builtin.Lease, { namespace: SYSTEM_NAMESPACE, signal });
  for (const { metadata } of leases) await client.delete(WasmCloudHost, metadata.name, undefined, { signal });
}

/** Events about cluster-scoped objects are in a namespace that is not ours. */
async function deleteEvents(client: KubeClient, mark: Mark, signal: AbortSignal): Promise<void> {
  type Event = KubeObject & { readonly regarding?: { readonly uid?: string } };
  const members = await listed(client, WasmCloudCluster, { labelSelector: selectorOf(mark), signal });
  const uids = new Set(members.map(({ metadata }) => metadata.uid));
  for (const { metadata, regarding } of await listed<Event>(client, builtin.Event, { namespace: 'default', signal })) {
    if (regarding?.uid === undefined || !uids.has(regarding.uid)) continue;
    await client.delete(builtin.Event, metadata.name, 'default', { uid: metadata.uid, signal });
  }
}

async function deleteMarked(client: KubeClient, kind: Kind, mark: Mark, signal: AbortSignal): Promise<void> {
  for (const { metadata } of await listed(client, kind, { labelSelector: selectorOf(mark), signal })) {
    await client.delete(kind, metadata.name, undefined, { uid: metadata.uid, signal });
  }
}

/** The scheduler that would let them go has stopped, and what they placed goes with our namespaces in the members. */
async function releaseDistributions(client: KubeClient, signal: AbortSignal): Promise<void> {
  for (const { metadata } of await listed(client, WasmCloudDistribution, { namespace: LATTICE, signal })) {
    if ((metadata.finalizers ?? []).length === 0) continue;
    const patch = { metadata: { uid: metadata.uid, finalizers: null } };
    await client.patch(WasmCloudDistribution, metadata.name, LATTICE, patch, { type: 'merge', signal });
  }
}

async function deleteDefinition(client: KubeClient, kind: Kind, mark: Mark, signal: AbortSignal): Promise<string[]> {
  const name = `${kind.plural}.${kind.group}`;
  const find = async (): Promise<KubeObject | undefined> =>
    client.find(builtin.CustomResourceDefinition, name, undefined, { signal });
  const standing = await find();
  if (!isMarked(standing, mark)) return [];
  const objects = await listed(client, kind, { signal });
  if (objects.length > 0) return [`CustomResourceDefinition ${name}, of which there are ${objects.length} objects`];
  const uid = standing?.metadata.uid;
  await client.delete(builtin.CustomResourceDefinition, name, undefined, { uid, signal });
  while ((await find())?.metadata.uid === uid) await sleep(LOOK_MS, undefined, { signal });
  return [];
}

/** Empty where the kind itself is not there. */
async function listed<T extends KubeObject>(
  client: KubeClient,
  kind: Kind,
  options: { readonly namespace?: string; readonly labelSelector?: string; readonly signal: AbortSignal },
): Promise<readonly T[]> {
  try {
    return (await client.list<T>(kind, options)).items;
  } catch (error) {
    if (error instanceof NotFoundError) return [];
    throw error;
  }
}
