export { builtin } from './builtin.ts';
export { conditionTypes, findCondition, isConditionTrue, setCondition, type ConditionUpdate } from './conditions.ts';
export { millisecondsOf } from './duration.ts';
export { toCrd, typeMeta, type KindDefinition, type PrinterColumn } from './definition.ts';
export { apiVersionOf, type Kind } from './kind.ts';
export { kinds, memberKinds } from './kinds/index.ts';
export { WasmCloudActor } from './kinds/actor.ts';
export { Application } from './kinds/application.ts';
export { WasmCloudCluster } from './kinds/cluster.ts';
export { WasmCloudDistribution } from './kinds/distribution.ts';
export { GitSource } from './kinds/git-source.ts';
export { WasmCloudHost } from './kinds/host.ts';
export { WasmCloudHostConfig } from './kinds/host-config.ts';
export { WasmCloudLink } from './kinds/link.ts';
export { WasmCloudPlacement } from './kinds/placement.ts';
export { MOST_PODS, WasmCloudProvider, type Endpoint } from './kinds/provider.ts';
export { applicationManifest, manifestJsonSchema } from './manifest/schema.ts';
export {
  accountUser,
  annotations,
  CAPACITY_PREFIX,
  DEFAULT_HOST_INSTANCES,
  fieldManagers,
  providerSelectors,
  finalizers,
  GROUP,
  hostConfigKeys,
  isLatticeName,
  labels,
  LATTICE_ACCOUNT,
  latticeNatsSecret,
  latticeUser,
  leases,
  leaseSeconds,
  MANAGED_BY_LATTICE,
  PODS_HOST,
  QUOTA_PREFIX,
  SYSTEM_NAMESPACE,
  taintKeys,
  VERSION,
} from './names.ts';
export { keyOf, type KubeObject, type ObjectMeta, type OwnerReference } from './object.ts';
export { linkSecrets, secretReferences, type SecretReference } from './secrets.ts';
export type { Condition, LabelSelector, Quantity, Requirement, Taint, Toleration } from './schema/common.ts';
export { NotStructuralError, toCrdSchema, type StructuralSchema } from './structural.ts';
export type * from './types.ts';
