import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Tracer } from '@kasmcloud/observe';
import { hasBody, headOf } from '../../http/head.ts';
import { noRoute } from '../../http/refusal.ts';
import { flushAnswers, ResponseWriter } from '../../http/response-writer.ts';
import { findRoute } from '../../http/route.ts';
import { Ledger } from '../../runtime/ledger.ts';
import { passed, type FromWorker, type Home, type ToFront, type ToWorker } from '../../runtime/protocol.ts';
import type { WorkerLoop } from '../loop.ts';
import type { InstancePool } from '../pool.ts';
import { Listener } from './listener.ts';
import { OwnRequest, type Asked, type OwnRequestEvents } from './own-request.ts';
import { PassedRequest } from './passed-request.ts';
import { headIn, requestSpan } from './request-span.ts';

/** How much later than its time a request may end. */
const sweepMs = 20;

/** More than there are threads: calls of two of them never have the same number. */
const maxThreads = 1024;

/**
 * Accepts connections in this thread. A request whose route has its home here is answered here, all of it; any other is
 * passed to the main thread, which knows every route.
 */
export class Front implements OwnRequestEvents {
  readonly #loop: WorkerLoop;
  readonly #ledger: Ledger;
  readonly #listeners = new Map<number, Listener>();
  readonly #homes = new Map<number, Home>();
  readonly #passed = new Map<number, PassedRequest>();
  readonly #retired = new Set<number>();
  readonly #tracer: Tracer | undefined;
  #isSweeping = false;
  #lastCall: number;
  #lastPassed = 0;

  /** `worker` is the number of this one. */
  constructor(loop: WorkerLoop, ledger: Int32Array, worker: number, tracer?: Tracer) {
    this.#loop = loop;
    this.#tracer = tracer;
    this.#lastCall = -worker;
    this.#ledger = new Ledger(ledger);
    loop.beforeOthers(flushAnswers);
  }

  receive(message: ToWorker): void {
    if (isForFront(message)) this.#obey(message);
    else if ('exchange' in message && message.call === passed) this.#passed.get(message.exchange)?.receive(message);
    else {
      if (message.kind === 'unload') this.#drop(message.component);
      this.#loop.receive(message);
    }
  }

  #obey(message: ToFront): void {
    switch (message.kind) {
      case 'listen':
        void this.#listen(message);
        return;
      case 'routes': {
        const listener = this.#listeners.get(message.listener);
        if (listener !== undefined) listener.routes = message.routes;
        return;
      }
      case 'unlisten':
        void this.#unlisten(message.listener);
        return;
      case 'home':
        this.#homes.set(message.home.route, message.home);
        return;
      case 'retire':
        this.#retire(message.component);
        return;
    }
  }

  async #listen({
    listener: number,
    host,
    port,
    isShared,
    routes,
  }: Extract<ToWorker, { kind: 'listen' }>): Promise<void> {
    const listener = new Listener(number, routes, (message, response) => this.#serve(message, response, listener));
    this.#listeners.set(number, listener);
    try {
      const bound = await listener.open(host, port, isShared);
      this.#loop.post({ kind: 'listening', listener: number, port: bound });
    } catch (error) {
      this.#listeners.delete(number);
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      this.#loop.post({ kind: 'listen-failed', listener: number, code });
    }
  }

  async #unlisten(number: number): Promise<void> {
    const listener = this.#listeners.get(number);
    this.#listeners.delete(number);
    for (const { number: route } of listener?.routes ?? []) this.#homes.delete(route);
    await listener?.close();
    this.#loop.post({ kind: 'unlistened', listener: number });
  }

  #serve(message: IncomingMessage, response: ServerResponse, listener: Listener): void {
    const head = headOf(message);
    const route = findRoute(listener.routes, head);
    if (route === undefined) {
      new ResponseWriter(response, () => undefined).refuse(noRoute);
      return;
    }
    const span = this.#tracer && requestSpan(this.#tracer, head, route, response);
    const asked = {
      message,
      response,
      head: span?.isRecorded === true ? headIn(head, span) : head,
      listener: listener.number,
      span,
    };
    const home = this.#homes.get(route.number);
    const pool = home && this.#loop.pool(home.component);
    if (home !== undefined && pool?.isLoaded === true && this.#run(asked, home, pool)) return;
    this.#pass(asked);
  }

  /** Runs the request here, if there is a slot for it. */
  #run(asked: Asked, home: Home, pool: InstancePool): boolean {
    if (!pool.takeSlot()) return false;
    const endsAt = performance.now() + home.limitMs;
    const place = this.#ledger.open(home.component, endsAt);
    if (place === undefined) {
      pool.freeSlot();
      return false;
    }
    if (this.#ledger.wantsWatch()) {
      this.#loop.post({ kind: 'busy' });
      // The guest that begins now may never give this thread back.
      this.#loop.flush();
    }
    this.#lastCall -= maxThreads;
    const seat = { call: this.#lastCall, home, pool, place, endsAt, loop: this.#loop };
    void new OwnRequest(seat, asked, this).run();
    if (!this.#isSweeping) this.#sweep();
    return true;
  }

  ended({ seat, component }: OwnRequest): void {
    this.#ledger.close(seat.place);
    seat.pool.freeSlot();
    if (this.#retired.size > 0) this.#tellRetired(component);
  }

  failed({ listener, component }: OwnRequest, reason: string): void {
    this.#loop.post({ kind: 'request-failed', listener, component, reason });
  }

  /** Ends what is past its time. One timer for all: to set one and clear it costs more than a small guest does. */
  #sweep(): void {
    const now = performance.now();
    let count = 0;
    for (const own of this.#loop.own) {
      count += 1;
      if (own.endsAt <= now) own.expire();
    }
    this.#isSweeping = count > 0;
    if (this.#isSweeping) setTimeout(() => this.#sweep(), sweepMs);
  }

  #pass({ message, response, listener, head, span }: Asked): void {
    this.#lastPassed += 1;
    const exchange = this.#lastPassed;
    const post = (one: FromWorker): void => this.#loop.post(one);
    const writer = new ResponseWriter(response, (bytes) =>
      post({ kind: 'answer-taken', call: passed, exchange, bytes }),
    );
    // What is not recorded here is to be recorded nowhere.
    const told = span?.isRecorded === false ? headIn(head, span) : head;
    post({ kind: 'pass', call: passed, exchange, listener, head: told, hasBody: hasBody(message) });
    this.#passed.set(exchange, new PassedRequest({ exchange, message, writer, span }, post));
    response.once('close', () => {
      this.#passed.delete(exchange);
      if (!response.writableFinished) post({ kind: 'pass-left', exchange });
    });
  }

  #retire(component: number): void {
    for (const [route, home] of this.#homes) if (home.component === component) this.#homes.delete(route);
    this.#retired.add(component);
    this.#tellRetired(component);
  }

  #tellRetired(component: number): void {
    if (!this.#retired.has(component)) return;
    for (const own of this.#loop.own) if (own.component === component) return;
    this.#retired.delete(component);
    this.#loop.post({ kind: 'retired', component });
  }

  /** The component goes at once, with what it is at. */
  #drop(component: number): void {
    for (const [route, home] of this.#homes) if (home.component === component) this.#homes.delete(route);
    for (const own of this.#loop.own) if (own.component === component) own.stop();
  }
}

const frontKinds: ReadonlySet<string> = new Set(['listen', 'routes', 'unlisten', 'home', 'retire']);

const isForFront = (message: ToWorker): message is ToFront => frontKinds.has(message.kind);
