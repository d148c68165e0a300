import type { Logger } from '@kasmcloud/observe';
import type { UnderWay } from '@kasmcloud/wrpc';
import { ClosedError, DeadlineError, TrapError, WorkerLostError } from '../error.ts';
import type { Call } from './call.ts';
import type { FarCallerModule } from './far-caller.ts';
import type { Hosted, Switchboard } from './switchboard.ts';
import { isFromFront } from './protocol.ts';
import { Thread, type ThreadTracing } from './thread.ts';

export interface DispatcherOptions {
  readonly workers: number;
  readonly workerUrl: URL;
  readonly heapMegabytes: number;
  /** How long a worker may take to let go of a call whose time is up, before it counts as spinning. */
  readonly graceMs: number;
  /** How long a call may lie with a worker before it is looked for elsewhere. */
  readonly patienceMs: number;
  readonly tracing: ThreadTracing;
  readonly farCaller: FarCallerModule | undefined;
  readonly logger: Logger;
}

/** How often a call that did not start may lose its worker. */
const maxLosses = 10;

/** How many times as long calls may lie with a worker that no guest holds up: it has much to do, or the machine has. */
const unheld = 10;

/** How often a component is loaded anew when its worker ended under it. */
const maxLoads = 3;

/** More than any number of calls: spare workers come after all others, and those that do not get to their calls last. */
const spareCost = 1e6;
const stalledCost = 1e9;

/** Gives calls to worker threads, keeps their deadlines, and replaces threads that do not answer. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #switchboard: Switchboard;
  /**
   * As many as there should be, and behind them as many spare ones: for components that held up a worker before, and for
   * when the others do not get to their calls.
   */
  readonly #threads: (Thread | undefined)[];
  #patrol: NodeJS.Timeout | undefined;
  /** Of a thread that has run, for those that come. */
  #code: Uint8Array | undefined;
  #isClosed = false;

  constructor(options: DispatcherOptions, switchboard: Switchboard) {
    this.#options = options;
    this.#switchboard = switchboard;
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

  /** Starts one more worker, unless one has nothing to do yet, or there are as many as there should be. */
  another(): Thread | undefined {
    const usual = this.#threads.slice(0, this.#options.workers);
    if (this.#isClosed || usual.some((thread) => thread?.isIdle === true)) return undefined;
    const free = usual.indexOf(undefined);
    return free < 0 ? undefined : this.#spawn(free);
  }

  /** Has the threads that come start with what one that runs has compiled: they are up, and answer, sooner. */
  async passOnCode(): Promise<void> {
    this.#code = await this.#threads.find((thread) => thread?.isUp === true)?.tellCode();
  }

  /** Ends workers that have nothing to do and no component to keep: they come again when they are needed. */
  cool(): void {
    for (const [index, thread] of this.#threads.entries()) {
      if (thread?.isIdle !== true) continue;
      this.#threads[index] = undefined;
      thread.stop('it has nothing to do');
    }
  }

  /**
   * Loads a component in one worker, `first` when one is named; the others follow with their first call. Rejects when it
   * cannot be instantiated.
   */
  async add(hosted: Hosted, deadlineMs: number, first?: Thread): Promise<void> {
    const { component } = hosted.job;
    this.#switchboard.components.set(component, hosted);
    const endsAt = performance.now() + deadlineMs;
    try {
      for (let load = 1; ; load++) {
        try {
          return await this.#load(hosted, deadlineMs, load === 1 ? first : undefined);
        } catch (error) {
          if (this.#isClosed) throw new ClosedError('the runtime is closed');
          // The worker took it along with whatever it was ended for.
          if (!(error instanceof WorkerLostError) || load === maxLoads || performance.now() > endsAt) throw error;
        }
      }
    } catch (error) {
      this.remove(component);
      throw error;
    }
  }

  /** Loads a component in the worker that comes to it. */
  async #load(hosted: Hosted, deadlineMs: number, first?: Thread): Promise<void> {
    const { component } = hosted.job;
    const endsAt = performance.now() + deadlineMs;
    const late = Promise.withResolvers<never>();
    let thread = first ?? this.#leastBusy(component);
    const loaded = Promise.withResolvers<void>();
    const give = (to: Thread): void => {
      thread = to;
      to.load(hosted.job).then(loaded.resolve, (error: unknown) => {
        // Where it was taken back from, it does not matter any more.
        if (thread === to) loaded.reject(error);
      });
    };
    const look = setInterval(() => {
      if (performance.now() > endsAt) late.reject(this.#endLoad(thread, hosted, deadlineMs));
      else if (thread.isUp && !thread.hasBegun(component)) {
        thread.isStalled = true;
        const other = this.#leastBusy(component);
        if (!other.isStalled && thread.takeBackLoad(component)) give(other);
      }
    }, this.#options.patienceMs);
    try {
      give(thread);
      await Promise.race([loaded.promise, late.promise]);
    } finally {
      clearInterval(look);
    }
  }

  /** Its time is up. The component is at fault only where it was its own start that took so long. */
  #endLoad(thread: Thread, { name, job }: Hosted, deadlineMs: number): Error {
    const what = `${name} did not start within ${deadlineMs} ms`;
    const { component: holder = job.component } = thread.atWork;
    const isWithoutBlame = thread.takeBackLoad(job.component) || holder !== job.component;
    if (!isWithoutBlame || !thread.isUp) thread.stop(what);
    return isWithoutBlame ? new WorkerLostError(what) : new Error(what);
  }

  remove(component: number): void {
    this.#switchboard.components.delete(component);
    for (const thread of this.#threads) thread?.unload(component);
  }

  configure(hosted: Hosted): void {
    const { component, config } = hosted.job;
    this.#switchboard.components.set(component, hosted);
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

  /** Resolves when every thread has handed over its spans. */
  async tellSpans(): Promise<void> {
    await Promise.all(this.#threads.map(async (thread) => thread?.tellSpans()));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#patrol);
    for (const thread of this.#threads) thread?.stop('the runtime closes');
  }

  /** Gives the call to a worker: the one with the least to do, unless another is named. */
  #give(call: Call, to?: Thread): void {
    const hosted = this.#switchboard.components.get(call.spec.component);
    const { job } = call.spec;
    if (hosted === undefined || job === undefined || this.#isClosed) {
      call.finish({ kind: 'trap', message: 'the component is not loaded' });
      return;
    }
    const thread = to ?? this.#leastBusy(call.spec.component);
    void thread.load(hosted.job);
    try {
      thread.give(call, job);
    } catch (error) {
      call.fail(errorOf(error));
      call.release();
      return;
    }
    this.#patrol ??= setTimeout(() => this.#look(), this.#options.patienceMs);
  }

  /** Takes note of the calls that workers have answered by themselves. */
  reap(): void {
    for (const thread of this.#threads) thread?.reap();
  }

  /** Takes calls back from workers that do not get to them, because a guest spins there, for others to run. */
  #look(): void {
    this.#patrol = undefined;
    this.reap();
    const now = performance.now();
    for (const thread of this.#threads) {
      if (thread?.isUp !== true) continue;
      const late = now - this.#options.patienceMs * (thread.isHeldUp() ? 1 : unheld);
      const waiting = inOrder(thread.calls).filter((call) => call.givenAt < late && !thread.hasStarted(call));
      if (waiting.length === 0) continue;
      thread.isStalled = true;
      for (const call of waiting) {
        const other = this.#leastBusy(call.spec.component);
        // One that does not get to its calls either is no better place to wait.
        if (!other.isStalled && thread.takeBack(call)) this.#give(call, other);
      }
    }
    if (this.#threads.some((thread) => (thread?.calls.size ?? 0) > 0)) {
      this.#patrol ??= setTimeout(() => this.#look(), this.#options.patienceMs);
    }
  }

  /**
   * An idle worker, one that knows the component first; then a new one; then the one with the fewest calls. Workers that
   * do not get to their calls come last, and spare ones are started before them. A suspect gets spare ones alone.
   */
  #leastBusy(component: number): Thread {
    this.reap();
    const { workers } = this.#options;
    const isSuspect = this.#switchboard.components.get(component)?.standing.isSuspect === true;
    let best: Thread | undefined;
    let least = Infinity;
    let unused = -1;
    for (const [index, thread] of this.#threads.entries()) {
      const isSpare = index >= workers;
      if (isSuspect && !isSpare) continue;
      if (thread === undefined) {
        if (unused < 0) unused = index;
        continue;
      }
      const cost =
        thread.calls.size * 2 +
        (thread.hasLoaded(component) ? 0 : 1) +
        (isSpare ? spareCost : 0) +
        (thread.isStalled ? stalledCost : 0);
      if (cost < least) [best, least] = [thread, cost];
    }
    if (best === undefined) return this.#spawn(unused);
    const isBestSpare = least >= spareCost;
    const isUnusedSpare = unused >= workers;
    const mayGrow = !isUnusedSpare || isSuspect || isBestSpare;
    const wantsMore = best.isStalled || (mayGrow && best.calls.size > 0) || (isBestSpare && !isUnusedSpare);
    return wantsMore && unused >= 0 ? this.#spawn(unused) : best;
  }

  #spawn(index: number): Thread {
    const { workerUrl, heapMegabytes, tracing, farCaller } = this.#options;
    const thread: Thread = new Thread(
      { url: workerUrl, heapMegabytes, number: index, tracing, farCaller, code: this.#code },
      {
        message: (message) => {
          if (!isFromFront(message)) this.#switchboard.receive(thread, message);
        },
        gone: (reason) => {
          if (this.#threads[index] !== thread) return;
          this.#threads[index] = undefined;
          this.#lose(thread, reason);
        },
      },
    );
    this.#threads[index] = thread;
    return thread;
  }

  /** Ends the call when its time is up or its caller gives up, and the worker's thread when the guest does not let go. */
  #watch(call: Call, signal: AbortSignal | undefined): void {
    const aborted = (): void => this.cancel(call, errorOf(signal?.reason));
    let grace: NodeJS.Timeout | undefined;
    const wait = (): void => {
      const turn = this.threadOf(call)?.atWork.turn;
      // When this thread was the one that stood still, the worker's answer is here and only has to be read first.
      grace = setTimeout(() => setImmediate(() => this.#hasLetGo(call, turn) || wait()), this.#options.graceMs);
    };
    const expire = setTimeout(
      () => {
        this.reap();
        if (call.isSettled) return;
        this.cancel(call, new DeadlineError(call.spec.what, call.spec.deadlineMs));
        wait();
      },
      Math.max(0, call.spec.endsAt - performance.now()),
    );
    if (signal?.aborted === true) queueMicrotask(aborted);
    else signal?.addEventListener('abort', aborted, { once: true });
    call.whenGone(() => {
      clearTimeout(expire);
      clearTimeout(grace);
      signal?.removeEventListener('abort', aborted);
    });
  }

  /**
   * Whether a worker is done with a call that is past its time; it is ended when it is the call's own guest that does not
   * let go. Another's guest may be at it for as long as its own time lasts.
   */
  #hasLetGo(call: Call, turn: number | undefined): boolean {
    const thread = this.threadOf(call);
    if (thread === undefined) return true;
    const { component } = call.spec;
    const { component: holder = component, turn: now } = thread.atWork;
    if (holder !== component && this.#switchboard.components.has(holder)) return false;
    // It has come to an end of something since: what it was told comes next.
    if (turn !== now && thread.isUp) return false;
    this.#switchboard.components.get(component)?.standing.fault();
    // Nor does it run any more where others call it.
    for (const hosted of this.#switchboard.components.values()) hosted.forgetNear();
    thread.stop(`${call.spec.what} spins past its deadline`);
    return true;
  }

  /** Has every worker ask again where a component's imports are served. */
  forgetNear(component: number): void {
    for (const thread of this.#threads) {
      if (thread?.looked.delete(component) === true) thread.post({ kind: 'forget-served', component });
    }
  }

  /** What a thread was at when it ended: calls that had not started go to another, the others are lost. */
  #lose(thread: Thread, reason: string): void {
    const calls = inOrder(thread.calls);
    thread.calls.clear();
    this.#switchboard.forgive(thread);
    if (!this.#isClosed) this.#options.logger.warn({ reason, calls: calls.length }, 'runtime worker stopped');
    for (const call of calls) {
      call.losses += 1;
      const isUntouched = !thread.hasStarted(call) && !call.isSettled && call.losses < maxLosses && !this.#isClosed;
      if (isUntouched) this.#give(call);
      else {
        call.fail(new TrapError(`${call.spec.what} was lost with its worker: ${reason}`));
        call.release();
      }
    }
  }
}

/** First come, first served. */
const inOrder = (calls: UnderWay<Call>): Call[] => calls.values().toSorted((a, b) => a.id - b.id);

const errorOf = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
