export { backoffMs, type Backoff, type Random } from './backoff.ts';
export { BatchQueue } from './batch-queue.ts';
export { systemClock, type Clock } from './clock.ts';
export {
  done,
  requeueAfter,
  runController,
  TerminalError,
  type ControllerOptions,
  type Reconciled,
  type Result,
} from './controller.ts';
export { WorkQueue, type WorkQueueOptions } from './work-queue.ts';
