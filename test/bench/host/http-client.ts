import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** A time during which a server is asked. */
export interface Window {
  readonly port: number;
  readonly path: string;
  /** How many requests are under way at once. */
  readonly connections: number;
  readonly ms: number;
  /** Text that every right answer has in it. */
  readonly expected: string;
  /** A fixed rate; as many as the server answers when it is not told. */
  readonly perSecond?: number;
}

export interface Asked {
  readonly right: number;
  readonly wrong: number;
  /** Requests that were not answered until long after the window, or whose connection broke. */
  readonly lost: number;
  /** What was wrong with answers, with how many of each. */
  readonly faults: Readonly<Record<string, number>>;
  /** Right answers. */
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** An HTTP client on a thread of its own. One window at a time. */
export class HttpClient implements AsyncDisposable {
  readonly #worker = new Worker(new URL('./client-thread.ts', import.meta.url));

  async ask(window: Window): Promise<Asked> {
    this.#worker.postMessage(window, []);
    const [asked] = (await once(this.#worker, 'message')) as [Asked];
    return asked;
  }

  /** Closes the connections to a server that goes. */
  forget(port: number): void {
    this.#worker.postMessage({ close: port }, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
