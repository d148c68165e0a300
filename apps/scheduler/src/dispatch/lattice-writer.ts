import {
  fieldManagers,
  labels,
  typeMeta,
  WasmCloudActor,
  WasmCloudDistribution,
  WasmCloudLink,
  WasmCloudPlacement,
  WasmCloudProvider,
  type ActorObject,
  type DistributionObject,
  type LinkObject,
  type LinkSpec,
  type PlacementObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { copyConfig, dropConfig } from './config-copy.ts';
import { isUpToDate, MANAGED_BY, namedConfig } from './desired.ts';
import { carryLinkSecrets, named, tellLinkSecrets } from './link-secrets.ts';
import { ensureLatticeNamespace } from './namespace.ts';
import type { WriteOutcome, WriteTarget } from './placement-writer.ts';
import { dropSecrets } from './secret-copy.ts';

/**
 * Makes the links of one lattice, and the config that they name, true in one member: all of the hub's links where
 * anything of the lattice is placed or was started by others, none where nothing is. Links of others in the member are left alone.
 * A link whose Secrets must not be carried is written all the same: its ends say what they lack.
 */
export async function writeLattice(
  target: Omit<WriteTarget, 'clusterLabels' | 'known'>,
  cluster: string,
  namespace: string,
  signal: AbortSignal,
): Promise<Omit<WriteOutcome, 'repairs'>> {
  const { hub, member, hubId, isInUse, guestsOf, carriesSecrets, now } = target;
  const guests = guestsOf(namespace);
  const isUsed = guests.length > 0 || isInUse(cluster, namespace) || (await isDecided(hub, cluster, namespace, signal));
  const wanted = isUsed ? await hubLinks(hub, namespace, signal) : [];
  const outcome = { applied: 0, deleted: 0, unchanged: 0, superseded: false };
  const config = namedConfig(guests, wanted);
  if (wanted.length > 0 || config.length > 0) {
    await ensureLatticeNamespace(member, { name: namespace, hubId }, signal);
    await copyConfig(hub, member, namespace, config, signal);
  }
  const carriage = { hub, member, namespace, distribution: undefined, cluster };
  const secrets = carriesSecrets ? await carryLinkSecrets(carriage, wanted, signal) : undefined;
  const { items } = await member.list<LinkObject>(WasmCloudLink, { namespace, signal });
  const standing = new Map(items.map((link) => [link.metadata.name, link]));
  for (const link of wanted.map((each) => memberLink(each, cluster, secrets?.inMember(each) ?? each.spec))) {
    const before = standing.get(link.metadata.name);
    const foreign = before !== undefined && before.metadata.labels?.[labels.managedBy] !== MANAGED_BY;
    if (foreign || isUpToDate(before, link)) {
      outcome.unchanged += 1;
      continue;
    }
    await member.apply(WasmCloudLink, link, { fieldManager: fieldManagers.writer, force: true, signal });
    outcome.applied += 1;
  }
  const keep = new Set(wanted.map((link) => link.metadata.name));
  for (const { metadata } of items) {
    if (keep.has(metadata.name) || metadata.labels?.[labels.managedBy] !== MANAGED_BY) continue;
    const { name, uid, resourceVersion } = metadata;
    if (await member.delete(WasmCloudLink, name, namespace, { uid, resourceVersion, signal })) outcome.deleted += 1;
  }
  if ([...wanted, ...items].some((link) => named(link).length > 0))
    await dropSecrets(carriage, secrets?.kept ?? new Set(), signal);
  if (secrets !== undefined)
    for (const link of wanted) await tellLinkSecrets(hub, link, secrets.refusal(link), now(), signal);
  const inUse = (): Promise<ReadonlySet<string>> => configInUse({ hub, member }, { cluster, namespace }, signal);
  await dropConfig(member, namespace, { surely: config, inUse }, signal);
  return outcome;
}

/** ConfigMaps that Distributions that are placed here, or what still runs here of them may name. */
async function configInUse(
  { hub, member }: Pick<WriteTarget, 'hub' | 'member'>,
  { cluster, namespace }: { readonly cluster: string; readonly namespace: string },
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const [placements, distributions, actors, providers] = await Promise.all([
    hub.list<PlacementObject>(WasmCloudPlacement, { namespace, signal }),
    hub.list<DistributionObject>(WasmCloudDistribution, { namespace, signal }),
    member.list<ActorObject>(WasmCloudActor, { namespace, signal }),
    member.list<ProviderObject>(WasmCloudProvider, { namespace, signal }),
  ]);
  const here = new Set(
    placements.items.filter(({ spec }) => spec.cluster === cluster).map(({ spec }) => spec.distribution),
  );
  const wished = distributions.items
    .filter(({ metadata }) => here.has(metadata.name))
    .flatMap(({ spec }) => [spec.actor, spec.provider, ...(spec.overrides ?? [])].flatMap((one) => one?.config ?? []));
  const running = [...actors.items, ...providers.items];
  return new Set([...wished, ...namedConfig(running, [])]);
}

/** Asked of the hub itself: what is known here may lack the decision that led to this job. */
async function isDecided(hub: KubeClient, cluster: string, namespace: string, signal: AbortSignal): Promise<boolean> {
  const { items } = await hub.list<PlacementObject>(WasmCloudPlacement, { namespace, signal });
  return items.some(
    ({ spec }) => spec.cluster === cluster && spec.hosts.some(({ replicas, leaving = 0 }) => replicas + leaving > 0),
  );
}

async function hubLinks(hub: KubeClient, namespace: string, signal: AbortSignal): Promise<LinkObject[]> {
  const { items } = await hub.list<LinkObject>(WasmCloudLink, { namespace, signal });
  return items.filter((link) => link.metadata.deletionTimestamp === undefined);
}

function memberLink(link: LinkObject, cluster: string, spec: LinkSpec): LinkObject {
  const { name, namespace } = link.metadata;
  const application = link.metadata.labels?.[labels.application];
  return {
    ...typeMeta(WasmCloudLink),
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      labels: {
        [labels.managedBy]: MANAGED_BY,
        [labels.cluster]: cluster,
        ...(application !== undefined && { [labels.application]: application }),
      },
    },
    spec,
  };
}
