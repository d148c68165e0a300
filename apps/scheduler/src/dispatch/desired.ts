import {
  labels,
  typeMeta,
  WasmCloudActor,
  WasmCloudProvider,
  type ActorSpec,
  type DistributionObject,
  type KubeObject,
  type LinkObject,
  type PlacementObject,
  type ProviderSpec,
} from '@kasmcloud/kube-api';
import { sha256 } from '../plan/revision.ts';
import { workloadName } from './names.ts';

/** What every object that a writer makes in a member bears. */
export const MANAGED_BY = 'kasmcloud';

export type Workload = KubeObject<ActorSpec | ProviderSpec>;

/** The Actors or Providers that a Placement asks for in its cluster, one per host with at least one replica. */
export function desiredWorkloads(distribution: DistributionObject, placement: PlacementObject): Workload[] {
  const { actor, provider } = distribution.spec;
  const { cluster, epoch, revision, hosts } = placement.spec;
  return hosts
    .filter(({ replicas }) => replicas > 0)
    .map(({ host, replicas }) => {
      const content =
        actor === undefined ? { ...provider, hostName: host } : { ...actor, hostName: host, instances: replicas };
      const kind = actor === undefined ? WasmCloudProvider : WasmCloudActor;
      const application = distribution.metadata.labels?.[labels.application];
      return {
        ...typeMeta(kind),
        metadata: {
          name: workloadName(distribution.metadata.name, host),
          ...(distribution.metadata.namespace !== undefined && { namespace: distribution.metadata.namespace }),
          labels: {
            [labels.managedBy]: MANAGED_BY,
            [labels.distribution]: distribution.metadata.name,
            [labels.cluster]: cluster,
            [labels.revision]: revision,
            ...(application !== undefined && { [labels.application]: application }),
          },
        },
        spec: { ...content, epoch } as ActorSpec | ProviderSpec,
      };
    });
}

/**
 * Whether what stands in the member already says what the decision says, so that no write is due. The epoch is left out:
 * it changes only with the content.
 */
export const isUpToDate = (standing: KubeObject | undefined, wanted: KubeObject): boolean =>
  standing !== undefined &&
  standing.metadata.deletionTimestamp === undefined &&
  contentHash(standing.spec) === contentHash(wanted.spec) &&
  sameLabels(standing.metadata.labels, wanted.metadata.labels);

const contentHash = (spec: unknown): string =>
  typeof spec === 'object' && spec !== null ? sha256({ ...spec, epoch: undefined }) : sha256(spec);

const sameLabels = (
  standing: Record<string, string> | undefined,
  wanted: Record<string, string> | undefined,
): boolean => Object.entries(wanted ?? {}).every(([key, value]) => standing?.[key] === value);

/** Names of the ConfigMaps and Secrets that workloads and links of one lattice name. */
export function namedConfig(
  distributions: readonly DistributionObject[],
  links: readonly LinkObject[],
): { configMaps: string[]; secrets: string[] } {
  const parts = distributions.map(({ spec }) => spec.actor ?? spec.provider);
  const configMaps = [
    ...parts.flatMap((part) => part?.config ?? []),
    ...links.flatMap(({ spec }) => [...(spec.sourceConfig ?? []), ...(spec.targetConfig ?? [])]),
  ];
  const secrets = parts.flatMap((part) => part?.secrets ?? []);
  return { configMaps: [...new Set(configMaps)].toSorted(), secrets: [...new Set(secrets)].toSorted() };
}
