import type { ServedFunction } from '@kasmcloud/lattice';
import { WitError } from '@kasmcloud/wasm';
import {
  lowerCased,
  type CallContext,
  type Capability,
  type CapabilityLink,
  type CapabilityParts,
  type Origin,
} from '../capability.ts';
import { Connections } from '../connections.ts';
import { StoresByLink, type StorePlan } from '../stores-by-link.ts';
import { volumeOf, type Volumes } from '../volumes.ts';
import { DirectoryBlobStore } from './directory-store.ts';
import { MemoryBlobStore } from './memory-store.ts';
import { NatsBlobStore } from './nats-store.ts';
import { runBlobstore } from './run.ts';
import { s3Settings } from './s3-settings.ts';
import { serveBlobstore } from './serve.ts';
import { BlobError, type BlobStore } from './store.ts';
import type { PlainFunction } from './wire.ts';

export type BlobBackend = 'memory' | 'nats' | 'fs' | 's3';

/** A built-in blob store: each link has a store, links with the same config have the same one. */
export class BlobstoreCapability implements Capability {
  readonly #backend: BlobBackend;
  readonly #parts: CapabilityParts;
  readonly #volumes: Volumes;
  readonly #connections: Connections;
  readonly #stores: StoresByLink<BlobStore>;
  readonly #served: readonly ServedFunction[];

  constructor(backend: BlobBackend, parts: CapabilityParts, volumes: Volumes) {
    this.#backend = backend;
    this.#parts = parts;
    this.#volumes = volumes;
    this.#connections = new Connections(parts);
    // What is in memory stays for the next link.
    const keepsUnused = backend === 'memory';
    this.#stores = new StoresByLink({ id: parts.id, keepsUnused, plan: (link) => this.#plan(link) });
    this.#served = serveBlobstore(parts, (origin, signal) => this.#stores.find(origin, signal));
  }

  async update(incoming: readonly CapabilityLink[]): Promise<void> {
    await this.#stores.update(incoming);
  }

  async call(origin: Origin, func: string, args: readonly unknown[], { signal }: CallContext): Promise<unknown> {
    const store = await this.#stores.find(origin, signal);
    try {
      // The caller took the function from the wire interface.
      return await runBlobstore(store, func as PlainFunction, args, signal);
    } catch (error) {
      if (error instanceof BlobError) throw new WitError(error.message);
      throw error;
    }
  }

  blobs(origin: Origin, signal: AbortSignal): Promise<BlobStore> {
    return this.#stores.find(origin, signal);
  }

  async close(): Promise<void> {
    for (const served of this.#served) served.close();
    await this.#stores.close();
    await this.#connections.close();
  }

  #plan({ key, config }: CapabilityLink): StorePlan<BlobStore> {
    const { callTimeoutMs: timeoutMs } = this.#parts;
    const settings = lowerCased(config);
    switch (this.#backend) {
      case 'memory':
        return { of: '', open: async () => new MemoryBlobStore(() => new Date()) };
      case 'nats': {
        const { js_domain: domain, cluster_uri: uris } = settings;
        const open = async (): Promise<BlobStore> =>
          new NatsBlobStore({ connection: await this.#connections.to(uris), domain, timeoutMs });
        return { of: JSON.stringify([uris, domain]), open };
      }
      case 'fs': {
        const folder = volumeOf(this.#volumes, key, settings);
        return { of: folder, open: async () => new DirectoryBlobStore(folder) };
      }
      case 's3': {
        const options = s3Settings(key, settings, timeoutMs);
        // The client is large, and most hosts have no link to it.
        const open = async (): Promise<BlobStore> => new (await import('./s3-store.ts')).S3BlobStore(options);
        return { of: JSON.stringify(options), open };
      }
    }
  }
}
