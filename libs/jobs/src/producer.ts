import { Queue } from 'bullmq';
import { JobPayloadError, RedisUnavailableError } from './errors.ts';
import { BACKOFF_TYPE, DEFAULT_ATTEMPTS, JOB_NAME, type JobQueue, requireQueueName } from './job-queue.ts';
import type { RedisLink } from './redis-link.ts';

export interface AddOptions {
  /** A job that failed and waits for its next attempt is tried at once: for news, not for a sweep. */
  readonly hurry?: boolean;
}

export interface JobCounts {
  readonly waiting: number;
  readonly active: number;
  /** Failed before, and waiting for the next attempt. */
  readonly delayed: number;
}

export interface JobProducer<T extends object> {
  /**
   * Asks for a piece of work. While its twin waits, nothing is added; while its twin runs, one more run follows it.
   *
   * @throws {JobPayloadError} the payload is not of the queue's shape
   * @throws {RedisUnavailableError} within 2 s; the job may or may not have been added
   */
  add(payload: T, options?: AddOptions): Promise<void>;
  /** @throws {RedisUnavailableError} */
  counts(): Promise<JobCounts>;
  /** For a queue that this process no longer fills; what is in it stays. */
  close(): Promise<void>;
}

const ANSWER_WITHIN_MS = 2_000;
/** Nobody reads BullMQ's event stream; without a bound it keeps 10,000 events per queue. */
const EVENTS_KEPT = 100;

export class RedisProducer<T extends object> implements JobProducer<T> {
  readonly #link: RedisLink;
  readonly #definition: JobQueue<T>;
  readonly #queue: Queue;

  constructor(link: RedisLink, prefix: string, definition: JobQueue<T>) {
    requireQueueName(definition);
    this.#link = link;
    this.#definition = definition;
    // Without a version check BullMQ's set-up sends nothing, so that it cannot fail while Redis is away.
    this.#queue = new Queue(definition.queue, {
      connection: link.commands,
      prefix,
      skipVersionCheck: true,
      skipWaitingForReady: true,
      streams: { events: { maxLen: EVENTS_KEPT } },
    });
    this.#queue.on('error', () => {});
  }

  get queue(): Queue {
    return this.#queue;
  }

  async add(payload: T, { hurry = false }: AddOptions = {}): Promise<void> {
    const { dedupeId, attempts = DEFAULT_ATTEMPTS } = this.#definition;
    const checked = this.#check(payload);
    await this.#answered(() =>
      this.#queue.add(JOB_NAME, checked, {
        deduplication: { id: dedupeId(checked), keepLastIfActive: true, ...(hurry ? { reschedule: true } : {}) },
        attempts,
        backoff: { type: BACKOFF_TYPE },
        removeOnComplete: true,
        removeOnFail: true,
        stackTraceLimit: 1,
      }),
    );
  }

  async counts(): Promise<JobCounts> {
    const counts = await this.#answered(() => this.#queue.getJobCounts('waiting', 'active', 'delayed'));
    return { waiting: counts['waiting'] ?? 0, active: counts['active'] ?? 0, delayed: counts['delayed'] ?? 0 };
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  #check(payload: T): T {
    try {
      return this.#definition.schema.parse(payload);
    } catch (cause) {
      throw new JobPayloadError(this.#definition.queue, undefined, { cause });
    }
  }

  async #answered<R>(ask: () => Promise<R>): Promise<R> {
    const { queue } = this.#definition;
    if (this.#link.commands.status !== 'ready') throw new RedisUnavailableError(queue, this.#link.silentForMs());
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
    try {
      return await Promise.race([ask(), late.promise]);
    } catch (cause) {
      throw new RedisUnavailableError(queue, this.#link.silentForMs(), { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}
