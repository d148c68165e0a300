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
  /** Jobs that are being handed over, each with what was asked meanwhile. */
  readonly #handing = new Map<string, { again: Urgency | undefined }>();
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
    const key = keyOf(job);
    const handing = this.#handing.get(key);
    if (handing === undefined) void this.#hand(job, key, urgency);
    // A lattice's job is asked for by every decision of an epoch: once now and once after is enough.
    else if (handing.again !== 'news') handing.again = urgency;
  }

  async #hand(job: ClusterJob, key: string, first: Urgency): Promise<void> {
    const handing: { again: Urgency | undefined } = { again: first };
    this.#handing.set(key, handing);
    while (handing.again !== undefined) {
      const urgency = handing.again;
      handing.again = undefined;
      if (!this.#options.remote.isAvailable) this.#workHere(job, key);
      else
        try {
          await this.#options.remote.add(job, urgency);
        } catch (error) {
          this.#options.onError(job, error);
          this.#workHere(job, key);
        }
    }
    this.#handing.delete(key);
  }

  /** Resolves when the signal has aborted and the work at hand is finished. */
  async stopped(): Promise<void> {
    await this.#running;
  }

  #workHere(job: ClusterJob, key: string): void {
    if (this.#options.signal.aborted) return;
    this.#jobs.set(key, job);
    this.#local.add(key);
  }
}

const keyOf = (job: ClusterJob): string => `${job.cluster}/${clusterJobId(job)}`;
