import {
  apiVersionOf,
  Application as ApplicationKind,
  builtin,
  WasmCloudDistribution,
  WasmCloudLink,
  type ApplicationObject,
  type Kind,
} from '@kasmcloud/kube-api';
import { objectsOf, type Compiled, type CompiledObject } from '@kasmcloud/oam';

/** An object that an Application makes on the hub, with what its writer must say. */
export type Child = CompiledObject;

/** Everything that an Application is made of on the hub, owned by it. */
export function childrenOf({ metadata }: ApplicationObject, compiled: Compiled): Child[] {
  const { name, namespace = '', uid = '' } = metadata;
  const owner = { apiVersion: apiVersionOf(ApplicationKind), kind: ApplicationKind.kind, name, uid, controller: true };
  return objectsOf(compiled, { namespace, name }).map(({ kind, object }) => ({
    kind,
    object: { ...object, metadata: { ...object.metadata, ownerReferences: [owner] } },
  }));
}

/** The kinds among which leftovers of earlier versions are looked for. */
export const childKinds: readonly Kind[] = [WasmCloudDistribution, WasmCloudLink, builtin.ConfigMap];
