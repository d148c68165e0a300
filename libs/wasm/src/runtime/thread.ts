import { Worker } from 'node:worker_threads';
import type { Call } from './call.ts';
import type { FromWorker, LoadJob, ToWorker } from './protocol.ts';

/** What a thread tells its owner. */
export interface ThreadEvents {
  message(message: FromWorker): void;
  /** The thread is no more, whatever the reason; its calls are still in `calls`. */
  gone(reason: string): void;
}

/** One runtime worker, and what it is at. */
export class Thread {
  /** Calls that it was given and has not ended. */
  readonly calls = new Map<number, Call>();
  readonly #worker: Worker;
  readonly #events: ThreadEvents;
  readonly #loads = new Map<number, PromiseWithResolvers<void>>();
  #isGone = false;

  constructor(url: URL, heapMegabytes: number, events: ThreadEvents) {
    this.#events = events;
    this.#worker = new Worker(url, {
      name: 'wasm-runtime',
      // What a guest makes the worker keep for it (headers, bodies, handles) is bounded by this for all of them together.
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    });
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('messageerror', (error) => this.stop(`its messages cannot be read: ${error.message}`));
    this.#worker.on('error', (error) => this.stop(error instanceof Error ? error.message : String(error)));
    this.#worker.on('exit', (code) => this.stop(`it ended with code ${code}`));
  }

  /** Loads a component once; the promise is of the first time. */
  load(job: LoadJob): Promise<void> {
    const known = this.#loads.get(job.component);
    if (known !== undefined) return known.promise;
    const loading = Promise.withResolvers<void>();
    // Whoever loads in passing, for a call, learns of a failure by that call.
    loading.promise.catch(() => undefined);
    this.#loads.set(job.component, loading);
    this.post({ kind: 'load', job });
    return loading.promise;
  }

  hasLoaded(component: number): boolean {
    return this.#loads.has(component);
  }

  unload(component: number): void {
    if (this.#loads.delete(component)) this.post({ kind: 'unload', component });
  }

  post(message: ToWorker): void {
    this.#worker.postMessage(message, []);
  }

  /** Ends the thread, even in the middle of a loop. */
  stop(reason: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    void this.#worker.terminate();
    for (const loading of this.#loads.values()) loading.reject(new Error(`the worker stopped: ${reason}`));
    this.#events.gone(reason);
  }

  #receive(message: FromWorker): void {
    if (this.#isGone) return;
    if (message.kind === 'loaded') this.#loads.get(message.component)?.resolve();
    else if (message.kind === 'load-failed') {
      this.#loads.get(message.component)?.reject(new Error(message.reason));
      this.#loads.delete(message.component);
    } else this.#events.message(message);
  }
}
