import {
  labels,
  secretReferences,
  typeMeta,
  WasmCloudActor,
  WasmCloudProvider,
  type ActorSpec,
  type ContainerProviderSpec,
  type DistributionObject,
  type KubeObject,
  type LinkObject,
  type PlacementObject,
  type ProviderSpec,
  type SecretReference,
} from '@kasmcloud/kube-api';
import type { Content } from '../history/template.ts';
import { sameJson } from '../same-json.ts';
import { workloadName } from './names.ts';

/** What every object that a writer makes in a member bears. */
export const MANAGED_BY = 'kasmcloud';

export type Workload = KubeObject<ActorSpec | ProviderSpec | ContainerProviderSpec>;

/** What each revision that a Placement names runs in its cluster; undefined for one that is not kept any more. */
export type Contents = ReadonlyMap<string, Content | undefined>;

/** The revisions that a Placement names where something runs. */
export const revisionsIn = ({ spec }: PlacementObject): Set<string> =>
  new Set(spec.hosts.filter(runsAny).map(({ revision }) => revision ?? spec.revision));

export interface DesiredWorkloads {
  readonly workloads: readonly Workload[];
  /** Hosts where all stays as it is: the revision is not kept any more, or the host was lost. */
  readonly untouched: ReadonlySet<string>;
}

/** The Actors or Providers that a Placement asks for in its cluster, one per host with at least one replica. */
export function desiredWorkloads(
  distribution: DistributionObject,
  { spec: { cluster, epoch, ...decided } }: PlacementObject,
  contents: Contents,
): DesiredWorkloads {
  const workloads: Workload[] = [];
  const untouched = new Set(decided.hosts.filter(isLost).map(({ host }) => host));
  for (const { host, replicas, leaving = 0, revision = decided.revision } of decided.hosts.filter(runsAny)) {
    const content = contents.get(revision);
    if (content === undefined) untouched.add(host);
    else
      workloads.push({
        ...typeMeta(content.kind === 'actor' ? WasmCloudActor : WasmCloudProvider),
        metadata: workloadMetadata(distribution, { host, cluster, revision }),
        spec: { ...workloadSpec(content, host, replicas + leaving), epoch },
      });
  }
  return { workloads, untouched };
}

function workloadSpec(content: Content, hostName: string, replicas: number): Workload['spec'] {
  if (content.kind === 'actor') return { ...content.spec, hostName, instances: replicas };
  const { container, ...spec } = content.spec;
  return container === undefined ? { ...spec, hostName } : { ...spec, container: { ...container, replicas } };
}

function workloadMetadata(
  { metadata }: DistributionObject,
  { host, cluster, revision }: { readonly host: string; readonly cluster: string; readonly revision: string },
): Workload['metadata'] {
  const application = metadata.labels?.[labels.application];
  return {
    name: workloadName(metadata.name, host),
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
    labels: {
      [labels.managedBy]: MANAGED_BY,
      [labels.distribution]: metadata.name,
      [labels.cluster]: cluster,
      [labels.revision]: revision,
      ...(application !== undefined && { [labels.application]: application }),
    },
  };
}

/** What ran on a host that was lost is left as it is, in case it comes back. */
const isLost = ({ lost = 0 }: PlacementObject['spec']['hosts'][number]): boolean => lost > 0;

const runsAny = ({ replicas, leaving = 0 }: PlacementObject['spec']['hosts'][number]): boolean =>
  replicas + leaving > 0;

/**
 * Whether what stands in the member already says what the decision says, so that no write is due. The epoch is left out:
 * it changes only with the content.
 */
export const isUpToDate = (standing: KubeObject | undefined, wanted: KubeObject): boolean =>
  standing !== undefined &&
  standing.metadata.deletionTimestamp === undefined &&
  sameJson(content(standing.spec), content(wanted.spec)) &&
  sameLabels(standing.metadata.labels, wanted.metadata.labels);

const content = (spec: unknown): unknown =>
  typeof spec === 'object' && spec !== null ? { ...spec, epoch: undefined } : spec;

const sameLabels = (
  standing: Record<string, string> | undefined,
  wanted: Record<string, string> | undefined,
): boolean => Object.entries(wanted ?? {}).every(([key, value]) => standing?.[key] === value);

/** The Secrets that workloads name, each once for each account. */
export const namedSecrets = (workloads: readonly Workload[]): SecretReference[] =>
  distinct(workloads.flatMap(({ spec }) => secretReferences(spec.secrets, spec.secretAccounts)));

/** Each Secret once for each account, in order. */
export const distinct = (references: readonly SecretReference[]): SecretReference[] =>
  [...new Map(references.map((one) => [referenceKey(one), one]))]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one);

/** What tells two references apart. */
export const referenceKey = ({ name, account }: SecretReference): string => `${name} ${account}`;

/** A workload that finds its Secrets under other names: those have been reviewed. */
export function withSecrets(workload: Workload, names: ReadonlyMap<string, string>): Workload {
  const { secrets, secretAccounts, ...spec } = workload.spec;
  if (names.size === 0 || secrets === undefined) return workload;
  const renamed = secrets.map((name) => names.get(name) ?? name);
  return { ...workload, spec: { ...spec, secrets: renamed, ...accountsBut(names, secretAccounts) } };
}

/** The accounts of those Secrets that keep their names. */
export function accountsBut(
  names: ReadonlyMap<string, string>,
  accounts: Readonly<Record<string, string>> | undefined,
): { readonly secretAccounts?: Record<string, string> } {
  const left = Object.entries(accounts ?? {}).filter(([name]) => !names.has(name));
  return left.length === 0 ? {} : { secretAccounts: Object.fromEntries(left) };
}

/** Names of the ConfigMaps that workloads and links of one lattice name. */
export function namedConfig(workloads: readonly Workload[], links: readonly LinkObject[]): string[] {
  const names = [
    ...workloads.flatMap(({ spec }) => spec.config ?? []),
    ...links.flatMap(({ spec }) => [...(spec.sourceConfig ?? []), ...(spec.targetConfig ?? [])]),
  ];
  return [...new Set(names)].toSorted();
}
