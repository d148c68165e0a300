import type { Clock } from './clock.ts';
import type { WorkQueue } from './work-queue.ts';

/** What one look at a key came to. */
export type Result =
  /** Nothing more to do until the key is added again. */
  { readonly kind: 'done' } | { readonly kind: 'requeueAfter'; readonly ms: number };

export const done: Result = { kind: 'done' };

export const requeueAfter = (ms: number): Result => ({ kind: 'requeueAfter', ms });

/** A failure that trying again cannot cure; the key rests until something about it changes. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

/** One look at one key, for logs and metrics. */
export interface Reconciled {
  readonly controller: string;
  readonly key: string;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  readonly outcome:
    | { readonly kind: 'done' }
    | { readonly kind: 'requeued'; readonly afterMs: number }
    | { readonly kind: 'failed'; readonly error: unknown; readonly failures: number; readonly retryInMs: number }
    | { readonly kind: 'terminal'; readonly error: TerminalError };
}

export interface ControllerOptions {
  readonly name: string;
  readonly queue: WorkQueue;
  /** Reads the world again for this key and writes the difference. The signal aborts when the controller stops. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<Result>;
  /** How many keys are looked at side by side. */
  readonly workers: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told every failure, terminal ones too. */
  readonly onError: (key: string, error: unknown) => void;
  readonly onReconcile?: (event: Reconciled) => void;
  /** Adds these keys again every so often, as a net below missed events. */
  readonly resync?: { readonly everyMs: number; readonly keys: () => Iterable<string> };
}

/**
 * Works the queue until the signal aborts, then waits for the looks under way. A failure is retried after the queue's
 * backoff; an answer, even `requeueAfter`, forgets earlier failures.
 */
export async function runController(options: ControllerOptions): Promise<void> {
  const { queue, workers, resync } = options;
  const stopResync = resync === undefined ? undefined : repeat(options.clock, resync, (key) => queue.add(key));
  await Promise.all(Array.from({ length: workers }, async () => work(options)));
  stopResync?.();
}

async function work(options: ControllerOptions): Promise<void> {
  const { queue, signal, clock } = options;
  for (let key = await queue.take(signal); key !== undefined; key = await queue.take(signal)) {
    const startedAt = clock.steady();
    const outcome = await look(key, options);
    queue.done(key);
    options.onReconcile?.({ controller: options.name, key, ms: clock.steady() - startedAt, outcome });
  }
}

async function look(key: string, options: ControllerOptions): Promise<Reconciled['outcome']> {
  const { queue, signal } = options;
  try {
    const result = await options.reconcile(key, signal);
    queue.forget(key);
    if (result.kind === 'done') return result;
    queue.addAfter(key, result.ms);
    return { kind: 'requeued', afterMs: result.ms };
  } catch (error) {
    options.onError(key, error);
    if (error instanceof TerminalError) {
      queue.forget(key);
      return { kind: 'terminal', error };
    }
    const retryInMs = queue.addFailed(key);
    return { kind: 'failed', error, failures: queue.failures(key), retryInMs };
  }
}

function repeat(
  clock: Clock,
  { everyMs, keys }: { everyMs: number; keys: () => Iterable<string> },
  add: (key: string) => void,
): () => void {
  let cancel = clock.after(everyMs, function again() {
    for (const key of keys()) add(key);
    cancel = clock.after(everyMs, again);
  });
  return () => cancel();
}
