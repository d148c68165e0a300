import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const ANSWER_WITHIN_MS = 30_000;
/** How often a request is sent that the server asks to repeat. */
const TRIES = 10;
const REPEAT_AFTER_MS = 250;

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/**
 * HTTPS to one server: requests whole, watches line by line. A request that the server asks to repeat (503 with Retry-After)
 * is repeated, as every Kubernetes client does: a real server answers so while it puts another storage behind the objects
 * of a definition that has just changed.
 */
export class KubeHttp {
  readonly #url: string;
  readonly #agent: Agent;

  constructor(url: string, caPem: string) {
    this.#url = url;
    this.#agent = new Agent({ ca: caPem, keepAlive: true });
  }

  async ask(asked: Asked): Promise<RawAnswer> {
    const response = await this.#openAgain(asked);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  }

  /** Opens a stream of lines; ends it after `count` lines, or when no line came for `quietMs` once `idle` has resolved. */
  async lines(asked: Asked, count: number, during: () => Promise<void>, quietMs: number): Promise<RawAnswer> {
    const response = await this.#openAgain(asked);
    let text = '';
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    response.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.split('\n').length > count) resolve();
    });
    response.once('close', resolve);
    response.once('error', () => resolve());
    await during();
    const timer = setTimeout(resolve, quietMs);
    await enough;
    clearTimeout(timer);
    response.destroy();
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #openAgain(asked: Asked): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.#open(asked);
      const repeat = response.statusCode === 503 && response.headers['retry-after'] !== undefined;
      if (!repeat || attempt === TRIES) return response;
      response.resume();
      await sleep(REPEAT_AFTER_MS);
    }
  }

  #open({ method, path, headers, body }: Asked): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const sent = request(`${this.#url}${path}`, { method, agent: this.#agent, headers: { ...headers, ...length } });
    sent.setTimeout(ANSWER_WITHIN_MS, () => sent.destroy(new Error(`${method} ${path}: no answer in time`)));
    sent.once('error', reject);
    sent.once('response', resolve);
    sent.end(body);
    return promise;
  }
}
