import {
  conditionTypes,
  fieldManagers,
  keyOf,
  WasmCloudProvider,
  type ConditionUpdate,
  type Endpoint,
  type LinkObject,
  type ProviderObject,
  type ProviderStatus,
} from '@kasmcloud/kube-api';
import { updateStatus, type EventRecorder, type KubeClient } from '@kasmcloud/kube';
import { NotConnectedError, type LatticeConnection } from '@kasmcloud/lattice';
import type { Logger, Tracer } from '@kasmcloud/observe';
import { ArchiveError } from '@kasmcloud/oci';
import { serves } from '../actors/actors.ts';
import type { ActorRegistry } from '../actors/registry.ts';
import { ImageError } from '../images/image-error.ts';
import { PullBackOffError } from '../images/pull-backoff.ts';
import { ConfigMissingError, mergeConfig } from '../links/config.ts';
import { linksFrom, parseInterface } from '../links/route.ts';
import { ProcessesOffError, ProviderIdTakenError, type Processes, type ProcessReport } from '../processes/processes.ts';
import { SecretError } from '../secrets/secret-values.ts';
import type { NamespaceView, NamespaceViews } from '../world/namespace-view.ts';
import { AddressError, type ListenAddress } from './address.ts';
import { CapabilityConfigError } from '../capabilities/capability.ts';
import { builtinFor } from './builtin.ts';
import type { Capabilities, CapabilityName } from './capabilities.ts';
import { httpRoute } from './http-route.ts';
import { AddressTakenError, type Listeners } from './listeners.ts';
import { RoutingError, routingOf } from './routing.ts';

export interface ProvidersOptions {
  readonly client: KubeClient;
  /** Whether the API server answers now: while it does not, it is told nothing. */
  readonly reachable: () => boolean;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly views: NamespaceViews;
  readonly listeners: Listeners;
  readonly capabilities: Capabilities;
  readonly processes: Processes;
  readonly registry: ActorRegistry;
  readonly connection: LatticeConnection;
  readonly callTimeoutMs: number;
  readonly tracer: Tracer;
  readonly lattices: () => readonly string[];
  readonly log: Logger;
  /** RFC 3339. */
  readonly now: () => string;
}

interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** What became of a Provider, for its status. */
interface Outcome {
  readonly endpoints: Endpoint[];
  readonly refusal?: Refusal;
  readonly process?: ProcessReport;
}

/** A refused provider is looked at again after this: what was missing may have come. */
const RETRY_MS = 5_000;

const HANDLER = parseInterface('wasi:http/incoming-handler');

/** Makes the built-in providers what the Providers of this host, their links and config say. */
export class Providers {
  readonly #options: ProvidersOptions;
  readonly #running = new Set<string>();

  constructor(options: ProvidersOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#running.size;
  }

  /**
   * Looks at one Provider; undefined when it is gone. Resolves with the milliseconds after which another look could
   * help, or undefined when none would.
   */
  async reconcile(key: string, provider: ProviderObject | undefined, signal: AbortSignal): Promise<number | undefined> {
    if (provider === undefined || provider.metadata.deletionTimestamp !== undefined) {
      this.#running.delete(key);
      await this.#options.listeners.keep(key, []);
      await this.#options.capabilities.stop(key);
      await this.#options.processes.stop(key);
      return undefined;
    }
    const outcome = await this.#run(key, provider, signal);
    const { refusal } = outcome;
    if (refusal === undefined) this.#running.add(key);
    else this.#refused(key, provider, refusal);
    if (this.#options.reachable()) await this.#tell(provider, outcome, signal);
    return refusal && (this.#options.processes.waitMs(key) ?? RETRY_MS);
  }

  /** For the log, and for `kubectl describe`. */
  #refused(key: string, provider: ProviderObject, { reason, message }: Refusal): void {
    const { log, events, reachable } = this.#options;
    log.warn({ provider: key, reason, message }, 'provider refused');
    if (!reachable()) return;
    events.record(WasmCloudProvider, provider, { type: 'Warning', reason, action: 'Start', note: message });
  }

  async close(): Promise<void> {
    const { listeners, capabilities, processes } = this.#options;
    await Promise.all([listeners.close(), capabilities.close(), processes.close()]);
  }

  async #run(key: string, provider: ProviderObject, signal: AbortSignal): Promise<Outcome> {
    const { metadata, spec } = provider;
    const { namespace = '' } = metadata;
    const { views, lattices } = this.#options;
    if (!serves(lattices(), namespace)) {
      const message = `this host does not serve lattice ${namespace}: see its spec.lattices`;
      return { endpoints: [], refusal: { reason: 'LatticeNotServed', message } };
    }
    const view = views.open(namespace);
    await view.synced();
    const builtin = builtinFor(spec.image);
    // Its image may have been that of another kind before.
    if (builtin !== 'http-server') await this.#options.listeners.keep(key, []);
    if (builtin === undefined || builtin === 'http-server') await this.#options.capabilities.stop(key);
    if (builtin === undefined) return this.#serveProcess(key, provider, view, signal);
    await this.#options.processes.stop(key);
    if (builtin !== 'http-server') return this.#serveCapability(key, builtin, provider, view, signal);
    const links = HANDLER === undefined ? [] : linksFrom(view.links, spec.id, HANDLER);
    return this.#serveLinks(key, provider, links, view.config);
  }

  /** What a process says of itself is the condition's reason, where it is not simply that it runs. */
  async #serveProcess(
    key: string,
    provider: ProviderObject,
    view: NamespaceView,
    signal: AbortSignal,
  ): Promise<Outcome> {
    try {
      const process = await this.#options.processes.serve(key, provider, view, signal);
      const { kind, message } = process.state;
      return { endpoints: [], process, ...(kind !== 'Running' && { refusal: { reason: kind, message } }) };
    } catch (error) {
      const refusal = processRefusalOf(error);
      if (refusal === undefined) throw error;
      return { endpoints: [], refusal };
    }
  }

  async #serveCapability(
    key: string,
    builtin: CapabilityName,
    provider: ProviderObject,
    view: NamespaceView,
    signal: AbortSignal,
  ): Promise<Outcome> {
    try {
      await this.#options.capabilities.serve(key, builtin, provider, view, signal);
      return { endpoints: [] };
    } catch (error) {
      const refusal = capabilityRefusalOf(error);
      if (refusal === undefined) throw error;
      return { endpoints: [], refusal };
    }
  }

  /** One listener per address. A link that cannot be served does not stop the others. */
  async #serveLinks(
    key: string,
    { metadata, spec }: ProviderObject,
    links: readonly LinkObject[],
    readConfig: (name: string) => Readonly<Record<string, string>> | undefined,
  ): Promise<Outcome> {
    const endpoints: Endpoint[] = [];
    const addresses: ListenAddress[] = [];
    let refusal: Refusal | undefined;
    const refuse = (error: unknown, link: LinkObject | undefined): void => {
      refusal ??= refusalOf(error, link);
      if (refusal === undefined) throw error;
    };
    const configOf = (names: readonly string[] = []): Readonly<Record<string, string>> =>
      mergeConfig(metadata.namespace ?? '', names, readConfig);
    const own = ownConfig(() => configOf(spec.config));
    // What it serves goes on until its config is there.
    if ('refusal' in own) return { endpoints, refusal: own.refusal };
    const { sites, refused } = routingOf(own.config, links, (link) => configOf(link.spec.sourceConfig));
    for (const { link, error } of refused) refuse(error, link);
    for (const { address, routes } of sites) {
      try {
        const bound = await this.#options.listeners.listen(
          key,
          address,
          routes.map((route) => httpRoute(this.#options, route)),
        );
        addresses.push(address);
        const requested = `${address.host}:${address.port}`;
        endpoints.push({ address: bound.host, port: bound.port, protocol: 'HTTP', requested });
      } catch (error) {
        refuse(error, routes[0]?.link);
      }
    }
    await this.#options.listeners.keep(key, addresses);
    return { endpoints, ...(refusal !== undefined && { refusal }) };
  }

  async #tell(provider: ProviderObject, outcome: Outcome, signal: AbortSignal): Promise<void> {
    const { endpoints, refusal, process } = outcome;
    const { client, now } = this.#options;
    const { generation } = provider.metadata;
    const observed = generation === undefined ? {} : { observedGeneration: generation };
    const ready: ConditionUpdate = {
      type: conditionTypes.ready,
      ...observed,
      ...(refusal === undefined
        ? { status: 'True', reason: 'Running', message: process?.state.message ?? '' }
        : { status: 'False', ...refusal }),
    };
    const builtin = builtinFor(provider.spec.image);
    const fields: ProviderStatus = {
      ...observed,
      endpoints,
      ...(builtin !== undefined && { builtin }),
      ...(process !== undefined && { imageDigest: process.digest, restarts: process.restarts }),
    };
    const options = { now: now(), fieldManager: fieldManagers.host, signal };
    const update = { conditions: [ready], fields };
    await updateStatus<ProviderStatus, ProviderObject>(client, WasmCloudProvider, provider, update, options);
  }
}

function ownConfig(
  read: () => Readonly<Record<string, string>>,
): { config: Readonly<Record<string, string>> } | { refusal: Refusal } {
  try {
    return { config: read() };
  } catch (error) {
    const refusal = refusalOf(error, undefined);
    if (refusal === undefined) throw error;
    return { refusal };
  }
}

/** Errors that are facts about a capability, its links, or what backs it. */
function capabilityRefusalOf(error: unknown): Refusal | undefined {
  if (error instanceof CapabilityConfigError) return { reason: 'InvalidConfig', message: error.message };
  if (error instanceof ConfigMissingError) return { reason: 'ConfigMissing', message: error.message };
  if (error instanceof SecretError) return { reason: error.reason, message: error.message };
  if (error instanceof NotConnectedError) return { reason: 'BackendUnavailable', message: error.message };
  return undefined;
}

/** Errors that are facts about a provider that is to run as a process. */
function processRefusalOf(error: unknown): Refusal | undefined {
  if (error instanceof ImageError) return { reason: error.reason, message: error.message };
  if (error instanceof PullBackOffError) return { reason: 'ImagePullBackOff', message: error.message };
  if (error instanceof ArchiveError) return { reason: 'InvalidArchive', message: error.message };
  if (error instanceof ProcessesOffError) return { reason: 'NotSupported', message: error.message };
  if (error instanceof ProviderIdTakenError) return { reason: 'IdTaken', message: error.message };
  if (error instanceof ConfigMissingError) return { reason: 'ConfigMissing', message: error.message };
  if (error instanceof SecretError) return { reason: error.reason, message: error.message };
  return undefined;
}

/** Errors that are facts about a link; any other is a fault and is tried again. */
function refusalOf(error: unknown, link: LinkObject | undefined): Refusal | undefined {
  if (!(error instanceof Error)) return undefined;
  const message = link === undefined ? error.message : `link ${keyOf(link)}: ${error.message}`;
  if (error instanceof AddressTakenError) return { reason: 'AddressTaken', message };
  if (error instanceof AddressError) return { reason: 'InvalidAddress', message };
  if (error instanceof RoutingError) return { reason: 'InvalidRoute', message };
  if (error instanceof ConfigMissingError) return { reason: 'ConfigMissing', message };
  return undefined;
}
