import {
  annotations,
  fieldManagers,
  labels,
  WasmCloudActor,
  WasmCloudProvider,
  type ActorObject,
  type Kind,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { isAdoptable, shareOf } from '../plan/facts.ts';
import type { Workload } from './desired.ts';

type Adoptable = ActorObject | ProviderObject;

/** What runs on a legacy host and is only shown here: the repeater writes it, and takes it away for a wish of ours. */
const isObserved = ({ metadata }: Adoptable): boolean => metadata.labels?.[labels.observed] !== undefined;

export const kindOf = ({ kind }: { readonly kind?: string }): Kind =>
  kind === WasmCloudActor.kind ? WasmCloudActor : WasmCloudProvider;

/**
 * Decided workloads under the names of what stands for them already, so that what runs goes on: their own, or what a client
 * of the lattice had started on that host.
 */
export function underStandingNames(
  workloads: readonly Workload[],
  standing: readonly Workload[],
  adoptable: readonly Adoptable[],
): Workload[] {
  const named = [...adoptable.filter((one) => !isObserved(one)), ...standing];
  const names = new Set(standing.map(({ metadata }) => metadata.name));
  const byHost = new Map(named.map((one) => [shareOf(one).host, one.metadata.name]));
  return workloads.map((workload) => {
    const { name } = workload.metadata;
    const other = byHost.get(shareOf(workload).host);
    return names.has(name) || other === undefined
      ? workload
      : { ...workload, metadata: { ...workload.metadata, name: other } };
  });
}

/**
 * Makes the writer the owner of what the lattice's client wrote of an object: applied to after that, it is the writer's
 * whole, and what the decision does not say goes. The same object stays, so that its host has nothing to start.
 *
 * @throws ConflictError when it was changed meanwhile
 */
export async function takeOver(member: KubeClient, { kind, metadata }: Adoptable, signal: AbortSignal): Promise<void> {
  const { name, namespace } = metadata;
  const standing = await member.find<Adoptable>(kindOf({ kind }), name, namespace, { signal });
  if (standing === undefined || !isAdoptable(standing)) return;
  const { managedFields = [], resourceVersion } = standing.metadata;
  const renamed = managedFields.map((entry) =>
    isLattices(entry) ? { ...entry, manager: fieldManagers.writer } : entry,
  );
  const patch = { metadata: { resourceVersion, managedFields: renamed } };
  const options = { type: 'merge', fieldManager: fieldManagers.writer, signal } as const;
  await member.patch(kindOf({ kind }), name, namespace, patch, options);
}

/** Whether an entry of `managedFields` is what the lattice's client applied. */
const isLattices = (entry: unknown): entry is object =>
  typeof entry === 'object' && entry !== null && 'manager' in entry && entry.manager === fieldManagers.lattice;

/**
 * Ends what runs under the id of a Distribution where nothing of it is to run: the id is the address, and calls would reach
 * it. What runs on a legacy host is for the repeater to stop, which is told by an annotation.
 */
export async function endUnwanted(
  member: KubeClient,
  unwanted: readonly Adoptable[],
  distribution: string,
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0;
  for (const one of unwanted) {
    const { name, namespace, uid, annotations: said } = one.metadata;
    if (!isObserved(one)) {
      if (await member.delete(kindOf(one), name, namespace, { uid, signal })) deleted += 1;
      continue;
    }
    if (said?.[annotations.unwanted] === distribution) continue;
    const patch = { metadata: { uid, annotations: { [annotations.unwanted]: distribution } } };
    const options = { type: 'merge', fieldManager: fieldManagers.writer, signal } as const;
    await member.patch(kindOf(one), name, namespace, patch, options);
  }
  return deleted;
}
