import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Logger } from '@kasmcloud/observe';
import { type BackoffOptions, backoffMs } from './backoff.ts';
import { JobDeadlineError, JobLostError, JobPayloadError, PermanentJobError, WorkerClosingError } from './errors.ts';
import { type JobQueue, requireQueueName } from './job-queue.ts';
import type { RedisLink } from './redis-link.ts';

export interface JobContext {
  /** Aborted at the deadline, when the job is lost to another worker, and when the worker closes. */
  readonly signal: AbortSignal;
  /** From 1. */
  readonly attempt: number;
}

/** Makes true what the payload names. A throw means: try again later; `PermanentJobError`: do not. */
export type JobHandler<T> = (payload: T, context: JobContext) => Promise<void>;

export interface JobFailure<T> {
  readonly queue: string;
  /** Absent when it was refused; `reason` is a JobPayloadError then. */
  readonly payload?: T;
  readonly attempts: number;
  readonly reason: Error;
}

export interface JobWorkerOptions<T> {
  /** Jobs at once. Default 1. */
  readonly concurrency?: number;
  /** Over all workers of the queue. Default: no limit. */
  readonly rateLimit?: { readonly max: number; readonly perMs: number };
  /** For one attempt. Default 30,000. */
  readonly deadlineMs?: number;
  readonly backoff?: BackoffOptions;
  /** After the last attempt, when the job is removed. */
  readonly onFailed?: (failure: JobFailure<T>) => void | Promise<void>;
  /** A job whose worker fell silent for so long is given to another. Default 30,000. */
  readonly lockMs?: number;
}

export interface JobWorker {
  /** Jobs that run now. */
  readonly running: number;
  /** Lets what runs end, for a second at most, then aborts it. Ends within 2 s. */
  close(): Promise<void>;
}

/** A handler that heeds its signal ends at once; another is left behind after this. */
const HEED_MS = 500;
const FINISH_MS = 1_000;
const CLOSE_MS = 400;
/** A job that ended so many workers with it is not given to another. */
const MAX_STALLED = 3;

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** BullMQ's word for "do not try again", with what we mean by it inside. */
const unrecoverable = (cause: Error): UnrecoverableError =>
  Object.assign(new UnrecoverableError(cause.message), { cause });

const reasonOf = (error: Error): Error =>
  error instanceof UnrecoverableError && error.cause instanceof Error ? error.cause : error;

export class RedisWorker<T extends object> implements JobWorker {
  readonly #definition: JobQueue<T>;
  readonly #handler: JobHandler<T>;
  readonly #options: JobWorkerOptions<T>;
  readonly #log: Logger;
  readonly #worker: Worker;
  readonly #running = new Map<string, AbortController>();

  constructor(
    link: RedisLink,
    prefix: string,
    definition: JobQueue<T>,
    handler: JobHandler<T>,
    options: JobWorkerOptions<T>,
    logger: Logger,
  ) {
    requireQueueName(definition);
    this.#definition = definition;
    this.#handler = handler;
    this.#options = options;
    this.#log = logger.child({ queue: definition.queue });
    const { rateLimit, lockMs = 30_000, backoff } = options;
    this.#worker = new Worker(definition.queue, (job, token) => this.#attempt(job, token), {
      connection: link.work,
      prefix,
      concurrency: options.concurrency ?? 1,
      ...(rateLimit === undefined ? {} : { limiter: { max: rateLimit.max, duration: rateLimit.perMs } }),
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: MAX_STALLED,
      // BullMQ waits 15 s after an error unless told otherwise.
      runRetryDelay: 1_000,
      settings: { backoffStrategy: (attempts) => backoffMs(attempts, Math.random(), backoff) },
    });
    this.#worker.on('error', (err) =>
      link.isAvailable() ? this.#log.warn({ err }, 'queue error') : this.#log.debug({ err }, 'queue error'),
    );
    this.#worker.on('failed', (job, error) => void this.#failed(job, error));
    this.#worker.on('stalled', (job) => this.#log.warn({ job }, 'job was left by its worker, tried again'));
    this.#worker.on('lockRenewalFailed', (jobs) => {
      for (const job of jobs) this.#running.get(job)?.abort(new JobLostError());
    });
  }

  get running(): number {
    return this.#running.size;
  }

  async close(): Promise<void> {
    // Told first, so that no job is fetched while the others end.
    await this.#worker.pause(true);
    const closed = this.#worker.close().catch((err: unknown) => this.#log.debug({ err }, 'worker did not close'));
    await Promise.race([closed, sleep(FINISH_MS)]);
    for (const controller of this.#running.values()) controller.abort(new WorkerClosingError());
    await Promise.race([closed, sleep(CLOSE_MS)]);
  }

  async #attempt(job: Job, token: string | undefined): Promise<void> {
    const payload = this.#parse(job);
    const { deadlineMs = 30_000 } = this.#options;
    const controller = new AbortController();
    const id = job.id ?? '';
    this.#running.set(id, controller);
    const timer = setTimeout(() => controller.abort(new JobDeadlineError(deadlineMs)), deadlineMs);
    try {
      const left = abandoned(controller.signal);
      await Promise.race([this.#handler(payload, { signal: controller.signal, attempt: job.attemptsMade + 1 }), left]);
    } catch (error) {
      // What the handler made of the abort says less than why it was aborted.
      const reason = controller.signal.aborted ? asError(controller.signal.reason) : asError(error);
      if (reason instanceof WorkerClosingError) {
        // Not the job's fault: it goes back to the queue with the attempts that it had.
        await job.moveToWait(token);
        throw new WaitingError();
      }
      throw reason instanceof PermanentJobError ? unrecoverable(reason) : reason;
    } finally {
      clearTimeout(timer);
      this.#running.delete(id);
    }
  }

  #parse(job: Job): T {
    try {
      return this.#definition.schema.parse(job.data);
    } catch (cause) {
      throw unrecoverable(new JobPayloadError(this.#definition.queue, job.id, { cause }));
    }
  }

  async #failed(job: Job | undefined, error: Error): Promise<void> {
    const reason = reasonOf(error);
    const { queue, schema } = this.#definition;
    const attempts = job?.attemptsMade ?? 0;
    // Only a job that is not tried again is finished.
    if (job?.finishedOn === undefined)
      return this.#log.debug({ err: reason, job: job?.id, attempts }, 'job failed, tried again');
    this.#log.warn({ err: reason, job: job.id, attempts }, 'job finally failed');
    const refused = reason instanceof JobPayloadError;
    try {
      await this.#options.onFailed?.({
        queue,
        attempts,
        reason,
        ...(refused ? {} : { payload: schema.parse(job.data) }),
      });
    } catch (err) {
      this.#log.error({ err, job: job.id }, 'the failure of a job could not be told');
    }
  }
}

/** Rejects some time after `signal` aborted: for a handler that does not heed it. */
const abandoned = async (signal: AbortSignal): Promise<never> => {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason), HEED_MS).unref(), { once: true });
  return promise;
};
