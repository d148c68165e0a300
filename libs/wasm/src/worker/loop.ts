import type { Forwarding, SpanAttributes, SpanStart } from '@kasmcloud/observe';
import { traceContextOf, UnderWay, type TraceContext } from '@kasmcloud/wrpc';
import { WitError } from '../error.ts';
import type { CallJob, FromWorker, Outcome, SentJob, ToLoop, ToWorker } from '../runtime/protocol.ts';
import type { Claims } from '../runtime/claims.ts';
import type { FarCallerModule } from '../runtime/far-caller.ts';
import { Outbox } from '../runtime/outbox.ts';
import type { Far } from '../runtime/types.ts';
import { FarCalls } from './far-calls.ts';
import type { WorkerPort } from './instance.ts';
import { Invocations } from './invocations.ts';
import { Letters } from './letters.ts';
import { openProgram, type OpenProgram } from './module.ts';
import { NearCalls } from './near-calls.ts';
import { InstancePool } from './pool.ts';
import { Turn } from './turn.ts';

/** A call that came to the worker itself. Its number is negative: the main thread's are positive. */
export interface OwnCall {
  readonly call: number;
  readonly component: number;
  /** By this thread's `performance.now()`. */
  readonly endsAt: number;
  /** Whether the main thread knows of it. */
  isTold: boolean;
  readonly trace: TraceContext | undefined;
  /** A message about what its guest asked for. */
  receive(message: ToWorker): void;
  /** Ends it at once: its component goes. */
  stop(): void;
  /** Ends it because its time is up. */
  expire(): void;
}

/** A call of the main thread. */
interface GivenCall {
  readonly pool: InstancePool;
  readonly job: CallJob;
  /** Of a request, once it was asked for. */
  trace?: { readonly context: TraceContext | undefined };
}

export interface LoopParts {
  readonly claims: Claims;
  /** See `at-work.ts`. */
  readonly atWork: Int32Array;
  /** See `answered.ts`. */
  readonly answered: Int32Array;
  /** Number of this worker. */
  readonly worker: number;
  /** Where the thread makes spans. */
  readonly forwarding: Forwarding | undefined;
  readonly farCaller: FarCallerModule | undefined;
  /** What is compiled of this program by now, where that can be passed on. */
  readonly ownCode?: (() => Uint8Array) | undefined;
}

/** What a worker does with each message of the main thread. */
export class WorkerLoop implements WorkerPort {
  readonly #outbox: Outbox<FromWorker>;
  readonly #claims: Claims;
  readonly #worker: number;
  readonly #near = new NearCalls();
  readonly #far: FarCalls;
  readonly #letters: Letters;
  readonly #pools = new Map<number, InstancePool>();
  /** Calls of the main thread. */
  readonly #calls = new UnderWay<GivenCall>();
  readonly #own = new UnderWay<OwnCall>();
  readonly #invocations = new Invocations();
  readonly #turn: Turn;
  /** What else than messages has to leave before another component's guests run. */
  readonly #flushers: (() => void)[] = [];
  readonly #forwarding: Forwarding | undefined;
  readonly #ownCode: (() => Uint8Array) | undefined;

  constructor(send: (messages: readonly FromWorker[]) => void, parts: LoopParts) {
    const { claims, atWork, answered, worker, forwarding, farCaller, ownCode } = parts;
    this.#forwarding = forwarding;
    this.#ownCode = ownCode;
    this.#far = new FarCalls(farCaller, (isReady) => this.post({ kind: 'answering', isReady }));
    this.#letters = new Letters(this.#far, answered, () => this.post({ kind: 'look' }));
    this.#claims = claims;
    this.#worker = worker;
    this.#turn = new Turn(atWork, () => this.#flushAll());
    this.#outbox = new Outbox(send, (message, error) => this.#refused(message, error));
  }

  receive(message: ToLoop): void {
    switch (message.kind) {
      case 'load':
        void this.#load(message);
        return;
      case 'unload':
        this.#pools.delete(message.component);
        return;
      case 'config':
        void this.#pools.get(message.component)?.configure(message.config);
        return;
      case 'call':
        void this.#run(message);
        return;
      case 'abandon':
        this.#abandon(message.call);
        return;
      case 'near':
        this.#pools.get(message.component)?.near.set(message.instance, message.func, {
          component: message.target,
          instance: message.exported,
          attributes: message.attributes,
        });
        return;
      case 'far':
        this.#pools.get(message.component)?.far.set(message.instance, message.func, message.far);
        this.#openFar(message.component);
        return;
      case 'open-far':
        this.#openFar(message.component);
        return;
      case 'forget-served': {
        const pool = this.#pools.get(message.component);
        pool?.near.clear();
        pool?.far.clear();
        return;
      }
      case 'returned':
        this.#invocations.returned(message.invocation, message.outcome);
        return;
      case 'spans-taken':
        this.#forwarding?.taken(message.count);
        return;
      case 'tell-spans':
        this.#forwarding?.flush();
        this.post({ kind: 'spans', spans: [] });
        return;
      case 'tell-code':
        this.post({ kind: 'code', code: this.#ownCode?.() });
        return;
      case 'request-body':
      case 'response-taken':
      case 'response-unwanted':
      case 'answer':
      case 'answer-body':
      case 'send-taken':
      case 'send-unwanted':
        if (message.call < 0) this.#own.get(message.call)?.receive(message);
        else this.#calls.get(message.call)?.pool.receive(message.call, message);
    }
  }

  /** Whether a message starts a guest only in a later turn: what comes after it must not overtake it. */
  isLateToStart(message: ToWorker): boolean {
    return message.kind === 'call' && this.#pools.get(message.component)?.isGenerated === true;
  }

  enter(component: number): Promise<void> | undefined {
    return this.#turn.enter(component);
  }

  /** Has `flush` run before guests of another component do. */
  beforeOthers(flush: () => void): void {
    this.#flushers.push(flush);
  }

  #flushAll(): Promise<void> | undefined {
    this.#outbox.flush();
    for (const flush of this.#flushers) flush();
    return this.#letters.flush();
  }

  post(message: FromWorker): void {
    if ('call' in message && message.call < 0) this.#tellOwn(message.call);
    this.#outbox.post(message.kind === 'log' ? this.#withTrace(message) : message);
    // A guest that is ended in a loop must have been heard until then.
    if (message.kind === 'log') this.#outbox.flush();
  }

  /** Of a call of its own the main thread may not know. */
  #withTrace(message: Extract<FromWorker, { kind: 'log' }>): FromWorker {
    const trace = message.from === undefined ? undefined : this.#own.get(message.from)?.trace;
    return trace === undefined ? message : { ...message, trace };
  }

  /** Sends what there is now. */
  flush(): void {
    this.#outbox.flush();
  }

  #refused(message: FromWorker, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (message.kind === 'finished') {
      this.post({ ...message, outcome: { kind: 'trap', message: `its result cannot leave the worker: ${reason}` } });
    } else if (message.kind === 'invoke') {
      this.#invocations.returned(message.invocation, {
        kind: 'trap',
        message: `its arguments cannot leave the worker: ${reason}`,
      });
    } else throw error;
  }

  invoke(component: number, call: number, instance: string, func: string, args: readonly unknown[]): Promise<unknown> {
    const caller = this.#pools.get(component);
    const far = caller?.far.get(instance, func);
    if (far !== undefined && this.#far.isReady) return this.#callFar(component, call, far, `${instance}.${func}`, args);
    const near = caller?.near.get(instance, func);
    const pool = near && this.#pools.get(near.component);
    // Without a slot the call waits for one in the main thread, with all others.
    if (near !== undefined && pool?.takeSlot() === true) {
      // It runs in its caller's turn, and is another component all the same.
      this.#outbox.flush();
      const leaving = this.#letters.flush();
      const run = async (): Promise<unknown> => {
        if (leaving !== undefined) await leaving;
        return this.#near.run(call, pool, near.instance, func, args);
      };
      const name = `${near.instance}/${func}`;
      const attributes = (): SpanAttributes => ({ ...near.attributes, 'rpc.method': name });
      return this.#inSpan(call, { name, kind: 'internal', attributes }, run);
    }
    return this.#invocations.open(call, (invocation) =>
      this.post({ kind: 'invoke', invocation, call, instance, func, args }),
    );
  }

  async #callFar(
    component: number,
    call: number,
    { route, spanName, attributes }: Far,
    name: string,
    args: readonly unknown[],
  ): Promise<unknown> {
    try {
      const start = { name: spanName, kind: 'client', attributes: () => attributes } as const;
      return await this.#inSpan(call, start, (trace) => this.#far.run(call, route, args, trace));
    } catch (error) {
      // A guest whose call is over never runs on.
      if (!this.#own.has(call) && !this.#calls.has(call)) return new Promise(() => undefined);
      if (error instanceof WitError) throw error;
      const reason = this.#importFailed(component, name, error);
      throw new Error(`${name} failed: ${reason}`, { cause: error });
    }
  }

  #openFar(component: number): void {
    this.#far.open().catch((error: unknown) => this.#importFailed(component, 'its own caller', error));
  }

  #importFailed(component: number, what: string, error: unknown): string {
    const reason = error instanceof Error ? error.message : String(error);
    this.post({ kind: 'import-failed', component, what, reason });
    return reason;
  }

  #inSpan(
    call: number,
    start: Omit<SpanStart, 'parent'>,
    run: (trace: TraceContext | undefined) => Promise<unknown>,
  ): Promise<unknown> {
    const parent = this.#traceOf(call);
    return this.#forwarding === undefined ? run(parent) : this.#forwarding.tracer.run({ ...start, parent }, run);
  }

  #traceOf(call: number): TraceContext | undefined {
    if (call < 0) return this.#own.get(call)?.trace;
    const given = this.#calls.get(call);
    if (given?.job.kind !== 'http') return given?.job.trace;
    given.trace ??= { context: traceContextOf(given.job.head.headers) };
    return given.trace.context;
  }

  async #load({ job, claim }: Extract<ToWorker, { kind: 'load' }>): Promise<void> {
    const { component } = job;
    const pool = new InstancePool(job, this.#program(job), this, this.#worker);
    this.#pools.set(component, pool);
    const isWanted = (): boolean => claim === undefined || this.#claims.start(claim) || this.#claims.isStarted(claim);
    let failure: unknown;
    try {
      if (await pool.warm(isWanted)) {
        this.post({ kind: 'loaded', component });
        return;
      }
    } catch (error) {
      failure = error;
    }
    this.#drop(component, pool);
    // Who took a load back does not ask how it ended, and may have sent it again.
    if (claim !== undefined && !isWanted()) this.post({ kind: 'passed-over', claim });
    else
      this.post({
        kind: 'load-failed',
        component,
        reason: failure instanceof Error ? failure.message : String(failure),
      });
  }

  #program({ program }: SentJob): OpenProgram {
    const known = typeof program === 'number' ? this.#pools.get(program)?.program : openProgram(program);
    if (known === undefined) throw new Error('the program is not here');
    return known;
  }

  /** A load that was taken back may have come again before this thread got to it: that one stays. */
  #drop(component: number, pool: InstancePool): void {
    if (this.#pools.get(component) === pool) this.#pools.delete(component);
  }

  async #run({ call, claim, component, job }: Extract<ToWorker, { kind: 'call' }>): Promise<void> {
    const pool = this.#pools.get(component);
    if (pool === undefined) {
      this.post({ kind: 'finished', call, outcome: { kind: 'trap', message: 'the component is not loaded here' } });
      return;
    }
    this.#calls.set(call, { pool, job });
    const starts = (): boolean => this.#calls.has(call) && this.#starts(call, claim, job);
    const outcome =
      job.kind === 'letter' ? await this.#letters.run(call, pool, job, starts) : await pool.run(call, job, starts);
    this.#forget(call);
    if (outcome !== undefined) this.post({ kind: 'finished', call, outcome });
  }

  /** Takes note of a call that came to this worker itself, before its guest runs. */
  begin(own: OwnCall): void {
    this.#own.set(own.call, own);
  }

  /** A call of this worker's own is over, or was left. */
  end(own: OwnCall, outcome: Outcome): void {
    if (!this.#own.delete(own.call)) return;
    this.#far.end(own.call);
    if (!own.isTold) return;
    this.#near.abandon(own.call);
    this.#invocations.forget(own.call);
    this.post({ kind: 'finished', call: own.call, outcome });
  }

  /** The worker's own calls. */
  get own(): Iterable<OwnCall> {
    return this.#own.values();
  }

  /** The main thread serves what a call asks for; of one that it did not give it has to be told first. */
  #tellOwn(call: number): void {
    const own = this.#own.get(call);
    if (own === undefined || own.isTold) return;
    own.isTold = true;
    const leftMs = Math.max(0, own.endsAt - performance.now());
    this.#outbox.post({ kind: 'adopt', call, component: own.component, leftMs, trace: own.trace });
  }

  pool(component: number): InstancePool | undefined {
    return this.#pools.get(component);
  }

  /** Whether a call is still to run; the main thread may have taken it back, to run it elsewhere. */
  #starts(call: number, claim: number | undefined, job: CallJob): boolean {
    if (claim !== undefined && !this.#claims.start(claim)) {
      this.post({ kind: 'passed-over', claim });
      return false;
    }
    if (claim === undefined || (job.kind === 'http' && job.hasBody)) this.post({ kind: 'started', call });
    // Without a claim the main thread knows only what it was told before the guest runs.
    if (claim === undefined) this.#outbox.flush();
    return true;
  }

  #abandon(call: number): void {
    this.#calls.get(call)?.pool.abandon(call);
    this.#near.abandon(call);
    this.#forget(call);
    this.post({ kind: 'abandoned', call });
  }

  #forget(call: number): void {
    this.#calls.delete(call);
    this.#far.end(call);
    this.#invocations.forget(call);
  }
}
