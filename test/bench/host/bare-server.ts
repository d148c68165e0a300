import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { freePort } from '@kasmcloud/testing';

/** What a Node program without any WebAssembly answers: the same body, from as many threads as the host has. */
export class BareServer implements AsyncDisposable {
  readonly port: number;
  readonly #threads: readonly Worker[];

  private constructor(port: number, threads: readonly Worker[]) {
    this.port = port;
    this.#threads = threads;
  }

  static async start(threads: number, body: string): Promise<BareServer> {
    const port = await freePort();
    const workers = Array.from(
      { length: threads },
      () => new Worker(new URL('./bare-thread.ts', import.meta.url), { workerData: { port, body } }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    return new BareServer(port, workers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}
