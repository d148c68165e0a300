import { createServer } from 'node:net';
import type { Logger } from '@kasmcloud/observe';
import { TrapError } from '../error.ts';
import type { FarCallerModule } from './far-caller.ts';
import { FrontThread } from './front-thread.ts';
import { ListenerRoutes, unserved, type HttpListener, type HttpListenerOptions, type Served } from './http-listener.ts';
import { ledgerTable } from './ledger.ts';
import { localInterface } from '../interface-name.ts';
import { isFromFront, passed, type FromFront, type FromWorker } from './protocol.ts';
import type { Hosted, Switchboard } from './switchboard.ts';
import { Thread, type ThreadTracing } from './thread.ts';

export interface FrontsOptions {
  readonly threads: number;
  /** Number of the first thread among all. */
  readonly firstNumber: number;
  readonly url: URL;
  readonly heapMegabytes: number;
  readonly graceMs: number;
  readonly tracing: ThreadTracing;
  readonly farCaller: FarCallerModule | undefined;
  readonly logger: Logger;
  readonly nextId: () => number;
}

/** The address cannot be listened on; `code` is what the system says. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: string;

  constructor(host: string, port: number, code: string) {
    super(`cannot listen on ${host}:${port}: ${code}`);
    this.code = code;
  }
}

/** How often threads that run requests by themselves are looked at. */
const lookMs = 50;

/** A thread that ended sooner than this after its start is not replaced at once. */
const shortLifeMs = 1_000;

/** How long a thread may take to close a listener. */
const closingMs = 3_000;

interface Open {
  readonly routes: ListenerRoutes;
  port: number;
}

/**
 * The threads that accept HTTP connections. Each listens on every address, the system deals connections out, and a request
 * to a component that is trusted is answered in the thread that accepted it. Where an address cannot be shared, one thread
 * listens.
 */
export class Fronts {
  readonly #options: FrontsOptions;
  readonly #switchboard: Switchboard;
  readonly #threads: (FrontThread | undefined)[];
  readonly #listeners = new Map<number, Open>();
  #look: NodeJS.Timeout | undefined;
  #isShared = true;
  #isClosed = false;

  constructor(options: FrontsOptions, switchboard: Switchboard) {
    this.#options = options;
    this.#switchboard = switchboard;
    this.#threads = Array.from({ length: options.threads });
  }

  /** Listens; threads are started with the first address. @throws ListenError */
  async listen(options: HttpListenerOptions): Promise<HttpListener> {
    const { host, port } = options;
    const { nextId } = this.#options;
    // Addresses that can be shared would be shared with other programs too.
    if (port !== 0) await probe(host, port);
    const open: Open = { routes: new ListenerRoutes(nextId(), options, nextId), port };
    const { number } = open.routes;
    this.#listeners.set(number, open);
    try {
      const [first, ...others] = this.#threads.map((thread, index) => thread ?? this.#spawn(index));
      if (first === undefined) throw new ListenError(host, port, 'no threads');
      open.port = await this.#openFirst(first, open);
      if (this.#isShared) await Promise.all(others.map((thread) => this.#open(thread, open)));
    } catch (error) {
      await this.#close(number);
      throw error;
    }
    return {
      port: open.port,
      route: (routes) => {
        open.routes.set(routes);
        const table = open.routes.table;
        for (const one of this.#running()) one.thread.post({ kind: 'routes', listener: number, routes: table });
      },
      close: () => this.#close(number),
    };
  }

  /** Requests go to a component no more; resolves when those under way in these threads have ended. */
  async retire(component: number): Promise<void> {
    await Promise.all(this.#running().map((one) => one.retire(component)));
  }

  remove(component: number): void {
    for (const { thread } of this.#running()) thread.unload(component);
  }

  configure({ job: { component, config } }: Hosted): void {
    for (const { thread } of this.#running()) {
      if (thread.hasLoaded(component)) thread.post({ kind: 'config', component, config });
    }
  }

  forgetNear(component: number): void {
    for (const { thread } of this.#running()) {
      if (thread.looked.delete(component)) thread.post({ kind: 'forget-served', component });
    }
  }

  /** Resolves when every thread has handed over its spans. */
  async tellSpans(): Promise<void> {
    await Promise.all(this.#running().map(({ thread }) => thread.tellSpans()));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#look);
    for (const { thread } of this.#running()) thread.stop('the runtime closes');
  }

  #running(): FrontThread[] {
    return this.#threads.filter((one) => one !== undefined);
  }

  #spawn(index: number): FrontThread {
    const { url, heapMegabytes, firstNumber, tracing, farCaller } = this.#options;
    const startedAt = performance.now();
    const thread: Thread = new Thread(
      { url, heapMegabytes, number: firstNumber + index, tracing, farCaller, ledger: ledgerTable() },
      {
        message: (message) => this.#receive(front, message),
        gone: (reason) => this.#lose(index, front, reason, performance.now() - startedAt),
      },
    );
    const front = new FrontThread(thread);
    this.#threads[index] = front;
    return front;
  }

  /** The first thread tells whether the address can be had, and shared; and which port it is. */
  async #openFirst(front: FrontThread, open: Open): Promise<number> {
    try {
      return await this.#open(front, open);
    } catch (error) {
      if (!(error instanceof ListenError) || !cannotShare.has(error.code) || !this.#isShared) throw error;
      this.#isShared = false;
      return this.#open(front, open);
    }
  }

  #open(front: FrontThread, { routes, port }: Open): Promise<number> {
    const { number: listener, options, table } = routes;
    const opening = Promise.withResolvers<number>();
    front.opening.set(listener, opening);
    front.thread.post({ kind: 'listen', listener, host: options.host, port, isShared: this.#isShared, routes: table });
    return opening.promise;
  }

  async #close(listener: number): Promise<void> {
    this.#listeners.delete(listener);
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, closingMs);
    const closed = this.#running().map((front) => {
      const closing = Promise.withResolvers<void>();
      front.closing.set(listener, closing);
      front.thread.post({ kind: 'unlisten', listener });
      return closing.promise;
    });
    await Promise.race([Promise.all(closed), late.promise]);
    clearTimeout(timer);
  }

  #receive(front: FrontThread, message: FromWorker): void {
    if (isFromFront(message)) this.#hear(front, message);
    else if ((message.kind === 'send-body' || message.kind === 'answer-taken') && message.call === passed) {
      front.passed(message.exchange)?.receive(message);
    } else this.#switchboard.receive(front.thread, message);
  }

  #hear(front: FrontThread, message: FromFront): void {
    switch (message.kind) {
      case 'listening':
        front.opening.get(message.listener)?.resolve(message.port);
        return;
      case 'listen-failed': {
        const { host = '', port = 0 } = this.#listeners.get(message.listener)?.routes.options ?? {};
        front.opening.get(message.listener)?.reject(new ListenError(host, port, message.code));
        return;
      }
      case 'unlistened':
        front.closing.get(message.listener)?.resolve();
        front.closing.delete(message.listener);
        return;
      case 'retired':
        front.retiring.get(message.component)?.resolve();
        front.retiring.delete(message.component);
        return;
      case 'busy':
        front.watch(performance.now());
        this.#look ??= setTimeout(() => this.#lookAfter(), lookMs);
        return;
      case 'pass':
        void this.#answer(front, message);
        return;
      case 'pass-left':
        front.passed(message.exchange)?.leave(new Error('the client closed the connection'));
        return;
      case 'request-failed': {
        const name = this.#switchboard.components.get(message.component)?.name ?? 'a component that was unloaded';
        const { options } = this.#listeners.get(message.listener)?.routes ?? {};
        options?.onError(new TrapError(`${name} failed: ${message.reason}`));
        return;
      }
    }
  }

  async #answer(front: FrontThread, message: Extract<FromWorker, { kind: 'pass' }>): Promise<void> {
    const request = front.open(message);
    const open = this.#listeners.get(message.listener);
    const served: Served = (route, of, component, tookMs) => {
      const hosted = [...this.#switchboard.components.values()].find((one) => Object.is(one, component));
      if (hosted === undefined) return;
      hosted.standing.note(tookMs);
      if (hosted.standing.isTrusted)
        this.#settle(this.#isShared ? this.#running() : [front], route.number, hosted, of.deadlineMs);
    };
    await request.run((asked, signal) => (open === undefined ? unserved() : open.routes.answer(asked, signal, served)));
    front.close(message.exchange);
  }

  /** From now on the threads answer requests of a route themselves. */
  #settle(fronts: readonly FrontThread[], route: number, hosted: Hosted, deadlineMs: number): void {
    const { component, program } = hosted.job;
    const handler = program.exports.find(({ name }) => localInterface(name) === 'wasi:http/incoming-handler');
    if (handler === undefined || !hosted.takesCalls) return;
    const limitMs = Math.min(deadlineMs, hosted.executionMs);
    for (const front of fronts) {
      void front.thread.load(hosted.job);
      front.settle({ route, component, instance: handler.name, limitMs });
    }
  }

  /** Finds threads that a guest holds up: its component is trusted no more, and past its deadline the thread ends. */
  #lookAfter(): void {
    this.#look = undefined;
    const now = performance.now();
    for (const front of this.#running()) {
      if (!front.isWatched) continue;
      const holder = front.holder(lookMs);
      if (holder !== undefined) this.#distrust(holder);
      const overdue = front.overdue(this.#options.graceMs);
      if (overdue !== undefined) {
        const guilty = front.thread.atWork.component ?? overdue;
        const hosted = this.#switchboard.components.get(guilty);
        hosted?.standing.fault();
        void this.retire(guilty);
        front.thread.stop(`${hosted?.name} spins past its deadline`);
      } else front.rest(now);
    }
    if (this.#running().some(({ isWatched }) => isWatched)) this.#look = setTimeout(() => this.#lookAfter(), lookMs);
  }

  #distrust(component: number): void {
    const hosted = this.#switchboard.components.get(component);
    if (hosted?.standing.isTrusted !== true) return;
    hosted.standing.distrust();
    this.#options.logger.warn({ component: hosted.name }, 'a component held up a thread that listens, and is kept out');
    void this.retire(component);
  }

  #lose(index: number, front: FrontThread, reason: string, livedMs: number): void {
    this.#threads[index] = undefined;
    const error = new TrapError(`the thread that listens was lost: ${reason}`);
    const calls = front.thread.calls.values();
    front.thread.calls.clear();
    for (const call of calls) {
      call.fail(error);
      call.release();
    }
    this.#switchboard.forgive(front.thread);
    front.lose(error);
    if (this.#isClosed) return;
    this.#options.logger.warn({ reason }, 'runtime worker that listens stopped');
    setTimeout(() => this.#replace(index), livedMs < shortLifeMs ? shortLifeMs : 0);
  }

  /** Starts a thread anew, on all addresses. */
  #replace(index: number): void {
    if (this.#isClosed || this.#threads[index] !== undefined) return;
    const front = this.#spawn(index);
    if (!this.#isShared && index > 0) return;
    for (const open of this.#listeners.values()) {
      this.#open(front, open).catch((error: unknown) =>
        this.#options.logger.warn({ err: error }, 'a thread does not listen'),
      );
    }
  }
}

/** What systems say where an address cannot be shared. */
const cannotShare: ReadonlySet<string> = new Set([
  'ENOTSUP',
  'EOPNOTSUPP',
  'EINVAL',
  'ENOPROTOOPT',
  'ERR_SOCKET_BAD_TYPE',
]);

/** @throws ListenError when the address is another's */
async function probe(host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const server = createServer();
  server.once('error', reject);
  server.listen({ host, port, exclusive: true }, resolve);
  try {
    await promise;
  } catch (error) {
    throw new ListenError(host, port, error instanceof Error && 'code' in error ? String(error.code) : String(error));
  }
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
}
