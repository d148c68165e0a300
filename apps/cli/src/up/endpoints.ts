import {
  conditionTypes,
  findCondition,
  isConditionTrue,
  providerSelectors,
  WasmCloudHost,
  WasmCloudProvider,
  type HostObject,
  type KubeObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { Store, withoutManagedFields, type KubeClient } from '@kasmcloud/kube';
import { systemClock } from '@kasmcloud/reconcile';
import type { FrontDoor, Target } from '../network/front-door.ts';

/** The port that manifests ask for; what listens on another one is not behind the front door. */
const FRONT_PORT = 8080;

/**
 * Keeps a cluster's front door on the endpoints that its providers tell, as long as their hosts are up. While the API
 * server is away the store, and so the door, keeps what it knew. The returned function ends that.
 */
export function leadToEndpoints(
  door: FrontDoor,
  client: KubeClient,
  onError: (error: unknown) => void,
): () => Promise<void> {
  const shared = { client, clock: systemClock, random: Math.random, onError };
  const providers = new Store<ProviderObject>({
    ...shared,
    kind: WasmCloudProvider,
    fieldSelector: providerSelectors.onHosts,
    keep: providerOf,
  });
  const hosts = new Store<HostObject>({ ...shared, kind: WasmCloudHost, keep: hostOf });
  const lead = (): void => door.lead(liveEndpoints(providers.list(), hosts.list()));
  providers.onChange(lead);
  hosts.onChange(lead);
  return async () => {
    await Promise.all([providers.close(), hosts.close()]);
  };
}

/** Addresses of HTTP providers on hosts that are up, each once, in a fixed order. */
export function liveEndpoints(providers: readonly ProviderObject[], hosts: readonly HostObject[]): Target[] {
  const up = new Set(hosts.filter(isUp).map(({ metadata }) => metadata.name));
  const targets = new Map<string, Target>();
  for (const { spec, status } of providers) {
    if (!up.has(spec.hostName) || !isConditionTrue(status?.conditions, conditionTypes.ready)) continue;
    for (const { address, port, protocol, requested } of status?.endpoints ?? []) {
      if (protocol === 'HTTP' && (requested === undefined || requested.endsWith(`:${FRONT_PORT}`))) {
        targets.set(`${address}:${port}`, { address, port });
      }
    }
  }
  return [...targets.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, target]) => target);
}

/** A host without a word about itself yet counts: its provider speaks for it. */
const isUp = ({ status }: HostObject): boolean =>
  (findCondition(status?.conditions, conditionTypes.ready)?.status ?? 'True') === 'True';

// The API server has checked these against the schemas of our own definitions.
const providerOf = (object: KubeObject): ProviderObject => withoutManagedFields(object) as ProviderObject;
const hostOf = (object: KubeObject): HostObject => withoutManagedFields(object) as HostObject;
