import type { Logger } from '@kasmcloud/observe';
import { type KubeObject, asList, asObject } from '../object.ts';
import type { Cluster } from '../resources/cluster.ts';
import { matchesSelector } from '../resources/selectors.ts';
import { sameJson } from '../schema/json.ts';
import { objectKey } from '../store/store.ts';
import { KeyLoop } from './loop.ts';

const bucket = 'clusterroles.rbac.authorization.k8s.io';

/** Keeps the rules of ClusterRoles with an `aggregationRule` equal to those of the roles it selects. */
export function aggregateRoles(cluster: Cluster, logger: Pick<Logger, 'error'>): () => void {
  const loop = new KeyLoop((name) => aggregate(cluster, name), logger);
  const addAll = (): void => {
    for (const { metadata } of cluster.store.list(bucket).objects) loop.add(metadata.name);
  };
  addAll();
  const stop = cluster.store.subscribe(bucket, addAll);
  return () => {
    stop();
    loop.close();
  };
}

function aggregate(cluster: Cluster, name: string): void {
  const role = cluster.store.get(bucket, objectKey('', name));
  const selectors = asList(asObject(role?.['aggregationRule'])['clusterRoleSelectors']).map((item) => asObject(item));
  if (role === undefined || selectors.length === 0) return;
  const isSelected = (other: KubeObject): boolean =>
    other.metadata.name !== name &&
    selectors.some((selector) => matchesSelector(selector, other.metadata.labels ?? {}));
  const rules: unknown[] = [];
  for (const other of cluster.store.list(bucket).objects.filter(isSelected)) {
    for (const rule of asList(other['rules'])) if (!rules.some((held) => sameJson(held, rule))) rules.push(rule);
  }
  if (!sameJson(rules, asList(role['rules']))) cluster.store.put(bucket, { ...role, rules });
}
