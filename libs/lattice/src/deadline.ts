import { RequestTimeoutError } from './error.ts';

export interface Deadline {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Settles as the promise does, or rejects when the time is over or the signal aborts; the work itself goes on. */
export const within = async <T>(what: string, { timeoutMs, signal }: Deadline, work: Promise<T>): Promise<T> => {
  signal?.throwIfAborted();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new RequestTimeoutError(what, timeoutMs)), timeoutMs);
  const abort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
};
