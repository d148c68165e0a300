import { clusterJobId, type ClusterJob } from '@kasmcloud/wire';
import { done, runController, WorkQueue, type Clock, type Reconciled } from '@kasmcloud/reconcile';

/** `news` cuts a waiting backoff short; a `sweep` only asks for what might have been forgotten. */
export type Urgency = 'news' | 'sweep';

/** The durable hand-over to any scheduler replica: one queue per cluster. */
export interface RemoteQueue {
  /** Rejects within about two seconds when the queue cannot be reached. */
  add(job: ClusterJob, urgency: Urgency): Promise<void>;
  readonly isAvailable: boolean;
}

export interface DispatcherOptions {
  readonly remote: RemoteQueue;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Makes a job's object true in its member. Run here only while the remote queue is away. */
  readonly work: (job: ClusterJob, signal: AbortSignal) => Promise<void>;
  readonly onError: (job: ClusterJob, error: unknown) => void;
  readonly onWorked?: (event: Reconciled) => void;
}

/**
 * Hands work to the queues; while they are away the leader works the same jobs itself. A job may be run by both: it
 * names what to make true, so that twice is as good as once.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #local: WorkQueue;
  readonly #jobs = new Map<string, ClusterJob>();
  readonly #running: Promise<void>;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    const { clock, random, signal } = options;
    this.#local = new WorkQueue({ clock, random, signal, backoff: { baseMs: 250, maxMs: 30_000, jitter: 0.2 } });
    this.#running = runController({
      name: 'local-writer',
      queue: this.#local,
      clock,
      signal,
      workers: 4,
      reconcile: async (key) => {
        const job = this.#jobs.get(key);
        if (job !== undefined) await options.work(job, signal);
        this.#jobs.delete(key);
        return done;
      },
      onError: (key, error) => {
        const job = this.#jobs.get(key);
        if (job !== undefined) options.onError(job, error);
      },
      ...(options.onWorked !== undefined && { onReconcile: options.onWorked }),
    });
  }

  /** Asks for the job to be done soon, by whoever can. Never throws: a sweep asks again for what was not done. */
  dispatch(job: ClusterJob, urgency: Urgency = 'news'): void {
    if (!this.#options.remote.isAvailable) return this.#workHere(job);
    this.#options.remote.add(job, urgency).catch((error: unknown) => {
      this.#options.onError(job, error);
      this.#workHere(job);
    });
  }

  /** Resolves when the signal has aborted and the work at hand is finished. */
  async stopped(): Promise<void> {
    await this.#running;
  }

  #workHere(job: ClusterJob): void {
    if (this.#options.signal.aborted) return;
    const key = `${job.cluster}/${clusterJobId(job)}`;
    this.#jobs.set(key, job);
    this.#local.add(key);
  }
}
