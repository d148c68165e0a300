import { createHash, randomUUID } from 'node:crypto';
import {
  annotations,
  builtin,
  conditionTypes,
  fieldManagers,
  labels,
  WasmCloudProvider,
  type ContainerProviderObject,
  type ProviderStatus,
} from '@kasmcloud/kube-api';
import { updateStatus, type KubeClient } from '@kasmcloud/kube';
import { createXKey, hostDataOf, providerWish, type ProviderWish } from '@kasmcloud/lattice';
import { encodeHostData } from '@kasmcloud/wire';
import { refusalOf, RefusedWriteError } from '../dispatch/refused.ts';
import { deploymentOf, hostDataSecret, isOwnedBy, secretName } from './objects.ts';
import { readinessOf, type Deployment, type Readiness } from './readiness.ts';
import { ContainerRefusedError } from './refusal.ts';
import { MemberSources } from './sources.ts';

export interface ContainerOptions {
  /** NATS as pods reach it; undefined: no provider runs in pods. */
  readonly natsUrl: string | undefined;
  /** RFC 3339. */
  readonly now: () => string;
}

/** When to look again: config and Secrets of a member are not watched, nor are Deployments. */
const AGAIN_MS = { ready: 30_000, waiting: 2_000 } as const;

/** Instead of a host's key: in pods there is no host. */
const NO_HOST = 'container';
const CALL_MS = 10_000;

/**
 * Makes the pods of a provider what the provider, its links, config and Secrets say, and tells how they do. Resolves with the
 * milliseconds after which to look again.
 */
export async function keepContainer(
  client: KubeClient,
  provider: ContainerProviderObject,
  options: ContainerOptions,
  signal: AbortSignal,
): Promise<number> {
  const { readyReplicas, isTold, ...ready } = await run(client, provider, options, signal).catch(refusedBy);
  const { generation } = provider.metadata;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const update = {
    conditions: [{ type: conditionTypes.ready, ...observed, ...ready }],
    fields: isTold ? { ...observed, readyReplicas } : {},
  };
  const writing = { now: options.now(), fieldManager: fieldManagers.scheduler, signal };
  await updateStatus<ProviderStatus, ContainerProviderObject>(client, WasmCloudProvider, provider, update, writing);
  return ready.status === 'True' ? AGAIN_MS.ready : AGAIN_MS.waiting;
}

/** What cannot be run, or the member does not take, its Provider tells. */
function refusedBy(error: unknown): Readiness {
  const refused = refusalOf(error);
  if (!(refused instanceof ContainerRefusedError) && !(refused instanceof RefusedWriteError)) throw error;
  return { status: 'False', reason: refused.reason, message: refused.message, readyReplicas: 0, isTold: true };
}

/** @throws ContainerRefusedError, and what the API server answers */
async function run(
  client: KubeClient,
  provider: ContainerProviderObject,
  { natsUrl }: ContainerOptions,
  signal: AbortSignal,
): Promise<Readiness> {
  const { name, namespace = '' } = provider.metadata;
  if (natsUrl === undefined) {
    const message = 'providers in containers are off; set KASMCLOUD_CONTAINER_NATS_URL of the scheduler';
    throw new ContainerRefusedError('ContainersOff', message);
  }
  const place = await client.find(builtin.Namespace, namespace, undefined, { signal });
  if (place?.metadata.labels?.[labels.lattice] === undefined) {
    throw new ContainerRefusedError('NotALattice', `namespace ${namespace} lacks the label ${labels.lattice}`);
  }
  const [secret, deployment] = await Promise.all([
    client.find(builtin.Secret, secretName(name), namespace, { signal }),
    client.find<Deployment>(builtin.Deployment, name, namespace, { signal }),
  ]);
  for (const [kind, standing] of [
    [builtin.Secret.kind, secret],
    [builtin.Deployment.kind, deployment],
  ] as const) {
    if (standing === undefined || isOwnedBy(standing, provider)) continue;
    const message = `${kind} ${namespace}/${standing.metadata.name} is not of this Provider: rename one of them`;
    throw new ContainerRefusedError('NameTaken', message);
  }
  const sources = new MemberSources(client, namespace, signal);
  const wish = await providerWish(provider.spec, await sources.read());
  const told = digestOf(wish, sources.versions, natsUrl);
  const applying = { fieldManager: fieldManagers.scheduler, force: true, signal };
  if (secret?.metadata.annotations?.[annotations.hostData] !== told) {
    await client.apply(builtin.Secret, hostDataSecret(provider, lineOf(provider, wish, natsUrl), told), applying);
  }
  const applied = await client.apply<Deployment>(builtin.Deployment, deploymentOf(provider, told), applying);
  return readinessOf(applied, provider.spec.container.replicas ?? 1);
}

/** What the pods are told, in a line as on standard input; the keys for sealed secrets are new with each line. */
function lineOf({ metadata, spec }: ContainerProviderObject, wish: ProviderWish, natsUrl: string): string {
  const place = {
    hostId: NO_HOST,
    lattice: metadata.namespace ?? '',
    id: spec.id,
    instanceId: randomUUID(),
    natsUrl,
    callTimeoutMs: CALL_MS,
    logLevel: 'info',
  };
  return encodeHostData(hostDataOf(place, wish, { host: createXKey(), provider: createXKey() }));
}

/** Names what is told. Of Secrets only their versions go in: a hash of their content could be guessed at. */
function digestOf(wish: ProviderWish, secrets: ReadonlyMap<string, string>, natsUrl: string): string {
  const links = [...wish.links.values()].map(({ link }) => link);
  const text = JSON.stringify([natsUrl, inOrder(Object.entries(wish.config)), links, inOrder(secrets)]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

const inOrder = (entries: Iterable<[string, string]>): [string, string][] =>
  [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
