import {
  annotations,
  Application as ApplicationKind,
  labels,
  WasmCloudDistribution,
  type ApplicationObject,
  type DistributionObject,
} from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { componentId, parseApplication, type Application } from '@kasmcloud/oam';
import type { Manifest } from './manifest.ts';

/** Names of components that other Applications should share and do not, or not yet. */
export async function unmetShares(
  hub: KubeClient,
  namespace: string,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { components = [] }: Partial<Application> = parseApplication(manifest).application ?? {};
  const unmet: string[] = [];
  for (const { name, type, shared } of components) {
    if (shared === undefined) continue;
    const peer = await hub.find<ApplicationObject>(ApplicationKind, shared.application, namespace, { signal });
    if (peer === undefined || !shares(peer, shared.component, type)) unmet.push(name);
  }
  return unmet;
}

function shares({ metadata, spec }: ApplicationObject, component: string, type: string): boolean {
  if (metadata.annotations?.[annotations.shared] !== 'true') return false;
  return spec.components.some(
    (one) => one.name === component && (one.type === 'actor' ? 'component' : one.type) === type,
  );
}

/** An id of the lattice that something else has already, and whose it is. */
export interface TakenId {
  readonly id: string;
  /** Name of the other Application; of the Distribution when no Application made it. */
  readonly owner: string;
}

/** The first id of a manifest that another Application, or a Distribution written by hand, uses in the same lattice. */
export async function takenId(
  hub: KubeClient,
  namespace: string,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<TakenId | undefined> {
  const { name } = manifest.metadata;
  const ids = new Set(idsOf(name, manifest.spec));
  const applications = await hub.list<ApplicationObject>(ApplicationKind, { namespace, signal });
  // What was deployed a moment ago has no Distributions yet.
  for (const { metadata, spec } of applications.items) {
    if (metadata.name === name) continue;
    const id = idsOf(metadata.name, spec).find((one) => ids.has(one));
    if (id !== undefined) return { id, owner: metadata.name };
  }
  const distributions = await hub.list<DistributionObject>(WasmCloudDistribution, { namespace, signal });
  for (const { metadata, spec } of distributions.items) {
    const { id } = spec.actor ?? spec.provider ?? {};
    const owner = metadata.labels?.[labels.application];
    if (id !== undefined && ids.has(id) && owner !== name) return { id, owner: owner ?? metadata.name };
  }
  return undefined;
}

/** Ids of what an Application runs itself; what others share with it is theirs. */
const idsOf = (application: string, { components }: ApplicationObject['spec']): string[] =>
  components
    .filter(({ properties }) => typeof properties['image'] === 'string')
    .map(({ name, properties: { id } }) => componentId(application, name, typeof id === 'string' ? id : undefined));
