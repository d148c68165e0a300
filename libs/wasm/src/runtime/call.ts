import { traceContextOf, type TraceContext } from '@kasmcloud/wrpc';
import { TrapError, WitError } from '../error.ts';
import type { GuestRequest } from './guest-request.ts';
import type { CallJob, FromWorker, Outcome } from './protocol.ts';
import type { Thread } from './thread.ts';

export interface CallSpec {
  readonly id: number;
  readonly component: number;
  /** Absent for a call that its thread took by itself. */
  readonly job: CallJob | undefined;
  /** For messages: which function of which component. */
  readonly what: string;
  readonly deadlineMs: number;
  /** When its time is up, by `performance.now()`. */
  readonly endsAt: number;
  /** What a letter says, for threads that cannot read it. @throws when it is not of the function's type */
  readonly read?: (() => readonly unknown[]) | undefined;
  /** Of a call without a job. */
  readonly trace?: TraceContext | undefined;
}

/** What the result of a call is that its thread has answered by itself. */
export const answered = Symbol('answered');

/** What a call does with the messages about its HTTP bodies. */
export interface CallStreams {
  started(call: Call): void;
  receive(message: FromWorker): void;
  /** The call is over; `error` when it did not end well. */
  ended(error: Error | undefined): void;
}

/** A call of the main thread, from its dispatch until the worker is done with it. */
export class Call {
  readonly spec: CallSpec;
  readonly streams: CallStreams | undefined;
  /** Settles when the caller may go on; a worker that was not told to stop may still be at work. */
  readonly result: Promise<unknown>;
  /** The requests that the guest sends, by exchange. */
  requests: Map<number, GuestRequest> | undefined;
  isStarted = false;
  /** How many workers it lost before it started. */
  losses = 0;
  /** The worker that it was given to, when that was by `performance.now()`, and its place in that worker's claims. */
  thread: Thread | undefined;
  givenAt = 0;
  claim: number | undefined;
  readonly #settle = Promise.withResolvers<unknown>();
  readonly #whenGone: (() => void)[] = [];
  #isGone = false;
  #isSettled = false;
  #abort: AbortController | undefined;

  constructor(spec: CallSpec, streams?: CallStreams) {
    this.spec = spec;
    this.streams = streams;
    this.result = this.#settle.promise;
  }

  get id(): number {
    return this.spec.id;
  }

  /** In which trace it is; looked for when it is asked for, which it mostly is not. */
  get trace(): TraceContext | undefined {
    const { job, trace } = this.spec;
    if (job === undefined) return trace;
    return job.kind === 'http' ? traceContextOf(job.head.headers) : job.trace;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Aborted when nobody can use any more what the guest's imports return. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#isSettled) this.#abort.abort();
    return this.#abort.signal;
  }

  /** Runs `act` when no worker is at work for the call any more: its instance slot is free. */
  whenGone(act: () => void): void {
    this.#whenGone.push(act);
  }

  /** The worker finished. */
  finish(outcome: Outcome): void {
    switch (outcome.kind) {
      case 'value':
        this.#succeed(outcome.value);
        break;
      case 'error':
        this.fail(new WitError(outcome.payload));
        break;
      case 'trap':
        this.fail(new TrapError(`${this.spec.what} trapped: ${outcome.message}`));
        break;
    }
    this.release();
  }

  /** The worker finished, and has told the caller. */
  answered(): void {
    this.#succeed(answered);
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

  /** No worker is at work for the call any more, whatever became of it. */
  release(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const act of this.#whenGone) act();
  }

  #succeed(value: unknown): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#abort?.abort();
    this.streams?.ended(undefined);
    this.#settle.resolve(value);
  }
}
