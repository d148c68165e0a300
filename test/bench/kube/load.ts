/** What is asked of a server while it is measured. */
import { request } from 'node:https';
import { Pool } from 'undici';
import { median } from '../harness.ts';
import type { Server } from './servers.ts';

const WRITERS = 32;
const path = '/api/v1/namespaces/bench/configmaps';
const payload = 'x'.repeat(1024);

const configMap = (index: number, round: number): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: nameOf(index), namespace: 'bench', labels: { round: String(round) } },
    data: { payload },
  });

const nameOf = (index: number): string => `config-${String(index).padStart(6, '0')}`;

export interface Rate {
  readonly perSecond: number;
  /** Of single requests, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Clients of one server: 32 that write at the same time, each waiting for its answer, and any number that watch. */
export class Load implements AsyncDisposable {
  readonly #server: Server;
  readonly #pool: Pool;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(server: Server) {
    this.#server = server;
    this.#pool = new Pool(server.url, { connections: WRITERS, connect: { ca: server.caPem }, allowH2: false });
    this.#headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
  }

  async createNamespace(): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bench' } };
    await this.#ask('POST', '/api/v1/namespaces', JSON.stringify(body), 201);
  }

  /** Creates ConfigMaps of 1 KiB, numbered from `from` up to `to`. */
  async create(from: number, to: number): Promise<Rate> {
    return this.#write(from, to, async (index) => this.#ask('POST', path, configMap(index, 0), 201));
  }

  async update(from: number, to: number, round: number): Promise<Rate> {
    return this.#write(from, to, async (index) =>
      this.#ask('PUT', `${path}/${nameOf(index)}`, configMap(index, round), 200),
    );
  }

  /** Median time of five lists, and how many objects the last one held. */
  async list(): Promise<{ ms: number; count: number }> {
    const times: number[] = [];
    let text = '';
    for (let run = 0; run < 5; run++) {
      const start = performance.now();
      text = await this.#ask('GET', path, undefined, 200);
      times.push(performance.now() - start);
    }
    const { items } = JSON.parse(text) as { items: { metadata: { name: string } }[] };
    // A control plane puts the ConfigMap of its CA there too.
    const count = items.filter(({ metadata }) => metadata.name.startsWith('config-')).length;
    return { ms: median(times.toSorted((a, b) => a - b)), count };
  }

  /** Events a second that arrive at `watchers` watchers together while `updates` objects are updated. */
  async watch(watchers: number, updates: number, round: number): Promise<{ perSecond: number; complete: boolean }> {
    const list = JSON.parse(await this.#ask('GET', `${path}?limit=1`, undefined, 200)) as {
      metadata: { resourceVersion: string };
    };
    const expected = watchers * updates;
    const counter = new EventCounter(expected);
    const from = `${path}?watch=true&resourceVersion=${list.metadata.resourceVersion}`;
    const stops: (() => void)[] = [];
    for (let index = 0; index < watchers; index += WATCHES_AT_ONCE) {
      const group = Array.from({ length: Math.min(WATCHES_AT_ONCE, watchers - index) }, async () =>
        openWatch(this.#server, from, (events) => counter.add(events)),
      );
      stops.push(...(await Promise.all(group)));
    }
    const start = performance.now();
    await this.update(0, updates, round);
    const complete = await counter.full(WATCH_WITHIN_MS);
    const seconds = (performance.now() - start) / 1000;
    for (const stop of stops) stop();
    return { perSecond: counter.count / seconds, complete };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }

  async #write(from: number, to: number, write: (index: number) => Promise<unknown>): Promise<Rate> {
    const times: number[] = [];
    let next = from;
    const writer = async (): Promise<void> => {
      while (next < to) {
        const start = performance.now();
        await write(next++);
        times.push(performance.now() - start);
      }
    };
    const start = performance.now();
    await Promise.all(Array.from({ length: WRITERS }, writer));
    const perSecond = ((to - from) * 1000) / (performance.now() - start);
    const sorted = times.toSorted((a, b) => a - b);
    return { perSecond, p50: median(sorted), p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN };
  }

  async #ask(method: 'GET' | 'POST' | 'PUT', where: string, body: string | undefined, wanted: number): Promise<string> {
    const answer = await this.#pool.request({ method, path: where, headers: this.#headers, body: body ?? null });
    const text = await answer.body.text();
    if (answer.statusCode !== wanted) throw new Error(`${method} ${where}: ${answer.statusCode} ${text}`);
    return text;
  }
}

const WATCHES_AT_ONCE = 50;
const WATCH_WITHIN_MS = 60_000;
const NEWLINE = 10;

/** Opens one watch; resolves once the server has begun to answer. An event is a line. */
async function openWatch(server: Server, path: string, arrived: (events: number) => void): Promise<() => void> {
  const { promise, resolve, reject } = Promise.withResolvers<() => void>();
  const headers = { authorization: `Bearer ${server.token}` };
  const sent = request(`${server.url}${path}`, { agent: false, ca: server.caPem, headers }, (response) => {
    if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`));
    response.on('data', (chunk: Buffer) => arrived(lines(chunk)));
    response.on('error', () => undefined);
    resolve(() => void sent.destroy());
  });
  sent.on('error', reject);
  sent.end();
  return promise;
}

function lines(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

class EventCounter {
  readonly #expected: number;
  readonly #full = Promise.withResolvers<boolean>();
  count = 0;

  constructor(expected: number) {
    this.#expected = expected;
  }

  add(events: number): void {
    this.count += events;
    if (this.count >= this.#expected) this.#full.resolve(true);
  }

  /** Whether all events arrived within a time, and not one more. */
  async full(withinMs: number): Promise<boolean> {
    const timer = setTimeout(() => this.#full.resolve(false), withinMs);
    const full = await this.#full.promise;
    clearTimeout(timer);
    return full && this.count === this.#expected;
  }
}
