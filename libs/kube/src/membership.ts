import {
  annotations,
  builtin,
  finalizers,
  labels,
  SYSTEM_NAMESPACE,
  taintKeys,
  typeMeta,
  WasmCloudCluster,
  type ClusterObject,
  type ClusterSpec,
} from '@kasmcloud/kube-api';
import type { CallOptions } from './client-options.ts';
import type { KubeClient } from './client.ts';
import { retryOnConflict } from './conflict.ts';
import { loadKubeconfig } from './kubeconfig.ts';

/** A member, and how it is reached. */
export interface Joining extends Pick<ClusterSpec, 'region' | 'zone' | 'labels' | 'secrets'> {
  readonly name: string;
  /** A kubeconfig that carries its credentials itself; undefined when the hub is this member. */
  readonly kubeconfig: string | undefined;
  /** Whether the scheduler is to renew the token in it, which must be that of an account that may ask for tokens of itself. */
  readonly renewToken?: boolean;
  /** What tells the cluster from every other, where that is known; see `checkMember`. */
  readonly identity?: string | undefined;
}

export interface MembershipOptions extends CallOptions {
  readonly fieldManager: string;
  /** More labels for what is made. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A cluster cannot be joined, used or left as was asked; the message says what to do. */
export class MembershipError extends Error {
  override readonly name = 'MembershipError';
  readonly cluster: string;

  constructor(cluster: string, why: string) {
    super(`cluster ${cluster}: ${why}`);
    this.cluster = cluster;
  }
}

/**
 * Makes a cluster a member of a hub, or gives a member new credentials: a WasmCloudCluster, and a Secret that goes with it.
 *
 * @throws {KubeconfigError} naming the field that is wrong or not allowed
 * @throws {MembershipError} when the name belongs to another cluster, or the Secret to somebody else
 */
export async function joinCluster(
  hub: KubeClient,
  joining: Joining,
  options: MembershipOptions,
): Promise<ClusterObject> {
  const { name, kubeconfig, region, zone, labels: own, secrets, identity, renewToken = false } = joining;
  if (kubeconfig !== undefined) loadKubeconfig({ text: kubeconfig, untrusted: true });
  const { signal } = options;
  const before = await hub.find<ClusterObject>(WasmCloudCluster, name, undefined, { signal });
  if (before?.metadata.deletionTimestamp !== undefined)
    throw new MembershipError(name, 'is leaving: wait until it has gone, then join it again');
  const known = before?.status?.identity;
  if (known !== undefined && identity !== undefined && known !== identity)
    throw new MembershipError(name, 'is the name of another cluster: choose another name, or let that one leave first');
  const secret = `kubeconfig-${name}`;
  await refuseForeignSecret(hub, name, secret, before, options);
  const how = kubeconfig === undefined ? { inCluster: true } : { kubeconfigSecret: { name: secret } };
  const spec: ClusterSpec = {
    ...how,
    ...(region !== undefined && { region }),
    ...(zone !== undefined && { zone }),
    ...(own !== undefined && { labels: own }),
    ...(secrets !== undefined && { secrets }),
  };
  const write = { fieldManager: options.fieldManager, force: true, signal } as const;
  const metadata = { name, labels: { ...options.labels } };
  const cluster = await hub.apply<ClusterObject>(WasmCloudCluster, { metadata, spec }, write);
  if (kubeconfig === undefined) return cluster;
  const owner = { ...typeMeta(WasmCloudCluster), name, uid: cluster.metadata.uid ?? '' };
  const ownership = {
    labels: { ...options.labels, [labels.cluster]: name },
    ...(renewToken && { annotations: { [annotations.renewToken]: 'true' } }),
    ownerReferences: [owner],
  };
  const draft = {
    metadata: { name: secret, namespace: SYSTEM_NAMESPACE, ...ownership },
    type: 'Opaque',
    data: { kubeconfig: Buffer.from(kubeconfig).toString('base64') },
  };
  await hub.apply(builtin.Secret, draft, write);
  return cluster;
}

async function refuseForeignSecret(
  hub: KubeClient,
  cluster: string,
  secret: string,
  before: ClusterObject | undefined,
  { signal }: CallOptions,
): Promise<void> {
  if (before?.spec.kubeconfigSecret?.name === secret) return;
  const standing = await hub.find(builtin.Secret, secret, SYSTEM_NAMESPACE, { signal });
  if (standing === undefined || standing.metadata.labels?.[labels.cluster] === cluster) return;
  throw new MembershipError(
    cluster,
    `Secret ${SYSTEM_NAMESPACE}/${secret} is somebody else's: remove it, or choose another name`,
  );
}

/** `Cordoned`: nothing new is placed there. `Draining`: and what is there moves away, within its budgets. */
export type ClusterUse = 'InUse' | 'Cordoned' | 'Draining';

/** Says how a cluster is to be used from now on. Returns the cluster as it is then. @throws {NotFoundError} */
export async function setClusterUse(
  hub: KubeClient,
  name: string,
  use: ClusterUse,
  { fieldManager, signal }: MembershipOptions,
): Promise<ClusterObject> {
  return retryOnConflict(async () => {
    const { metadata, spec } = await hub.get<ClusterObject>(WasmCloudCluster, name, undefined, { signal });
    const others = (spec.taints ?? []).filter(({ key }) => key !== taintKeys.drain);
    const taints = use === 'Draining' ? [...others, { key: taintKeys.drain, effect: 'NoExecute' as const }] : others;
    const change = {
      metadata: { resourceVersion: metadata.resourceVersion },
      spec: {
        unschedulable: use === 'InUse' ? null : true,
        taints: taints.length === 0 ? null : taints,
      },
    };
    return hub.patch<ClusterObject>(WasmCloudCluster, name, undefined, change, { type: 'merge', fieldManager, signal });
  });
}

/**
 * Lets a cluster go without waiting for it to be empty: what runs there goes on and is nobody's any more, and it is
 * replaced elsewhere. Deleting a WasmCloudCluster is the usual way, which drains first.
 */
export async function withdraw(
  hub: KubeClient,
  name: string,
  { fieldManager, signal }: MembershipOptions,
): Promise<void> {
  await retryOnConflict(async () => {
    const cluster = await hub.find<ClusterObject>(WasmCloudCluster, name, undefined, { signal });
    const { resourceVersion, finalizers: list = [] } = cluster?.metadata ?? {};
    const left = list.filter((finalizer) => finalizer !== finalizers.cluster);
    if (left.length === list.length) return;
    const change = { metadata: { resourceVersion, finalizers: left } };
    await hub.patch(WasmCloudCluster, name, undefined, change, { type: 'merge', fieldManager, signal });
  });
}
