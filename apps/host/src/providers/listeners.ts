import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from './address.ts';
import { exchange, type Handler } from './http-exchange.ts';

/** The address belongs to another link, or to another program. */
export class AddressTakenError extends Error {
  override readonly name = 'AddressTakenError';
}

export interface ListenerOptions {
  /** What `0.0.0.0` means inside this host's network. */
  readonly address: string;
  /** Free ports instead of those asked for, where hosts share one address. */
  readonly map: boolean;
  readonly onError: (error: unknown) => void;
}

interface Listener {
  readonly owner: string;
  readonly server: Server;
  readonly bound: ListenAddress;
  handler: Handler;
}

/** The HTTP ports of this host. Each belongs to the first link that asked for it. */
export class Listeners {
  readonly #options: ListenerOptions;
  readonly #listeners = new Map<string, Listener>();

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Listens for a link, or changes where its requests go. Returns the address bound. @throws AddressTakenError */
  async listen(owner: string, wanted: ListenAddress, handler: Handler): Promise<ListenAddress> {
    const key = `${wanted.host}:${wanted.port}`;
    const there = this.#listeners.get(key);
    if (there?.owner === owner) {
      there.handler = handler;
      return there.bound;
    }
    if (there !== undefined) throw new AddressTakenError(`${key} is used by ${there.owner} on this host`);
    const listener = await this.#open(owner, wanted, handler);
    this.#listeners.set(key, listener);
    return listener.bound;
  }

  /** Closes what an owner no longer asks for: its listeners on other addresses than these. */
  async keep(owner: string, addresses: readonly ListenAddress[]): Promise<void> {
    const kept = new Set(addresses.map(({ host, port }) => `${host}:${port}`));
    const unused = [...this.#listeners].filter(([key, listener]) => listener.owner === owner && !kept.has(key));
    for (const [key] of unused) this.#listeners.delete(key);
    await Promise.all(unused.map(([, { server }]) => closeServer(server)));
  }

  async close(): Promise<void> {
    const all = [...this.#listeners.values()];
    this.#listeners.clear();
    await Promise.all(all.map(({ server }) => closeServer(server)));
  }

  async #open(owner: string, wanted: ListenAddress, handler: Handler): Promise<Listener> {
    const { address, map, onError } = this.#options;
    const host = wanted.host === '0.0.0.0' || wanted.host === '::' ? address : wanted.host;
    const server = createServer((request, response) => {
      void exchange(request, response, listener.handler, onError);
    });
    const port = await bind(server, host, map ? 0 : wanted.port);
    const listener: Listener = { owner, server, bound: { host, port }, handler };
    return listener;
  }
}

async function bind(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  try {
    await promise;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new AddressTakenError(`cannot listen on ${host}:${port}: ${code}`, { cause });
  }
  server.off('error', reject);
  return (server.address() as AddressInfo).port;
}

async function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), 1_000);
  await promise;
  clearTimeout(timer);
}
