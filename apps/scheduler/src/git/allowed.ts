import {
  Application,
  apiVersionOf,
  builtin,
  GitSource,
  WasmCloudDistribution,
  WasmCloudLink,
  type Kind,
  type KindDefinition,
} from '@kasmcloud/kube-api';
import { z } from 'zod';

const textMap = z.record(z.string(), z.string());

/** Metadata as a manifest may state it; what the API server fills in is not accepted from git. */
const metadata = z.looseObject({
  name: z.string().min(1).max(253),
  namespace: z.string().optional(),
  labels: textMap.optional(),
  annotations: textMap.optional(),
});

const ours = (kind: KindDefinition): z.ZodType =>
  z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: kind.spec,
    status: z.unknown().optional(),
  });

const configMap = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata,
  data: textMap.optional(),
  immutable: z.boolean().optional(),
});

interface Allowed {
  readonly kind: Kind;
  readonly schema: z.ZodType;
}

/** What a GitSource may bring, in the order in which it is applied: what others name comes first. */
export const allowedKinds: readonly Allowed[] = [
  { kind: builtin.ConfigMap, schema: configMap },
  { kind: WasmCloudLink, schema: ours(WasmCloudLink) },
  { kind: WasmCloudDistribution, schema: ours(WasmCloudDistribution) },
  { kind: Application, schema: ours(Application) },
  { kind: GitSource, schema: ours(GitSource) },
];

export const allowedFor = (apiVersion: string, kind: string): Allowed | undefined =>
  allowedKinds.find((entry) => apiVersionOf(entry.kind) === apiVersion && entry.kind.kind === kind);

/** `namespace_name_group_kind`, as Flux names inventory entries. */
export const inventoryId = (namespace: string, name: string, kind: Kind): string =>
  `${namespace}_${name}_${kind.group}_${kind.kind}`;

export interface InventoryEntry {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/** The object that an inventory id names; undefined for one of a kind that is no longer allowed. */
export function readInventoryId(id: string): InventoryEntry | undefined {
  const [namespace, name, group, kindName] = id.split('_');
  const allowed = allowedKinds.find(({ kind }) => kind.group === group && kind.kind === kindName);
  if (allowed === undefined || namespace === undefined || name === undefined) return undefined;
  return { kind: allowed.kind, namespace, name };
}
