import type { Logger } from '@kasmcloud/observe';
import type { Cluster } from '../resources/cluster.ts';
import { expireEvents } from './event-expiry.ts';
import { GarbageCollector } from './garbage.ts';
import { keepDefaultAccounts, publishRootCa } from './namespace-defaults.ts';
import { finalizeNamespaces } from './namespaces.ts';
import { aggregateRoles } from './role-aggregation.ts';

/** The controllers that a control plane brings, under the names that kube-controller-manager's `--controllers` takes. */
export const controllerNames = [
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
  'clusterrole-aggregation-controller',
] as const;

export type ControllerName = (typeof controllerNames)[number];

/** Starts controllers, and the expiry of events, which is a kube-apiserver's own. Returns what stops them. */
export function startControllers(
  cluster: Cluster,
  names: readonly ControllerName[],
  { logger, caPem }: { readonly logger: Pick<Logger, 'error'>; readonly caPem: string },
): () => void {
  const starts: Readonly<Record<ControllerName, () => () => void>> = {
    'namespace-controller': () => finalizeNamespaces(cluster, logger),
    'garbage-collector-controller': () => {
      const collector = new GarbageCollector(cluster, logger);
      return () => collector.close();
    },
    'serviceaccount-controller': () => keepDefaultAccounts(cluster, logger),
    'root-ca-certificate-publisher-controller': () => publishRootCa(cluster, logger, caPem),
    'clusterrole-aggregation-controller': () => aggregateRoles(cluster, logger),
  };
  const stops = [expireEvents(cluster, logger), ...[...new Set(names)].map((name) => starts[name]())];
  return () => {
    for (const stop of stops) stop();
  };
}
