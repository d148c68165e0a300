import {
  apiVersionOf,
  Application as ApplicationKind,
  builtin,
  labels,
  typeMeta,
  WasmCloudDistribution,
  WasmCloudLink,
  type ApplicationObject,
  type Kind,
  type KubeObject,
} from '@kasmcloud/kube-api';
import type { Compiled } from '@kasmcloud/oam';

/** An object that an Application makes on the hub, with what its writer must say. */
export interface Child {
  readonly kind: Kind;
  readonly object: Omit<KubeObject, 'spec'> & { readonly spec?: unknown; readonly data?: Record<string, string> };
}

/** Everything that an Application is made of on the hub: config first, because links and distributions name it. */
export function childrenOf(application: ApplicationObject, compiled: Compiled): Child[] {
  const child = (kind: Kind, name: string, content: object, extra: Record<string, string> = {}): Child => ({
    kind,
    object: { ...typeMeta(kind), metadata: childMetadata(application, name, extra), ...content },
  });
  return [
    ...compiled.configMaps.map(({ name, data }) => child(builtin.ConfigMap, name, { data }, { [labels.config]: '' })),
    ...compiled.links.map(({ name, spec }) => child(WasmCloudLink, name, { spec })),
    ...compiled.distributions.map(({ name, spec }) => child(WasmCloudDistribution, name, { spec })),
  ];
}

/** The kinds among which leftovers of earlier versions are looked for. */
export const childKinds: readonly Kind[] = [WasmCloudDistribution, WasmCloudLink, builtin.ConfigMap];

function childMetadata(
  { metadata }: ApplicationObject,
  name: string,
  extra: Record<string, string>,
): KubeObject['metadata'] {
  return {
    name,
    namespace: metadata.namespace ?? '',
    labels: { [labels.application]: metadata.name, ...extra },
    ownerReferences: [
      {
        apiVersion: apiVersionOf(ApplicationKind),
        kind: ApplicationKind.kind,
        name: metadata.name,
        uid: metadata.uid ?? '',
        controller: true,
      },
    ],
  };
}
