import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NumberedRoute } from '../../runtime/protocol.ts';

/** How long connections may go on with what they are at when a listener closes. */
const closingMs = 1_000;

export type Serve = (request: IncomingMessage, response: ServerResponse, listener: Listener) => void;

/** One address on which this thread accepts connections. */
export class Listener {
  readonly number: number;
  routes: readonly NumberedRoute[];
  readonly #server: Server;

  constructor(number: number, routes: readonly NumberedRoute[], serve: Serve) {
    this.number = number;
    this.routes = routes;
    this.#server = createServer((request, response) => serve(request, response, this));
  }

  /** Resolves with the port. Rejects with what the system says, in `code`. */
  async open(host: string, port: number, isShared: boolean): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen({ host, port, reusePort: isShared }, resolve);
    await promise;
    this.#server.off('error', reject);
    // It cannot accept now, for want of descriptors mostly: the client's connection waits for the next time.
    this.#server.on('error', () => undefined);
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), closingMs);
    await promise;
    clearTimeout(timer);
  }
}
