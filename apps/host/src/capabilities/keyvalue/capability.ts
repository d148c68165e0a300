import { serve, serverSpan, type ServedFunction } from '@kasmcloud/lattice';
import { WitError } from '@kasmcloud/wasm';
import { toWire } from '../../lattice/outcome.ts';
import {
  CapabilityConfigError,
  lowerCased,
  type CallContext,
  type Capability,
  type CapabilityLink,
  type CapabilityParts,
  type Origin,
} from '../capability.ts';
import { Connections } from '../connections.ts';
import { StoresByLink, type StorePlan } from '../stores-by-link.ts';
import { MemoryStore } from './memory-store.ts';
import { NatsStore } from './nats-store.ts';
import { RedisStore } from './redis-store.ts';
import { runKeyvalue } from './run.ts';
import { StoreError, type KeyValueStore } from './store.ts';
import { keyvalueFunctions, wireInstance } from './wire.ts';

export type KeyValueBackend = 'memory' | 'nats' | 'redis';

/** A built-in key-value provider: each link has a store, links with the same config have the same one. */
export class KeyValueCapability implements Capability {
  readonly #backend: KeyValueBackend;
  readonly #parts: CapabilityParts;
  readonly #connections: Connections;
  readonly #stores: StoresByLink<KeyValueStore>;
  readonly #served: readonly ServedFunction[];

  constructor(backend: KeyValueBackend, parts: CapabilityParts) {
    this.#backend = backend;
    this.#parts = parts;
    this.#connections = new Connections(parts);
    // What is in memory stays for the next link.
    const keepsUnused = backend === 'memory';
    this.#stores = new StoresByLink({ id: parts.id, keepsUnused, plan: (link) => this.#plan(link) });
    this.#served = this.#serve();
  }

  async update(incoming: readonly CapabilityLink[]): Promise<void> {
    await this.#stores.update(incoming);
  }

  async call(origin: Origin, func: string, args: readonly unknown[], { signal }: CallContext): Promise<unknown> {
    const store = await this.#stores.find(origin, signal);
    try {
      return await runKeyvalue(store, func, args, signal);
    } catch (error) {
      if (error instanceof StoreError) throw new WitError(error.payload);
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const served of this.#served) served.close();
    await this.#stores.close();
    await this.#connections.close();
  }

  #plan({ key, config }: CapabilityLink): StorePlan<KeyValueStore> {
    const { callTimeoutMs: timeoutMs, log: logger } = this.#parts;
    if (this.#backend === 'memory') return { of: '', open: async () => new MemoryStore() };
    const { url, bucket, js_domain: domain, cluster_uri: uris } = lowerCased(config);
    if (this.#backend === 'nats') {
      const open = async (): Promise<KeyValueStore> =>
        new NatsStore({ connection: await this.#connections.to(uris), domain, bucket, timeoutMs });
      return { of: JSON.stringify([uris, domain, bucket]), open };
    }
    if (url === undefined || !/^rediss?:\/\/./.test(url)) {
      throw new CapabilityConfigError(`link ${key}: its target config needs url, for example redis://127.0.0.1:6379`);
    }
    return { of: url, open: async () => new RedisStore({ url, timeoutMs, logger }) };
  }

  /** Answers actors on other hosts. */
  #serve(): ServedFunction[] {
    const { connection, lattice, id: target, callTimeoutMs: timeoutMs, tracer, log } = this.#parts;
    return Object.entries(keyvalueFunctions).flatMap(([iface, functions]) =>
      Object.entries(functions).map(([func, type]) => {
        const address = { lattice, target, instance: wireInstance(iface), func };
        return serve(
          connection,
          address,
          type,
          (args, call) => {
            const { sourceId: source = '', linkName, signal } = call;
            const run = tracer.run(serverSpan(address, call), (trace) =>
              this.call({ source, linkName }, func, args, { deadlineMs: timeoutMs, signal, trace }),
            );
            return toWire(type, run);
          },
          { timeoutMs, onError: (error) => log.debug({ err: error, target, func }, 'call failed') },
        );
      }),
    );
  }
}
