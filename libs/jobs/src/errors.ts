/** Redis did not take or answer a command in time. The work is not lost: jobs are derived, a sweep adds them again. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
  readonly queue: string;
  readonly silentForMs: number;

  constructor(queue: string, silentForMs: number, options?: ErrorOptions) {
    super(`queue ${queue}: Redis has not answered for ${Math.round(silentForMs)} ms`, options);
    this.queue = queue;
    this.silentForMs = silentForMs;
  }
}

/** The payload of a job is not of the shape that its queue carries. It is never tried again. */
export class JobPayloadError extends Error {
  override readonly name = 'JobPayloadError';
  readonly queue: string;
  /** Redis id of the job; absent while it is being added. */
  readonly job: string | undefined;

  constructor(queue: string, job: string | undefined, options: ErrorOptions) {
    const reason = options.cause instanceof Error ? options.cause.message : String(options.cause);
    super(`queue ${queue}${job === undefined ? '' : `, job ${job}`}: payload refused: ${reason}`, options);
    this.queue = queue;
    this.job = job;
  }
}

/** Thrown by a handler: trying again would not help. */
export class PermanentJobError extends Error {
  override readonly name = 'PermanentJobError';
}

/** A handler did not end in time; its signal was aborted with this. */
export class JobDeadlineError extends Error {
  override readonly name = 'JobDeadlineError';
  readonly deadlineMs: number;

  constructor(deadlineMs: number) {
    super(`not done within ${deadlineMs} ms`);
    this.deadlineMs = deadlineMs;
  }
}

/** Another worker may have the job by now; the signal of the handler was aborted with this. */
export class JobLostError extends Error {
  override readonly name = 'JobLostError';

  constructor() {
    super('the lock of the job was lost: Redis was away for longer than it lasts, or was emptied');
  }
}

/** The worker is closing; the job will be tried again by another. */
export class WorkerClosingError extends Error {
  override readonly name = 'WorkerClosingError';

  constructor() {
    super('the worker is closing');
  }
}

/** A queue cannot bear this name. */
export class QueueNameError extends Error {
  override readonly name = 'QueueNameError';
  readonly queue: string;

  constructor(queue: string) {
    super(`queue "${queue.slice(0, 100)}": a name has 1 to 253 letters, digits, '.', '_' or '-'; BullMQ allows no ':'`);
    this.queue = queue;
  }
}
