import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, silentLogger } from '@kasmcloud/observe';
import type { Queue } from 'bullmq';
import type { JobQueue } from './job-queue.ts';
import { type JobProducer, RedisProducer } from './producer.ts';
import { type Availability, RedisLink } from './redis-link.ts';
import { type JobHandler, type JobWorker, type JobWorkerOptions, RedisWorker } from './worker.ts';

export type BoardQueue = Queue;

export interface JobsOptions {
  /** `redis://[user:password@]host:port[/db]`, or `rediss://` for TLS. */
  readonly url: string;
  /** Begins the name of every key, so that several installations can share a Redis. Default `kasmcloud`. */
  readonly prefix?: string;
  /** Without an answer for so long Redis counts as silent. Default 2,000. */
  readonly silentAfterMs?: number;
  readonly logger?: Logger;
}

const CLOSE_MS = 300;

/**
 * The queues of one process on one Redis. Construction never waits and never fails: while Redis is away, workers wait
 * for it and producers fail at once.
 */
export class Jobs {
  readonly #link: RedisLink;
  readonly #prefix: string;
  readonly #log: Logger;
  // Those that were closed stay: closing twice does nothing.
  readonly #producers = new Set<{ close(): Promise<void> }>();
  readonly #workers = new Set<JobWorker>();

  constructor({ url, prefix = 'kasmcloud', silentAfterMs = 2_000, logger = silentLogger }: JobsOptions) {
    this.#link = new RedisLink({ url, logger, silentAfterMs });
    this.#prefix = prefix;
    this.#log = logger;
  }

  /** @throws {QueueNameError} */
  producer<T extends object>(queue: JobQueue<T>): JobProducer<T> {
    const producer = new RedisProducer(this.#link, this.#prefix, queue);
    this.#producers.add(producer);
    return producer;
  }

  /** BullMQ's own queue, for a board that shows it: to look at, not to fill. @throws {QueueNameError} */
  board<T extends object>(queue: JobQueue<T>): BoardQueue {
    const producer = new RedisProducer(this.#link, this.#prefix, queue);
    this.#producers.add(producer);
    return producer.queue;
  }

  /** Works the jobs of a queue, beside any other worker of it, until it is closed. @throws {QueueNameError} */
  worker<T extends object>(queue: JobQueue<T>, handler: JobHandler<T>, options: JobWorkerOptions<T> = {}): JobWorker {
    const worker = new RedisWorker(this.#link, this.#prefix, queue, handler, options, this.#log);
    this.#workers.add(worker);
    return worker;
  }

  /** Milliseconds since Redis last answered; since the start, if it has not yet. */
  silentForMs(): number {
    return this.#link.silentForMs();
  }

  /** Whether Redis has answered within `silentAfterMs`. */
  isAvailable(): boolean {
    return this.#link.isAvailable();
  }

  /** Tells when Redis falls silent and when it answers again; returns the function that ends it. */
  onAvailability(listener: (now: Availability) => void): () => void {
    return this.#link.onChange(listener);
  }

  /** Closes workers, producers and connections within 2 s, also while Redis is away. */
  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.close()));
    const producers = Promise.all([...this.#producers].map((producer) => producer.close()));
    await Promise.race([
      producers.catch((err: unknown) => this.#log.debug({ err }, 'queue did not close')),
      sleep(CLOSE_MS),
    ]);
    this.#link.close();
  }
}
