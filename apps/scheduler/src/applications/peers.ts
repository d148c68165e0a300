import { annotations, Application as ApplicationKind, type ApplicationObject } from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { parseApplication, type Application } from '@kasmcloud/oam';
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
