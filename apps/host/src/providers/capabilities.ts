import {
  keyOf,
  linkSecrets,
  secretReferences,
  type LinkObject,
  type ProviderObject,
  type SecretReference,
} from '@kasmcloud/kube-api';
import type { LatticeConnection } from '@kasmcloud/lattice';
import type { Logger, Tracer } from '@kasmcloud/observe';
import type { Caller } from '../actors/calls.ts';
import { BlobstoreCapability } from '../capabilities/blobstore/capability.ts';
import type { Volumes } from '../capabilities/volumes.ts';
import { CapabilityConfigError, type Capability, type CapabilityLink } from '../capabilities/capability.ts';
import { FilesystemCapability } from '../capabilities/filesystem.ts';
import { HttpClientCapability } from '../capabilities/http-client/capability.ts';
import { KeyValueCapability } from '../capabilities/keyvalue/capability.ts';
import { MessagingCapability, type Deliver } from '../capabilities/messaging/capability.ts';
import { HANDLE_MESSAGE, HANDLER, handleMessage } from '../capabilities/messaging/wire.ts';
import type { CapabilityRegistry } from '../capabilities/registry.ts';
import { mergeConfig } from '../links/config.ts';
import { linkName } from '../links/route.ts';
import { readSecretValues } from '../secrets/secret-values.ts';
import { messageSpan } from '../tracing/messages.ts';
import type { Secrets } from '../world/secrets.ts';
import type { NamespaceView } from '../world/namespace-view.ts';
import type { BuiltinName } from './builtin.ts';

export interface CapabilitiesOptions {
  readonly connection: LatticeConnection;
  readonly tracer: Tracer;
  readonly registry: CapabilityRegistry;
  readonly caller: Caller;
  readonly callTimeoutMs: number;
  readonly secrets: Secrets;
  /** Folders of this host that links may name. */
  readonly volumes: Volumes;
  readonly log: Logger;
}

export type CapabilityName = Exclude<BuiltinName, 'http-server'>;

interface Running {
  readonly lattice: string;
  readonly id: string;
  readonly builtin: CapabilityName;
  readonly capability: Capability;
}

/** WIT packages that concern a capability. */
const packages: Readonly<Record<CapabilityName, string>> = {
  'http-client': 'wasi:http',
  'keyvalue-memory': 'wasi:keyvalue',
  'keyvalue-nats': 'wasi:keyvalue',
  'keyvalue-redis': 'wasi:keyvalue',
  'messaging-nats': 'wasmcloud:messaging',
  'blobstore-memory': 'wasi:blobstore',
  'blobstore-nats': 'wasi:blobstore',
  'blobstore-fs': 'wasi:blobstore',
  'blobstore-s3': 'wasi:blobstore',
  filesystem: 'wasi:filesystem',
};

/** The capabilities that Providers of this host stand for. */
export class Capabilities {
  readonly #options: CapabilitiesOptions;
  /** By key of the Provider. */
  readonly #running = new Map<string, Running>();

  constructor(options: CapabilitiesOptions) {
    this.#options = options;
  }

  /**
   * Makes a capability what its Provider, links and config say.
   * @throws CapabilityConfigError, ConfigMissingError, SecretError, and what a backend fails with; links that are right are served
   */
  async serve(
    key: string,
    builtin: CapabilityName,
    { metadata, spec }: ProviderObject,
    view: NamespaceView,
    signal: AbortSignal,
  ): Promise<void> {
    const { namespace: lattice = '' } = metadata;
    const before = this.#running.get(key);
    if (before !== undefined && (before.builtin !== builtin || before.id !== spec.id)) await this.stop(key);
    const { capability } = this.#running.get(key) ?? this.#start(key, { lattice, id: spec.id, builtin });
    const secretConfig = async (references: readonly SecretReference[]): Promise<Record<string, string>> =>
      (await readSecretValues(this.#options.secrets, lattice, references, signal)).asConfig();
    const own = {
      ...mergeConfig(lattice, spec.config ?? [], view.config),
      ...(await secretConfig(secretReferences(spec.secrets, spec.secretAccounts))),
    };
    const concerned = view.links.filter(
      (link) => `${link.spec.witNamespace}:${link.spec.witPackage}` === packages[builtin],
    );
    const toLink = async (link: LinkObject, actor: string, names: readonly string[]): Promise<CapabilityLink> => ({
      key: keyOf(link),
      actor,
      name: linkName(link),
      interfaces: link.spec.interfaces,
      config: {
        ...own,
        ...mergeConfig(lattice, names, view.config),
        ...(await secretConfig(linkSecrets(link, spec.id))),
      },
    });
    const incoming = concerned.filter((link) => link.spec.target === spec.id);
    const outgoing = concerned.filter((link) => link.spec.source === spec.id);
    await capability.update(
      await Promise.all(incoming.map((link) => toLink(link, link.spec.source, link.spec.targetConfig ?? []))),
      await Promise.all(outgoing.map((link) => toLink(link, link.spec.target, link.spec.sourceConfig ?? []))),
    );
  }

  async stop(key: string): Promise<void> {
    const running = this.#running.get(key);
    if (running === undefined) return;
    this.#running.delete(key);
    this.#options.registry.remove(running.lattice, running.id);
    await running.capability.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((key) => this.stop(key)));
  }

  #start(key: string, place: Omit<Running, 'capability'>): Running {
    const { lattice, id } = place;
    if (this.#options.registry.get(lattice, id) !== undefined) {
      throw new CapabilityConfigError(`id ${id} is served here by another provider of lattice ${lattice}`);
    }
    const running = { ...place, capability: this.#make(place) };
    this.#running.set(key, running);
    this.#options.registry.put(lattice, id, running.capability);
    return running;
  }

  #make({ lattice, id, builtin }: Omit<Running, 'capability'>): Capability {
    const { connection, callTimeoutMs, tracer, log, volumes } = this.#options;
    const parts = { lattice, id, connection, callTimeoutMs, tracer, log };
    switch (builtin) {
      case 'http-client':
        return new HttpClientCapability(parts);
      case 'keyvalue-memory':
        return new KeyValueCapability('memory', parts);
      case 'keyvalue-nats':
        return new KeyValueCapability('nats', parts);
      case 'keyvalue-redis':
        return new KeyValueCapability('redis', parts);
      case 'blobstore-memory':
        return new BlobstoreCapability('memory', parts, volumes);
      case 'blobstore-nats':
        return new BlobstoreCapability('nats', parts, volumes);
      case 'blobstore-fs':
        return new BlobstoreCapability('fs', parts, volumes);
      case 'blobstore-s3':
        return new BlobstoreCapability('s3', parts, volumes);
      case 'filesystem':
        return new FilesystemCapability(parts, volumes);
      case 'messaging-nats':
        return new MessagingCapability(parts, this.#deliver(lattice, id));
    }
  }

  /** Gives a message to an actor's handler, wherever it runs. */
  #deliver(lattice: string, source: string): Deliver {
    const { caller, callTimeoutMs, tracer } = this.#options;
    return async ({ actor: target, name }, message, parent) => {
      const call = { lattice, source, target, linkName: name, instance: HANDLER, func: HANDLE_MESSAGE };
      await tracer.run(messageSpan('consumer', message.subject, call, parent), (trace) => {
        const context = { deadlineMs: callTimeoutMs, signal: AbortSignal.timeout(callTimeoutMs), trace };
        return caller.callLinked({ ...call, type: handleMessage, args: [message] }, context);
      });
    };
  }
}
