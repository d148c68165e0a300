export { backoffMs } from './backoff.ts';
export type { BackoffOptions } from './backoff.ts';
export {
  JobDeadlineError,
  JobLostError,
  JobPayloadError,
  PermanentJobError,
  QueueNameError,
  RedisUnavailableError,
  WorkerClosingError,
} from './errors.ts';
export type { JobQueue } from './job-queue.ts';
export { Jobs } from './jobs.ts';
export type { BoardQueue, JobsOptions } from './jobs.ts';
export type { AddOptions, JobCounts, JobProducer } from './producer.ts';
export type { Availability } from './redis-link.ts';
export type { JobContext, JobFailure, JobHandler, JobWorker, JobWorkerOptions } from './worker.ts';
