import type { Logger } from '@kasmcloud/observe';
import type { Clock } from '@kasmcloud/reconcile';

export interface ComplaintsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Counts every complaint. */
  readonly count: (kind: string) => void;
}

const QUIET_MS = 600_000;
const MAX_REMEMBERED = 1_000;

/** Tells of payloads that could not be used: all in a metric, each kind and source in the log once in ten minutes. */
export class Complaints {
  readonly #options: ComplaintsOptions;
  readonly #toldAt = new Map<string, number>();

  constructor(options: ComplaintsOptions) {
    this.#options = options;
  }

  add(kind: string, source: string, error: unknown): void {
    const { clock, logger, count } = this.#options;
    count(kind);
    const key = `${kind} ${source}`;
    const now = clock.steady();
    const before = this.#toldAt.get(key);
    if (before !== undefined && now - before < QUIET_MS) return;
    // Sources are named by strangers, so they must not fill memory; forgetting all costs a few log lines.
    if (this.#toldAt.size >= MAX_REMEMBERED) this.#toldAt.clear();
    this.#toldAt.set(key, now);
    logger.warn({ kind, source, error }, 'payload refused');
  }
}
