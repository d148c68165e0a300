import { QueueNameError } from './errors.ts';

/**
 * One row of the job table. A payload names what to make true, never what happened: of jobs with one `dedupeId` only one
 * waits, and which payload it carries is not promised.
 */
export interface JobQueue<T extends object> {
  readonly queue: string;
  readonly schema: { parse(input: unknown): T };
  readonly dedupeId: (payload: T) => string;
  /** How often a job is tried before it has finally failed. Default 10. */
  readonly attempts?: number;
}

export const DEFAULT_ATTEMPTS = 10;

/** The name that BullMQ writes on jobs: the queue says it all. */
export const JOB_NAME = 'job';

/** Names the backoff that the worker computes. */
export const BACKOFF_TYPE = 'capped';

export const requireQueueName = ({ queue }: { readonly queue: string }): void => {
  if (!/^[A-Za-z0-9._-]{1,253}$/.test(queue)) throw new QueueNameError(queue);
};
