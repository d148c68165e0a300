import type { Logger } from '@kasmcloud/observe';
import { type KubeObject, asObject } from '../object.ts';
import type { Cluster, WriteOptions } from '../resources/cluster.ts';
import { createObject } from '../resources/create.ts';
import { decodeObject } from '../resources/decode.ts';
import { updateObject } from '../resources/update.ts';
import { type JsonObject, sameJson } from '../schema/json.ts';
import { objectKey } from '../store/store.ts';
import { KeyLoop } from './loop.ts';

const manager = 'kube-controller-manager';

/** Words that users of a real cluster know: kube-controller-manager writes them. */
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal ' +
  'service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Gives every namespace its ServiceAccount `default`, also again after it was deleted. */
export function keepDefaultAccounts(cluster: Cluster, logger: Pick<Logger, 'error'>): () => void {
  return keepInNamespaces(cluster, logger, 'serviceaccounts', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default' },
  });
}

/** Publishes the CA of this server in every namespace as ConfigMap `kube-root-ca.crt`, also again after it was changed. */
export function publishRootCa(cluster: Cluster, logger: Pick<Logger, 'error'>, caPem: string): () => void {
  return keepInNamespaces(cluster, logger, 'configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-root-ca.crt', annotations: { 'kubernetes.io/description': description } },
    data: { 'ca.crt': caPem },
  });
}

function keepInNamespaces(
  cluster: Cluster,
  logger: Pick<Logger, 'error'>,
  plural: string,
  wanted: JsonObject & { readonly metadata: JsonObject & { readonly name: string } },
): () => void {
  const { name } = wanted.metadata;
  const loop = new KeyLoop((namespace) => ensure(cluster, plural, namespace, name, wanted), logger);
  for (const { metadata } of cluster.store.list('namespaces').objects) loop.add(metadata.name);
  const stop = cluster.store.subscribeAll(({ bucket, kind, object }) => {
    if (bucket === 'namespaces' && kind !== 'deleted') loop.add(object.metadata.name);
    const changed = bucket === plural && kind !== 'added' && object.metadata.name === name;
    if (changed) loop.add(object.metadata.namespace ?? '');
  });
  return () => {
    stop();
    loop.close();
  };
}

function ensure(cluster: Cluster, plural: string, namespace: string, name: string, wanted: JsonObject): void {
  const home = cluster.store.get('namespaces', objectKey('', namespace));
  if (home === undefined || home.metadata.deletionTimestamp !== undefined) return;
  const resource = cluster.registry.find('', 'v1', plural);
  if (resource === undefined) throw new Error(`the registry has no ${plural}, which every namespace must hold`);
  const options: WriteOptions = { dryRun: false, fieldManager: manager, fieldValidation: 'Strict', warnings: [] };
  const target = { namespace, name };
  const live = cluster.store.get(plural, objectKey(namespace, name));
  if (live === undefined) {
    createObject(cluster, resource, target, decodeObject(resource, wanted, options), options);
  } else if (!sameJson(asObject(live['data']), asObject(wanted['data']))) {
    const object: KubeObject = { ...live, data: wanted['data'] };
    updateObject(cluster, resource, target, '', () => ({ object }), options);
  }
}
