import type { Kind } from './kind.ts';

const namespaced = (group: string, version: string, kind: string, plural: string): Kind => ({
  group,
  version,
  kind,
  plural,
  namespaced: true,
});
const clusterScoped = (group: string, version: string, kind: string, plural: string): Kind => ({
  group,
  version,
  kind,
  plural,
  namespaced: false,
});

/** Kubernetes' own kinds that our services use. */
export const builtin = {
  Namespace: clusterScoped('', 'v1', 'Namespace', 'namespaces'),
  ConfigMap: namespaced('', 'v1', 'ConfigMap', 'configmaps'),
  Secret: namespaced('', 'v1', 'Secret', 'secrets'),
  ServiceAccount: namespaced('', 'v1', 'ServiceAccount', 'serviceaccounts'),
  Event: namespaced('events.k8s.io', 'v1', 'Event', 'events'),
  Lease: namespaced('coordination.k8s.io', 'v1', 'Lease', 'leases'),
  Deployment: namespaced('apps', 'v1', 'Deployment', 'deployments'),
  ControllerRevision: namespaced('apps', 'v1', 'ControllerRevision', 'controllerrevisions'),
  CustomResourceDefinition: clusterScoped(
    'apiextensions.k8s.io',
    'v1',
    'CustomResourceDefinition',
    'customresourcedefinitions',
  ),
  TokenReview: clusterScoped('authentication.k8s.io', 'v1', 'TokenReview', 'tokenreviews'),
  SubjectAccessReview: clusterScoped('authorization.k8s.io', 'v1', 'SubjectAccessReview', 'subjectaccessreviews'),
  ClusterRole: clusterScoped('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles'),
  RoleBinding: namespaced('rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings'),
  ClusterRoleBinding: clusterScoped('rbac.authorization.k8s.io', 'v1', 'ClusterRoleBinding', 'clusterrolebindings'),
} as const;
