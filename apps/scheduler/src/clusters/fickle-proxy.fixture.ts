import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { TestApiServer } from '@kasmcloud/testing';

/** How the road to an API server is. */
export type Mood =
  | { readonly kind: 'good' }
  | { readonly kind: 'slow'; readonly ms: number }
  /** Every request is answered with this status. */
  | { readonly kind: 'refusing'; readonly status: number }
  /** Every second connection is cut as soon as it asks something. */
  | { readonly kind: 'dropping' };

/** A proxy before an API server, whose mood a test may change. */
export class FickleProxy {
  mood: Mood = { kind: 'good' };
  #asked = 0;
  readonly #target: TestApiServer;
  readonly #server = createServer((incoming, response) => {
    this.#handle(incoming, response).catch(() => response.destroy());
  });

  private constructor(target: TestApiServer) {
    this.#target = target;
  }

  static async before(target: TestApiServer): Promise<FickleProxy> {
    const proxy = new FickleProxy(target);
    const listening = Promise.withResolvers<void>();
    proxy.#server.listen(0, '127.0.0.1', listening.resolve);
    await listening.promise;
    return proxy;
  }

  /** The administrator's way to the API server, through here. */
  get kubeconfig(): string {
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return stringify({
      clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'u', user: { token: this.#target.adminToken } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'c',
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { mood } = this;
    if (mood.kind === 'refusing') {
      response.writeHead(mood.status, { 'content-type': 'application/json', 'retry-after': '1' });
      return void response.end('{}');
    }
    if (mood.kind === 'dropping' && this.#asked++ % 2 === 1) return void incoming.socket.destroy();
    if (mood.kind === 'slow') await sleep(mood.ms);
    const { server, ca } = this.#target.target;
    const { method, headers, url = '/' } = incoming;
    const onward = request(new URL(url, server), { method, headers, ...(ca !== undefined && { ca }) }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }
}
