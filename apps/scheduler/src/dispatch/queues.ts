import { clusterJob, clusterJobId, clusterQueue, type ClusterJob } from '@kasmcloud/wire';
import type { JobFailure, JobHandler, JobProducer, JobQueue, JobWorker, Jobs } from '@kasmcloud/jobs';
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
  readonly #workers = new Map<string, JobWorker>();

  constructor(options: QueuesOptions) {
    this.#options = options;
  }

  get isAvailable(): boolean {
    return this.#options.jobs.isAvailable();
  }

  async add(job: ClusterJob, urgency: Urgency): Promise<void> {
    const producer = this.#producers.get(job.cluster) ?? this.#options.jobs.producer(queueOf(job.cluster));
    this.#producers.set(job.cluster, producer);
    await producer.add(job, { hurry: urgency === 'news' });
  }

  /** Takes part in the work of a cluster that was joined. */
  join(cluster: string): void {
    if (this.#workers.has(cluster)) return;
    const { jobs, work, onFailed } = this.#options;
    const options = { concurrency: CONCURRENCY, rateLimit: RATE_LIMIT, lockMs: LOCK_MS, onFailed };
    this.#workers.set(cluster, jobs.worker(queueOf(cluster), work, options));
  }

  /** Leaves the work of a cluster that was left. */
  async leave(cluster: string): Promise<void> {
    const worker = this.#workers.get(cluster);
    this.#workers.delete(cluster);
    await worker?.close();
  }
}
