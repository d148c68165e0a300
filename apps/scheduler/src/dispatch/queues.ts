import { clusterJob, clusterJobId, clusterQueue, type ClusterJob } from '@kasmcloud/wire';
import {
  RedisUnavailableError,
  type BoardQueue,
  type JobCounts,
  type JobFailure,
  type JobHandler,
  type JobProducer,
  type JobQueue,
  type JobWorker,
  type Jobs,
} from '@kasmcloud/jobs';
import type { RemoteQueue, Urgency } from './dispatcher.ts';

const queueOf = (cluster: string): JobQueue<ClusterJob> => ({
  queue: clusterQueue(cluster),
  schema: clusterJob,
  dedupeId: clusterJobId,
});

/** Writes into one member at once, by one scheduler; and all schedulers together, a second. */
const CONCURRENCY = 4;
const RATE_LIMIT = { max: 200, perMs: 1_000 };
/** A job whose scheduler was killed is given to another after this. */
const LOCK_MS = 5_000;

export interface QueuesOptions {
  readonly jobs: Jobs;
  readonly work: JobHandler<ClusterJob>;
  readonly onFailed: (failure: JobFailure<ClusterJob>) => void;
}

/** One BullMQ queue per cluster: a dead cluster's queue waits alone. */
export class ClusterQueues implements RemoteQueue {
  readonly #options: QueuesOptions;
  readonly #producers = new Map<string, JobProducer<ClusterJob>>();
  readonly #boards = new Map<string, BoardQueue>();
  readonly #joined = new Set<string>();
  readonly #workers = new Map<string, JobWorker>();

  constructor(options: QueuesOptions) {
    this.#options = options;
  }

  get isAvailable(): boolean {
    return this.#options.jobs.isAvailable();
  }

  async add(job: ClusterJob, urgency: Urgency): Promise<void> {
    await this.#producerOf(job.cluster).add(job, { hurry: urgency === 'news' });
  }

  /** The queues of the clusters that are joined, to look at. */
  boards(): readonly BoardQueue[] {
    return [...this.#joined].toSorted().map((cluster) => {
      const board = this.#boards.get(cluster) ?? this.#options.jobs.board(queueOf(cluster));
      this.#boards.set(cluster, board);
      return board;
    });
  }

  /** Jobs by cluster and state; empty while Redis is away. */
  async counts(): Promise<readonly (readonly [cluster: string, counts: JobCounts])[]> {
    try {
      const clusters = [...this.#joined];
      return await Promise.all(
        clusters.map(async (cluster) => [cluster, await this.#producerOf(cluster).counts()] as const),
      );
    } catch (error) {
      if (error instanceof RedisUnavailableError) return [];
      throw error;
    }
  }

  #producerOf(cluster: string): JobProducer<ClusterJob> {
    const producer = this.#producers.get(cluster) ?? this.#options.jobs.producer(queueOf(cluster));
    this.#producers.set(cluster, producer);
    return producer;
  }

  /** Takes part in the work of a cluster that was joined, and can be told something. */
  join(cluster: string): void {
    this.#joined.add(cluster);
    if (this.#workers.has(cluster)) return;
    const { jobs, work, onFailed } = this.#options;
    const options = { concurrency: CONCURRENCY, rateLimit: RATE_LIMIT, lockMs: LOCK_MS, onFailed };
    this.#workers.set(cluster, jobs.worker(queueOf(cluster), work, options));
  }

  /** Lets the jobs of a cluster that is joined wait: it cannot be told anything. */
  async rest(cluster: string): Promise<void> {
    this.#joined.add(cluster);
    await this.#stop(cluster);
  }

  /** Leaves the work of a cluster that was left. */
  async leave(cluster: string): Promise<void> {
    this.#joined.delete(cluster);
    await this.#stop(cluster);
  }

  async #stop(cluster: string): Promise<void> {
    const worker = this.#workers.get(cluster);
    this.#workers.delete(cluster);
    await worker?.close();
  }
}
