/** Groups of Kubernetes itself, whose schemas are named after their Go packages. */
const builtInGroups = new Set([
  'admissionregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'batch',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
]);

/** The name of a schema of `apimachinery`, which every group shares. */
export function metaName(kind: string): string {
  return `io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`;
}

/**
 * The key under `components.schemas`: the group read backwards, the version, the kind
 * (`io.kasmcloud.v1alpha1.WasmCloudActor`); built-in groups as Kubernetes names them (`io.k8s.api.core.v1.Secret`).
 */
export function schemaName(group: string, version: string, kind: string): string {
  const [first = ''] = group.split('.');
  if (group === '') return `io.k8s.api.core.${version}.${kind}`;
  if (builtInGroups.has(group)) return `io.k8s.api.${first}.${version}.${kind}`;
  if (group === 'apiextensions.k8s.io')
    return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${version}.${kind}`;
  return `${group.split('.').toReversed().join('.')}.${version}.${kind}`;
}

export function schemaRef(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}
