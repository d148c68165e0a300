import {
  annotations,
  builtin,
  labels,
  typeMeta,
  WasmCloudDistribution,
  WasmCloudLink,
  type Kind,
  type KubeObject,
} from '@kasmcloud/kube-api';
import type { Compiled } from './compile.ts';

/** An object that an Application becomes on the hub. */
export interface CompiledObject {
  readonly kind: Kind;
  readonly object: Omit<KubeObject, 'spec'> & { readonly spec?: unknown; readonly data?: Record<string, string> };
}

/** Everything that an Application becomes, as objects: config first, because links and distributions name it. */
export function objectsOf(
  compiled: Compiled,
  application: { readonly namespace: string; readonly name: string },
): CompiledObject[] {
  const one = (kind: Kind, name: string, content: object, metadata: object = {}): CompiledObject => {
    const { namespace } = application;
    const labelled = { name, namespace, labels: { [labels.application]: application.name }, ...metadata };
    return { kind, object: { ...typeMeta(kind), metadata: labelled, ...content } };
  };
  return [
    ...compiled.configMaps.map(({ name, data, latticeName }) =>
      one(
        builtin.ConfigMap,
        name,
        { data },
        {
          labels: { [labels.application]: application.name, [labels.config]: '' },
          annotations: { [annotations.latticeName]: latticeName },
        },
      ),
    ),
    ...compiled.links.map(({ name, spec }) => one(WasmCloudLink, name, { spec })),
    ...compiled.distributions.map(({ name, spec }) => one(WasmCloudDistribution, name, { spec })),
  ];
}
