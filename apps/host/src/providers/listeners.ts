import { ListenError, type ComponentRuntime, type HttpListener, type HttpRoute } from '@kasmcloud/wasm';
import type { ListenAddress } from './address.ts';
import { latticeRefusal } from './refusal.ts';

/** The address belongs to another provider, or to another program. */
export class AddressTakenError extends Error {
  override readonly name = 'AddressTakenError';
}

export interface ListenerOptions {
  readonly runtime: Pick<ComponentRuntime, 'listen'>;
  /** What `0.0.0.0` means inside this host's network. */
  readonly address: string;
  /** Free ports instead of those asked for, where hosts share one address. */
  readonly map: boolean;
  readonly onError: (error: unknown) => void;
}

interface Listener {
  readonly owner: string;
  readonly listener: HttpListener;
  readonly bound: ListenAddress;
}

/** The HTTP ports of this host. Each belongs to the first provider that asked for it. */
export class Listeners {
  readonly #options: ListenerOptions;
  readonly #listeners = new Map<string, Listener>();
  readonly #opening = new Set<string>();

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Listens for a provider, or changes where its requests go. Returns the address bound. @throws AddressTakenError */
  async listen(owner: string, wanted: ListenAddress, routes: readonly HttpRoute[]): Promise<ListenAddress> {
    const key = `${wanted.host}:${wanted.port}`;
    const there = this.#listeners.get(key) ?? (await this.#open(key, owner, wanted));
    if (there.owner !== owner) throw new AddressTakenError(`${key} is used by ${there.owner} on this host`);
    there.listener.route(routes);
    return there.bound;
  }

  /** Closes what an owner no longer asks for: its listeners on other addresses than these. */
  async keep(owner: string, addresses: readonly ListenAddress[]): Promise<void> {
    const kept = new Set(addresses.map(({ host, port }) => `${host}:${port}`));
    const unused = [...this.#listeners].filter(([key, listener]) => listener.owner === owner && !kept.has(key));
    for (const [key] of unused) this.#listeners.delete(key);
    await Promise.all(unused.map(([, { listener }]) => listener.close()));
  }

  async close(): Promise<void> {
    const all = [...this.#listeners.values()];
    this.#listeners.clear();
    await Promise.all(all.map(({ listener }) => listener.close()));
  }

  async #open(key: string, owner: string, wanted: ListenAddress): Promise<Listener> {
    if (this.#opening.has(key)) throw new AddressTakenError(`${key} is being opened by another provider on this host`);
    const { runtime, address, map, onError } = this.#options;
    const host = wanted.host === '0.0.0.0' || wanted.host === '::' ? address : wanted.host;
    this.#opening.add(key);
    try {
      const options = { host, port: map ? 0 : wanted.port, refuse: latticeRefusal, onError };
      const listener = await runtime.listen(options);
      const opened = { owner, listener, bound: { host, port: listener.port } };
      this.#listeners.set(key, opened);
      return opened;
    } catch (error) {
      if (error instanceof ListenError) throw new AddressTakenError(error.message, { cause: error });
      throw error;
    } finally {
      this.#opening.delete(key);
    }
  }
}
