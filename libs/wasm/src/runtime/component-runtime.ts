import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Logger } from '@kasmcloud/observe';
import { entryUrl } from '../entry.ts';
import { ClosedError, ComponentError, WorkerLostError } from '../error.ts';
import { checkImports } from '../link.ts';
import type { PreparedComponent } from '../prepare/prepare.ts';
import { CodeCache } from './code-cache.ts';
import { Dispatcher } from './dispatcher.ts';
import type { FarCallerModule } from './far-caller.ts';
import { Fronts } from './fronts.ts';
import type { HttpListener, HttpListenerOptions } from './http-listener.ts';
import { Standing } from './standing.ts';
import { memoryTable } from './memory-table.ts';
import { rehearse } from './rehearsal.ts';
import { Spare } from './spare.ts';
import { Switchboard } from './switchboard.ts';
import type { Thread, ThreadTracing } from './thread.ts';
import { Slots } from './slots.ts';
import { tallyTable } from './tally.ts';
import { HostedComponent } from './hosted-component.ts';
import type { LoadJob } from './protocol.ts';
import type { LoadedComponent, LoadOptions } from './types.ts';

const defaultTrust = 100;

/** How many calls of a component may wait for an instance. */
const defaultQueue = 1000;

export interface RuntimeOptions {
  /** Folder for generated code, of this process's user alone. */
  readonly cacheDir: string;
  readonly logger: Logger;
  /** How many threads run guests. Default: one for each processor. */
  readonly workers?: number;
  /** The most JavaScript heap of one worker, in MiB: what the host keeps for its guests. Default 512. */
  readonly heapMegabytes?: number;
  /** How long a worker may take to let go of a call past its deadline before it is ended. Default 250. */
  readonly graceMs?: number;
  /** How long a call may lie with a worker that does not get to it before another takes it. Default 20. */
  readonly patienceMs?: number;
  /** How many quick answers a component gives before it runs in threads that listen. Default 100. */
  readonly trustAfter?: number;
  /** Makes spans of requests and of calls between components of one thread. Default: none. */
  readonly tracing?: ThreadTracing;
  /** With which threads make calls to other processes by themselves. Default: the main thread makes all. */
  readonly farCaller?: FarCallerModule;
  /** Which bindings components get: see `PrepareOptions`. */
  readonly bindings?: PreparedComponent['code']['kind'];
  /** Entries of the kinds of thread, when they are not where `entryUrl` looks. */
  readonly workerUrl?: URL;
  readonly frontUrl?: URL;
  readonly buildWorkerUrl?: URL;
}

/** Runs WebAssembly components in worker threads. */
export class ComponentRuntime {
  readonly #options: RuntimeOptions;
  readonly #code = new CodeCache();
  readonly #dispatcher: Dispatcher;
  readonly #fronts: Fronts;
  /** How many threads take slots. */
  readonly #threads: number;
  /** Undefined where none is kept. */
  #spare: Spare | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(options: RuntimeOptions) {
    if (!('Suspending' in WebAssembly))
      throw new Error('WebAssembly.Suspending is missing: Node 24.21 or newer is needed');
    this.#options = options;
    const { heapMegabytes = 512, graceMs = 250, patienceMs = 20, workers = availableParallelism(), logger } = options;
    const switchboard = new Switchboard(logger);
    const { tracing = { sampling: undefined, take: () => undefined } } = options;
    const shared = { heapMegabytes, graceMs, tracing, farCaller: options.farCaller, logger };
    this.#dispatcher = new Dispatcher(
      { ...shared, workers, patienceMs, workerUrl: options.workerUrl ?? entryUrl('runtime') },
      switchboard,
    );
    this.#fronts = new Fronts(
      {
        ...shared,
        threads: workers,
        firstNumber: this.#dispatcher.threads,
        url: options.frontUrl ?? entryUrl('front'),
        nextId: () => this.#nextId(),
      },
      switchboard,
    );
    this.#threads = this.#dispatcher.threads + workers;
  }

  /**
   * Accepts HTTP requests for components, in threads that run them too. The threads start with the first address.
   * @throws ListenError
   */
  listen(options: HttpListenerOptions): Promise<HttpListener> {
    if (this.#isClosed) throw new ClosedError('the runtime is closed');
    return this.#fronts.listen(options);
  }

  /** Starts a worker if none runs: for who will load a component, and has not got it yet. */
  warm(): void {
    if (!this.#isClosed) this.#dispatcher.warm();
  }

  /**
   * Starts a worker and tries it out, so that the first component is spared both: they take longer than all else before
   * its first answer. `spare`: so it is for those that come later, while there are fewer workers than there should be.
   * Without, this thread is practised, and the worker leaves its compiled code to the next and ends. A failure is only
   * logged: it is the components' own loading that tells what is wrong.
   */
  async rehearse({ spare = true } = {}): Promise<void> {
    await this.#rehearseIn(undefined);
    await this.#dispatcher.passOnCode();
    if (this.#isClosed) return;
    if (spare)
      this.#spare = new Spare({
        another: () => this.#dispatcher.another(),
        rehearseIn: (thread) => this.#rehearseIn(thread),
      });
    else this.#dispatcher.cool();
  }

  async #rehearseIn(thread: Thread | undefined): Promise<void> {
    try {
      await rehearse((component, options) => this.#load(component, options, thread));
    } catch (error) {
      if (!this.#isClosed) this.#options.logger.warn({ err: error }, 'the rehearsal failed');
    }
  }

  /**
   * Makes a component, given as bytes or as the path of a file, ready to be called.
   * @throws ComponentError when it is none, or cannot be instantiated; LinkError when an import is not provided;
   * WorkerLostError when no worker came to the end of it, for no fault of the component.
   */
  async load(component: Uint8Array | string, options: LoadOptions): Promise<LoadedComponent> {
    const loaded = await this.#load(component, options);
    void this.#spare?.refill();
    return loaded;
  }

  async #load(component: Uint8Array | string, options: LoadOptions, thread?: Thread): Promise<LoadedComponent> {
    if (this.#isClosed) throw new ClosedError('the runtime is closed');
    // Starts up while the component is read and compiled here.
    this.warm();
    const bytes = typeof component === 'string' ? await readFile(component) : component;
    const { cacheDir, buildWorkerUrl } = this.#options;
    const { digest, program } = await this.#code.ready(bytes, {
      cacheDir,
      buildWorkerUrl,
      memoryLimitBytes: options.limits.memoryBytes,
      digest: options.digest,
      bindings: this.#options.bindings,
      check: ({ imports }) => checkImports(imports, (instance) => options.host.provides(instance)),
      onUnsupported: (reason) =>
        this.#options.logger.info({ component: options.name, reason }, 'bindings are generated for this component'),
    });
    const { limits, name, instances } = options;
    const slots = new Slots(name, instances, limits.queue ?? defaultQueue, this.#threads);
    const job: LoadJob = {
      component: this.#nextId(),
      program,
      config: options.config,
      sendsHttp: options.host.sendHttp !== undefined,
      logLevel: options.logLevel ?? 'trace',
      slots: slots.table,
      tally: tallyTable(),
      memory: memoryTable(this.#threads),
    };
    const hosted = new HostedComponent(digest, job, slots, options, {
      dispatcher: this.#dispatcher,
      fronts: this.#fronts,
      standing: new Standing(this.#options.trustAfter ?? defaultTrust),
      nextCall: () => this.#nextId(),
      takesLetters: this.#options.farCaller !== undefined && this.#options.tracing?.sampling === undefined,
    });
    try {
      await this.#dispatcher.add(hosted, options.limits.executionMs, thread);
    } catch (cause) {
      if (cause instanceof WorkerLostError || cause instanceof ClosedError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ComponentError(`${options.name} cannot be instantiated: ${reason}`, undefined, { cause });
    }
    return hosted;
  }

  /** Resolves when the threads have handed over their spans. */
  async tellSpans(): Promise<void> {
    await Promise.all([this.#dispatcher.tellSpans(), this.#fronts.tellSpans()]);
  }

  /** Ends every call and every thread. */
  close(): void {
    this.#isClosed = true;
    this.#fronts.close();
    this.#dispatcher.close();
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}
