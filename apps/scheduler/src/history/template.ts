import type { ActorSpec, DistributionSpec } from '@kasmcloud/kube-api';
import { holdsAny } from '@kasmcloud/placement';

/** What a revision says: what runs, and how it differs from cluster to cluster. */
export type Template = Pick<DistributionSpec, 'actor' | 'provider' | 'overrides'>;

export const templateOf = ({ actor, provider, overrides }: DistributionSpec): Template => ({
  ...(actor !== undefined && { actor }),
  ...(provider !== undefined && { provider }),
  ...(overrides !== undefined && { overrides }),
});

/** The part of an Actor or Provider that is the same on every host of a cluster. */
export type Content =
  | { readonly kind: 'actor'; readonly spec: Omit<ActorSpec, 'hostName' | 'instances' | 'epoch'> }
  | { readonly kind: 'provider'; readonly spec: NonNullable<DistributionSpec['provider']> };

/** What runs in a cluster with these labels: every override that matches it is laid over the rest, in order. */
export function contentIn(
  { actor, provider, overrides = [] }: Template,
  clusterLabels: Readonly<Record<string, string>>,
): Content | undefined {
  const matching = overrides.filter(({ clusters }) =>
    holdsAny(
      clusters.map(({ matchExpressions }) => matchExpressions),
      clusterLabels,
    ),
  );
  const laid = matching.map(({ config, secrets, image }) => ({
    ...(config !== undefined && { config }),
    ...(secrets !== undefined && { secrets }),
    ...(image !== undefined && { image }),
  }));
  if (provider !== undefined) return { kind: 'provider', spec: Object.assign({ ...provider }, ...laid) };
  if (actor === undefined) return undefined;
  const limits = matching.map((one) => one.limits).findLast((one) => one !== undefined);
  return { kind: 'actor', spec: Object.assign({ ...actor }, ...laid, limits === undefined ? {} : { limits }) };
}
