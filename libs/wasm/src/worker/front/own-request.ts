import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault, Span } from '@kasmcloud/observe';
import { traceContextOf, type TraceContext } from '@kasmcloud/wrpc';
import { failed, noTime, overloaded } from '../../http/refusal.ts';
import { ResponseWriter } from '../../http/response-writer.ts';
import type { Home, Outcome, RequestHead, ToWorker } from '../../runtime/protocol.ts';
import type { Instance } from '../instance.ts';
import type { OwnCall, WorkerLoop } from '../loop.ts';
import type { InstancePool } from '../pool.ts';
import { OwnExchange } from './own-exchange.ts';

/** Hears what becomes of requests. */
export interface OwnRequestEvents {
  /** No guest is at it any more. */
  ended(request: OwnRequest): void;
  failed(request: OwnRequest, reason: string): void;
}

export interface Asked {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly head: RequestHead;
  /** Number of the listener. */
  readonly listener: number;
  /** Where the thread makes spans. */
  readonly span: Span | undefined;
}

/** Where a request runs: the slot and the place in the ledger are its own. */
export interface Seat {
  readonly call: number;
  readonly home: Home;
  readonly pool: InstancePool;
  readonly place: number;
  readonly endsAt: number;
  readonly loop: WorkerLoop;
}

/** A request that this thread accepted and a guest in it is at. */
export class OwnRequest implements OwnCall {
  readonly seat: Seat;
  readonly call: number;
  readonly component: number;
  readonly listener: number;
  readonly endsAt: number;
  isTold = false;
  readonly #events: OwnRequestEvents;
  readonly #writer: ResponseWriter;
  readonly #exchange: OwnExchange;
  readonly #head: RequestHead;
  readonly #span: Span | undefined;
  #instance: Instance | undefined;
  #isOver = false;

  constructor(seat: Seat, { message, response, head, listener, span }: Asked, events: OwnRequestEvents) {
    this.seat = seat;
    this.call = seat.call;
    this.component = seat.home.component;
    this.listener = listener;
    this.#events = events;
    this.#head = head;
    this.#span = span;
    this.endsAt = seat.endsAt;
    this.#writer = new ResponseWriter(response, (bytes) => this.#exchange.taken(bytes));
    this.#exchange = new OwnExchange(message, head, this.#writer);
    response.on('close', () => {
      // It comes after every answer too.
      if (!response.writableFinished) this.#leave('its client is gone');
    });
  }

  /** Looked for when it is asked for, which it mostly is not. */
  get trace(): TraceContext | undefined {
    return this.#span === undefined ? traceContextOf(this.#head.headers) : this.#span.trace;
  }

  async run(): Promise<void> {
    const { loop, pool, home } = this.seat;
    loop.begin(this);
    try {
      const instance = pool.takeIdle() ?? (await pool.make());
      const turn = loop.enter(this.component);
      if (turn !== undefined) await turn;
      if (this.#isOver) return pool.keep(instance);
      this.#instance = instance;
      const outcome = await instance.answer(this.call, home.instance, this.#exchange);
      this.#finish(instance, outcome);
    } catch (error) {
      // Only making an instance throws.
      const message = `cannot be instantiated: ${error instanceof Error ? error.message : String(error)}`;
      this.#end({ kind: 'trap', message });
      this.#fail({ type: 'TrapError', message });
    }
  }

  receive(message: ToWorker): void {
    this.#instance?.receive(message);
  }

  stop(): void {
    this.#leave('its component goes');
    this.#span?.fail({ type: 'ClosedError', message: 'its component goes' });
    this.#writer.refuse(overloaded);
  }

  /** Its time is up. */
  expire(): void {
    const reason = `it did not end within ${this.seat.home.limitMs} ms`;
    this.#leave(reason);
    this.#span?.fail({ type: 'DeadlineError', message: reason });
    this.#writer.refuse(noTime);
    this.#events.failed(this, reason);
  }

  #finish(instance: Instance, outcome: Outcome): void {
    if (this.#isOver) return;
    if (outcome.kind === 'trap') instance.abandon();
    else this.seat.pool.keep(instance);
    this.#end(outcome);
    if (outcome.kind === 'trap') this.#fail({ type: 'TrapError', message: outcome.message });
    else if (outcome.kind === 'error') this.#fail({ type: 'WitError', message: JSON.stringify(outcome.payload) });
  }

  #fail(fault: Required<Fault>): void {
    this.#span?.fail(fault);
    this.#writer.refuse(failed);
    this.#events.failed(this, fault.message);
  }

  #leave(message: string): void {
    if (this.#isOver) return;
    this.#instance?.abandon();
    this.#end({ kind: 'trap', message });
  }

  #end(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.seat.loop.end(this, outcome);
    this.#events.ended(this);
  }
}
