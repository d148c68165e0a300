import type { Logger } from '@kasmcloud/observe';
import { DeadlineError, TrapError, WitError } from '../error.ts';
import type { Call } from './call.ts';
import { GuestRequest } from './guest-request.ts';
import type { FromWorker, LoadJob, Outcome } from './protocol.ts';
import type { Slots } from './slots.ts';
import { Thread } from './thread.ts';
import type { HostFunctions } from './types.ts';

/** What the dispatcher needs of a component. */
export interface Hosted {
  readonly name: string;
  readonly job: LoadJob;
  readonly host: HostFunctions;
  readonly slots: Slots;
  readonly executionMs: number;
  /** Whether all that it imports is served inside its worker. */
  readonly isLeaf: boolean;
  /** Whether it exports a function whose values can be passed on. */
  canBeCalled(instance: string, func: string): boolean;
}

export interface DispatcherOptions {
  readonly workers: number;
  readonly workerUrl: URL;
  readonly heapMegabytes: number;
  /** How long a worker may take to let go of a call whose time is up, before it counts as spinning. */
  readonly graceMs: number;
  readonly logger: Logger;
}

/** How often a call that did not start is given to another worker. */
const maxDispatches = 3;

/** How long a call may lie with a worker before it is looked for elsewhere. */
const patrolMs = 20;

/** More than any number of calls: a worker that does not get to its calls is the last choice. */
const stalledCost = 1e9;

/** Gives calls to worker threads, keeps their deadlines, and replaces threads that do not answer. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  /** As many as there should be, and behind them as many spare ones for when those do not get to their calls. */
  readonly #threads: (Thread | undefined)[];
  #patrol: NodeJS.Timeout | undefined;
  readonly #components = new Map<number, Hosted>();
  #isClosed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#threads = Array.from({ length: options.workers * 2 });
  }

  /** How many threads there can be. */
  get threads(): number {
    return this.#threads.length;
  }

  /** Starts a worker if none runs: that takes longer than all else before the first answer. */
  warm(): void {
    if (!this.#isClosed && this.#threads.every((thread) => thread === undefined)) this.#spawn(0);
  }

  /** Loads a component in one worker, the others follow with their first call. Rejects when it cannot be instantiated. */
  async add(hosted: Hosted, deadlineMs: number): Promise<void> {
    const { component } = hosted.job;
    this.#components.set(component, hosted);
    const thread = this.#leastBusy(component);
    const timer = setTimeout(() => thread.stop(`${hosted.name} did not start within ${deadlineMs} ms`), deadlineMs);
    try {
      await thread.load(hosted.job);
    } catch (error) {
      this.remove(component);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  remove(component: number): void {
    this.#components.delete(component);
    for (const thread of this.#threads) thread?.unload(component);
  }

  configure(hosted: Hosted): void {
    const { component, config } = hosted.job;
    this.#components.set(component, hosted);
    for (const thread of this.#threads) {
      if (thread?.hasLoaded(component) === true) thread.post({ kind: 'config', component, config });
    }
  }

  /** Runs a call; it ends by its deadline, or by the signal. */
  run(call: Call, signal: AbortSignal | undefined): void {
    this.#watch(call, signal);
    this.#give(call);
  }

  /** The worker that runs a call, while it does. */
  threadOf(call: Call): Thread | undefined {
    return call.thread?.calls.has(call.id) === true ? call.thread : undefined;
  }

  /** Ends a call for its caller, and has the worker let go of it. */
  cancel(call: Call, error: Error): void {
    call.fail(error);
    this.#abandon(call);
  }

  #abandon(call: Call): void {
    this.threadOf(call)?.post({ kind: 'abandon', call: call.id });
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#patrol);
    for (const thread of this.#threads) thread?.stop('the runtime closes');
  }

  /** Gives the call to a worker: the one with the least to do, unless another is named. */
  #give(call: Call, to?: Thread): void {
    const hosted = this.#components.get(call.spec.component);
    if (hosted === undefined || this.#isClosed) {
      call.finish({ kind: 'trap', message: 'the component is not loaded' });
      return;
    }
    const thread = to ?? this.#leastBusy(call.spec.component);
    call.dispatches += 1;
    void thread.load(hosted.job);
    thread.give(call);
    this.#patrol ??= setTimeout(() => this.#look(), patrolMs);
  }

  /** Takes calls back from workers that do not get to them, because a guest spins there, for others to run. */
  #look(): void {
    this.#patrol = undefined;
    const late = performance.now() - patrolMs;
    for (const thread of this.#threads) {
      if (thread?.isUp !== true) continue;
      const waiting = [...thread.calls.values()].filter((call) => call.givenAt < late && !thread.hasStarted(call));
      if (waiting.length === 0) continue;
      thread.isStalled = true;
      for (const call of waiting) {
        const other = this.#leastBusy(call.spec.component);
        if (other !== thread && call.dispatches < maxDispatches && thread.takeBack(call)) this.#give(call, other);
      }
    }
    if (this.#threads.some((thread) => (thread?.calls.size ?? 0) > 0)) {
      this.#patrol ??= setTimeout(() => this.#look(), patrolMs);
    }
  }

  /**
   * An idle worker, one that knows the component first; then a new one; then the one with the fewest calls. Workers that
   * do not get to their calls come last, and spare ones are started before them.
   */
  #leastBusy(component: number): Thread {
    let best: Thread | undefined;
    let least = Infinity;
    let unused = -1;
    for (const [index, thread] of this.#threads.entries()) {
      if (thread === undefined) {
        if (unused < 0) unused = index;
        continue;
      }
      const cost = thread.calls.size * 2 + (thread.hasLoaded(component) ? 0 : 1) + (thread.isStalled ? stalledCost : 0);
      if (cost < least) [best, least] = [thread, cost];
    }
    const isSpare = unused >= this.#options.workers;
    const wantsMore = best === undefined || (isSpare ? best.isStalled : best.calls.size > 0);
    return best === undefined || (wantsMore && unused >= 0) ? this.#spawn(unused) : best;
  }

  #spawn(index: number): Thread {
    const { workerUrl, heapMegabytes } = this.#options;
    const thread: Thread = new Thread(workerUrl, heapMegabytes, index, {
      message: (message) => this.#receive(thread, message),
      gone: (reason) => {
        this.#threads[index] = undefined;
        this.#lose(thread, reason);
      },
    });
    this.#threads[index] = thread;
    return thread;
  }

  /** Ends the call when its time is up or its caller gives up, and the worker's thread when the guest does not let go. */
  #watch(call: Call, signal: AbortSignal | undefined): void {
    const aborted = (): void => this.cancel(call, errorOf(signal?.reason));
    let grace: NodeJS.Timeout | undefined;
    const expire = setTimeout(
      () => {
        this.cancel(call, new DeadlineError(call.spec.what, call.spec.deadlineMs));
        // When this thread was the one that stood still, the worker's answer is here and only has to be read first.
        grace = setTimeout(() => setImmediate(spinning), this.#options.graceMs);
      },
      Math.max(0, call.spec.endsAt - performance.now()),
    );
    const spinning = (): void => this.threadOf(call)?.stop(`${call.spec.what} spins past its deadline`);
    if (signal?.aborted === true) queueMicrotask(aborted);
    else signal?.addEventListener('abort', aborted, { once: true });
    call.whenGone(() => {
      clearTimeout(expire);
      clearTimeout(grace);
      signal?.removeEventListener('abort', aborted);
    });
  }

  #receive(thread: Thread, message: FromWorker): void {
    if (message.kind === 'log') {
      const { level, context, message: text } = message;
      this.#components.get(message.component)?.host.log({ level, context, message: text });
      return;
    }
    if (message.kind === 'loaded' || message.kind === 'load-failed' || message.kind === 'passed-over') return;
    if (message.kind === 'slot-free') {
      this.#components.get(message.component)?.slots.freed();
      return;
    }
    const call = thread.calls.get(message.call);
    if (call === undefined) return;
    switch (message.kind) {
      case 'started':
        call.isStarted = true;
        call.streams?.started(call);
        return;
      case 'finished':
        thread.forget(call);
        call.finish(message.outcome);
        return;
      case 'abandoned':
        thread.forget(call);
        call.release();
        return;
      case 'invoke':
        void this.#invoke(thread, call, message);
        return;
      case 'send':
        this.#send(thread, call, message);
        return;
      case 'send-body':
      case 'answer-taken':
        call.requests?.get(message.exchange)?.receive(message);
        return;
      case 'response':
      case 'response-body':
      case 'request-taken':
        call.streams?.receive(message);
    }
  }

  #send(thread: Thread, call: Call, message: Extract<FromWorker, { kind: 'send' }>): void {
    const request = new GuestRequest(message, (answer) => {
      if (thread.calls.has(call.id)) thread.post(answer);
    });
    call.requests ??= new Map();
    call.requests.set(message.exchange, request);
    const { host } = this.#components.get(call.spec.component) ?? {};
    const context = {
      call: call.id,
      deadlineMs: Math.max(0, call.spec.endsAt - performance.now()),
      signal: call.signal,
    };
    void request.run(host, context);
  }

  async #invoke(thread: Thread, call: Call, message: Extract<FromWorker, { kind: 'invoke' }>): Promise<void> {
    const { invocation, instance, func, args } = message;
    const hosted = this.#components.get(call.spec.component);
    const reply = (outcome: Outcome): void => {
      if (thread.calls.has(call.id)) thread.post({ kind: 'returned', invocation, outcome });
    };
    try {
      if (hosted === undefined) throw new Error('the component was unloaded');
      const deadlineMs = Math.max(0, call.spec.endsAt - performance.now());
      const context = { call: call.id, deadlineMs, signal: call.signal };
      reply({ kind: 'value', value: await hosted.host.invoke(instance, func, args, context) });
      this.#bringNear(thread, hosted, instance, func);
    } catch (error) {
      // Told to stop, it stopped; nobody waits for what it says.
      if (call.isSettled) return;
      if (error instanceof WitError) reply({ kind: 'error', payload: error.payload });
      else {
        this.#options.logger.warn({ component: hosted?.name, instance, func, error }, 'import failed');
        reply({ kind: 'trap', message: `${instance}.${func} failed: ${messageOf(error)}` });
      }
    }
  }

  /**
   * Lets the worker make calls of an import itself, where it is a component of this process that serves it. Not one that
   * calls on: those calls are made in its own name. Nor one that may run shorter than its caller: nobody would end it.
   */
  #bringNear(thread: Thread, caller: Hosted, instance: string, func: string): void {
    const { component } = caller.job;
    const looked = thread.looked.get(component) ?? new Set();
    const key = `${instance}#${func}`;
    if (looked.has(key)) return;
    thread.looked.set(component, looked.add(key));
    const near = caller.host.near?.(instance, func);
    const target = [...this.#components.values()].find((one) => Object.is(one, near?.component));
    if (near === undefined || target === undefined || target === caller) return;
    if (!target.isLeaf || target.executionMs < caller.executionMs || !target.canBeCalled(near.instance, func)) return;
    void thread.load(target.job);
    thread.post({ kind: 'near', component, instance, func, target: target.job.component, exported: near.instance });
  }

  /** Has every worker ask again where a component's imports are served. */
  forgetNear(component: number): void {
    for (const thread of this.#threads) {
      if (thread?.looked.delete(component) === true) thread.post({ kind: 'far', component });
    }
  }

  /** What a thread was at when it ended: calls that had not started go to another, the others are lost. */
  #lose(thread: Thread, reason: string): void {
    const calls = [...thread.calls.values()];
    thread.calls.clear();
    for (const hosted of this.#components.values()) hosted.slots.forgive(thread.number);
    if (!this.#isClosed) this.#options.logger.warn({ reason, calls: calls.length }, 'runtime worker stopped');
    for (const call of calls) {
      const isUntouched =
        !thread.hasStarted(call) && !call.isSettled && call.dispatches < maxDispatches && !this.#isClosed;
      if (isUntouched) this.#give(call);
      else {
        call.fail(new TrapError(`${call.spec.what} was lost with its worker: ${reason}`));
        call.release();
      }
    }
  }
}

const errorOf = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
