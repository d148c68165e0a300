import { TrapError, WitError } from '../error.ts';
import type { CallJob, FromWorker, Outcome } from './protocol.ts';

/** What a call does with the messages about its HTTP bodies. */
export interface CallStreams {
  started(call: Call): void;
  receive(message: FromWorker): void;
  /** The call is over; `error` when it did not end well. */
  ended(error: Error | undefined): void;
}

/** A call of the main thread, from its dispatch until the worker is done with it. */
export class Call {
  readonly id: number;
  readonly component: number;
  readonly job: CallJob;
  /** For messages: which function of which component. */
  readonly what: string;
  /** When its time is up, by `performance.now()`. */
  readonly endsAt: number;
  /** Settles when the caller may go on; a worker that was not told to stop may still be at work. */
  readonly result: Promise<unknown>;
  readonly streams: CallStreams | undefined;
  isStarted = false;
  dispatches = 0;
  readonly #settle = Promise.withResolvers<unknown>();
  readonly #whenGone: (() => void)[] = [];
  #isGone = false;
  #isSettled = false;
  #abort: AbortController | undefined;

  constructor(id: number, component: number, job: CallJob, what: string, endsAt: number, streams?: CallStreams) {
    this.id = id;
    this.component = component;
    this.job = job;
    this.what = what;
    this.endsAt = endsAt;
    this.streams = streams;
    this.result = this.#settle.promise;
  }

  /** Runs `act` when no worker is at work for the call any more: its instance slot is free. */
  whenGone(act: () => void): void {
    this.#whenGone.push(act);
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Aborted when the caller cannot use what the guest's imports return. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#isSettled) this.#abort.abort();
    return this.#abort.signal;
  }

  /** The worker finished. */
  finish(outcome: Outcome): void {
    this.#end(outcome);
    this.release();
  }

  /** The caller is told to go on; the worker still has to let go. */
  fail(error: Error): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#abort?.abort(error);
    this.streams?.ended(error);
    this.#settle.reject(error);
  }

  /** No worker is at work for the call, whatever became of it. */
  release(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const act of this.#whenGone) act();
  }

  #end(outcome: Outcome): void {
    switch (outcome.kind) {
      case 'value':
        if (this.#isSettled) return;
        this.#isSettled = true;
        this.#abort?.abort();
        this.streams?.ended(undefined);
        this.#settle.resolve(outcome.value);
        return;
      case 'error':
        this.fail(new WitError(outcome.payload));
        return;
      case 'trap':
        this.fail(new TrapError(`${this.what} trapped: ${outcome.message}`));
    }
  }
}
