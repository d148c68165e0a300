import { Worker } from 'node:worker_threads';
import type { Sampling, SpanRecord } from '@kasmcloud/observe';
import { UnderWay } from '@kasmcloud/wrpc';
import { WorkerLostError } from '../error.ts';
import { AnsweredCalls, answeredTable } from './answered.ts';
import { atWork, atWorkTable, type AtWork } from './at-work.ts';
import type { Call } from './call.ts';
import { Claims, claimTable } from './claims.ts';
import type { FarCallerModule } from './far-caller.ts';
import { Outbox } from './outbox.ts';
import { pack } from './packed.ts';
import type { CallJob, FromWorker, LoadJob, Program, ToWorker, WorkerSetup } from './protocol.ts';

/** What a thread tells its owner. */
export interface ThreadEvents {
  message(message: FromWorker): void;
  /** The thread is no more, and all that it said was told; the calls that it had not ended are still in `calls`. */
  gone(reason: string): void;
}

/** How a thread makes spans, and where they go. */
export interface ThreadTracing {
  readonly sampling: Sampling | undefined;
  take(spans: readonly SpanRecord[]): void;
}

export interface ThreadOptions {
  readonly url: URL;
  readonly heapMegabytes: number;
  /** Its own among the threads; another may have had it before. */
  readonly number: number;
  readonly tracing: ThreadTracing;
  readonly farCaller?: FarCallerModule | undefined;
  /** Of another thread's `tellCode`. */
  readonly code?: Uint8Array | undefined;
  /** Of a thread that runs requests by itself. */
  readonly ledger?: Int32Array;
}

/** How long a thread may take to hand over its spans. */
const spansMs = 500;

/** A component that a thread was told to load. */
interface Loading extends PromiseWithResolvers<void> {
  readonly program: Program;
  /** Its place in the claims, until it is loaded. */
  claim: number | undefined;
  isLoaded: boolean;
}

/** What a thread that was told to end may have said before: what it did counts, what it asks for does not. */
const asks: ReadonlySet<FromWorker['kind']> = new Set(['invoke', 'send', 'send-body', 'adopt', 'pass', 'started']);

/** One runtime worker, and what it is at. */
export class Thread {
  /** Calls that it was given and has not ended. */
  readonly calls = new UnderWay<Call>();
  /** Whether it did not get to its calls when it was last looked at, and has said nothing since; or ends. */
  isStalled = false;
  /** Whether it has said anything yet: until then it starts up. */
  isUp = false;
  readonly number: number;
  /** For which imports of a component it was looked whether they are near: `interface#function`. */
  readonly looked = new Map<number, Set<string>>();
  /** What it runs by itself. */
  readonly ledger: Int32Array;
  readonly #worker: Worker;
  readonly #events: ThreadEvents;
  readonly #claims = new Claims(claimTable());
  readonly #outbox = new Outbox<ToWorker>(
    (messages) => this.#worker.postMessage(pack(messages), []),
    (message, error) => this.#refused(message, error instanceof Error ? error.message : String(error)),
  );
  readonly #atWork = atWorkTable();
  /** Of guests, when it was last asked whether they hold it up. */
  #turn = 0;
  readonly #answered = new AnsweredCalls(answeredTable());
  /** Whether it answers letters; undefined before it was asked to. */
  #answers: boolean | undefined;
  readonly #loads = new Map<number, Loading>();
  /** Why it was told to end. */
  #ending: string | undefined;
  readonly #tracing: ThreadTracing;
  #telling: PromiseWithResolvers<void> | undefined;
  readonly #code = Promise.withResolvers<Uint8Array | undefined>();

  constructor(options: ThreadOptions, events: ThreadEvents) {
    const { url, heapMegabytes, number, tracing, farCaller, code, ledger = new Int32Array() } = options;
    this.number = number;
    this.ledger = ledger;
    this.#events = events;
    this.#tracing = tracing;
    const { sampling } = tracing;
    const workerData: WorkerSetup = {
      claims: this.#claims.table,
      atWork: this.#atWork,
      answered: this.#answered.table,
      worker: number,
      ledger,
      sampling,
      farCaller,
      code,
    };
    this.#worker = new Worker(url, {
      name: 'wasm-runtime',
      workerData,
      // What a guest makes the worker keep for it (headers, bodies, handles) is bounded by this for all of them together.
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    });
    this.#worker.on('message', (messages: readonly FromWorker[]) => this.#receive(messages));
    this.#worker.on('messageerror', (error) => this.stop(`its messages cannot be read: ${error.message}`));
    this.#worker.on('error', (error) => this.stop(error instanceof Error ? error.message : String(error)));
    // What it said before its end has been received by then.
    this.#worker.on('exit', (code) => this.#end(`it ended with code ${code}`));
  }

  /** What it is at now. */
  get atWork(): AtWork {
    return atWork(this.#atWork);
  }

  /** Whether guests are in the same turn as when this was last asked. */
  isHeldUp(): boolean {
    const { component, turn } = this.atWork;
    const before = this.#turn;
    this.#turn = turn;
    return component !== undefined && turn === before;
  }

  /** Loads a component once; the promise is of the first time. Rejects with WorkerLostError when it did not come to it. */
  load(job: LoadJob): Promise<void> {
    const known = this.#loads.get(job.component);
    if (known !== undefined) return known.promise;
    const claim = this.#claims.open();
    const { program } = job;
    const loading: Loading = { ...Promise.withResolvers<void>(), program, claim, isLoaded: false };
    // Whoever loads in passing, for a call, learns of a failure by that call.
    loading.promise.catch(() => undefined);
    const sent = { ...job, program: this.#holderOf(program) ?? program };
    this.#loads.set(job.component, loading);
    this.post({ kind: 'load', job: sent, claim });
    return loading.promise;
  }

  /** A component by which the thread knows a program: to send one takes longer than to start it. */
  #holderOf(program: Program): number | undefined {
    for (const [component, one] of this.#loads) if (one.isLoaded && one.program === program) return component;
    return undefined;
  }

  /** Whether it began to make the component's first instance. */
  hasBegun(component: number): boolean {
    const loading = this.#loads.get(component);
    return loading !== undefined && (loading.claim === undefined || this.#claims.isStarted(loading.claim));
  }

  /** Has it not load a component, if it did not begin to; no call of it may have been given. */
  takeBackLoad(component: number): boolean {
    const loading = this.#loads.get(component);
    if (loading?.claim === undefined || !this.#claims.revoke(loading.claim)) return false;
    this.#loads.delete(component);
    return true;
  }

  hasLoaded(component: number): boolean {
    return this.#loads.has(component);
  }

  /** Whether it would not be missed. */
  get isIdle(): boolean {
    return this.#loads.size === 0 && this.calls.size === 0;
  }

  unload(component: number): void {
    if (this.#loads.delete(component)) this.post({ kind: 'unload', component });
  }

  /** Hands a call over. @throws when it is a letter that says something else than it should */
  give(call: Call, job: CallJob): void {
    const { component } = call.spec;
    const taken = job.kind === 'letter' ? this.#taken(call, job) : job;
    call.claim = this.#claims.open();
    this.calls.set(call.id, call);
    call.thread = this;
    call.givenAt = performance.now();
    this.post({ kind: 'call', call: call.id, claim: call.claim, component, job: taken });
  }

  /** A letter is for a worker that can answer it, and has a claim to note that by. */
  #taken({ spec }: Call, job: Extract<CallJob, { kind: 'letter' }>): CallJob {
    if (this.#answers === undefined) this.post({ kind: 'open-far', component: spec.component });
    this.#answers ??= false;
    if (this.#answers && this.#claims.hasRoom) return job;
    const { instance, func, trace } = job;
    return { kind: 'function', instance, func, args: spec.read?.() ?? [], trace };
  }

  /** Takes note of the calls that it has answered since it was last looked at. */
  reap(): void {
    for (let id = this.#answered.take(); id !== undefined; id = this.#answered.take()) {
      this.isStalled = this.#ending !== undefined;
      const call = this.calls.get(id);
      if (call === undefined) continue;
      this.forget(call);
      call.answered();
    }
  }

  /** Takes a call back that the worker has not started. */
  takeBack(call: Call): boolean {
    if (call.claim === undefined || !this.#claims.revoke(call.claim)) return false;
    this.calls.delete(call.id);
    call.claim = undefined;
    return true;
  }

  hasStarted(call: Call): boolean {
    return call.claim === undefined ? call.isStarted : this.#claims.isStarted(call.claim);
  }

  /** The worker has done with a call. */
  forget(call: Call): void {
    this.calls.delete(call.id);
    if (call.claim !== undefined) this.#claims.close(call.claim);
    call.claim = undefined;
  }

  post(message: ToWorker): void {
    if (this.#ending === undefined) this.#outbox.post(message);
  }

  /** Resolves when it has handed over its spans, or does not. */
  async tellSpans(): Promise<void> {
    if (this.#tracing.sampling === undefined || this.#ending !== undefined) return;
    const telling = (this.#telling ??= Promise.withResolvers<void>());
    this.post({ kind: 'tell-spans' });
    const late = setTimeout(telling.resolve, spansMs);
    await telling.promise;
    clearTimeout(late);
  }

  /** What it has compiled of its program by now; undefined when it ends before that, or runs from source. */
  tellCode(): Promise<Uint8Array | undefined> {
    this.post({ kind: 'tell-code' });
    return this.#code.promise;
  }

  /** Ends the thread, even in the middle of a loop. It is gone some milliseconds later, when all that it said was heard. */
  stop(reason: string): void {
    if (this.#ending !== undefined) return;
    this.#ending = reason;
    this.isStalled = true;
    void this.#worker.terminate();
  }

  #end(exit: string): void {
    const reason = (this.#ending ??= exit);
    this.reap();
    for (const loading of this.#loads.values()) loading.reject(new WorkerLostError(reason));
    this.#telling?.resolve();
    this.#code.resolve(undefined);
    this.#events.gone(reason);
  }

  #takeSpans(spans: readonly SpanRecord[]): void {
    this.#tracing.take(spans);
    this.post({ kind: 'spans-taken', count: spans.length });
    this.#telling?.resolve();
    this.#telling = undefined;
  }

  #refused(message: ToWorker, reason: string): void {
    if (message.kind === 'call') {
      const outcome = { kind: 'trap', message: `its arguments cannot be passed on: ${reason}` } as const;
      this.#events.message({ kind: 'finished', call: message.call, outcome });
    } else if (message.kind === 'returned') {
      const outcome = { kind: 'trap', message: `what it returned cannot be passed on: ${reason}` } as const;
      this.post({ ...message, outcome });
    } else this.stop(`${message.kind} cannot be sent to it: ${reason}`);
  }

  #receive(messages: readonly FromWorker[]): void {
    this.isUp = true;
    this.isStalled = this.#ending !== undefined;
    this.reap();
    for (const message of messages) {
      if (this.#ending !== undefined && asks.has(message.kind)) continue;
      if (message.kind === 'passed-over') this.#claims.close(message.claim);
      else if (message.kind === 'loaded') this.#loaded(message.component);
      else if (message.kind === 'load-failed') {
        this.#began(message.component)?.reject(new Error(message.reason));
        this.#loads.delete(message.component);
      } else if (message.kind === 'spans') this.#takeSpans(message.spans);
      else if (message.kind === 'code') this.#code.resolve(message.code);
      else if (message.kind === 'answering') this.#answers = message.isReady;
      else this.#events.message(message);
    }
  }

  #loaded(component: number): void {
    const loading = this.#began(component);
    if (loading === undefined) return;
    loading.isLoaded = true;
    loading.resolve();
  }

  #began(component: number): Loading | undefined {
    const loading = this.#loads.get(component);
    if (loading?.claim !== undefined) this.#claims.close(loading.claim);
    if (loading !== undefined) loading.claim = undefined;
    return loading;
  }
}
