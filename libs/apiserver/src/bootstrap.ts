import type { KubeObject } from './object.ts';
import type { Cluster, WriteOptions } from './resources/cluster.ts';
import { createObject } from './resources/create.ts';
import { decodeObject } from './resources/decode.ts';
import type { JsonObject } from './schema/json.ts';
import { objectKey } from './store/store.ts';
import { bootstrapRoles } from './auth/bootstrap-roles.ts';

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Creates what every cluster has from its first moment, as far as it is not there. */
export function bootstrap(cluster: Cluster): void {
  for (const name of namespaces)
    ensure(cluster, 'namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  for (const { plural, object } of bootstrapRoles) ensure(cluster, plural, object);
}

function ensure(cluster: Cluster, plural: string, body: JsonObject): void {
  const group = plural === 'namespaces' ? '' : 'rbac.authorization.k8s.io';
  const resource = cluster.registry.find(group, 'v1', plural);
  if (resource === undefined) throw new Error(`the registry has no ${plural}, which a cluster cannot start without`);
  const options: WriteOptions = {
    dryRun: false,
    fieldManager: 'kube-apiserver',
    fieldValidation: 'Strict',
    warnings: [],
  };
  const object: KubeObject = decodeObject(resource, body, options);
  const { name } = object.metadata;
  if (cluster.store.get(resource.bucket, objectKey('', name)) !== undefined) return;
  createObject(cluster, resource, { namespace: '', name }, object, options);
}
