import type { Logger } from '@kasmcloud/observe';

/** A set of keys, each worked on once after it was added, outside the turn in which it was. */
export class KeyLoop {
  readonly #work: (key: string) => void;
  readonly #logger: Pick<Logger, 'error'>;
  readonly #keys = new Set<string>();
  #scheduled: NodeJS.Immediate | undefined;
  #closed = false;

  constructor(work: (key: string) => void, logger: Pick<Logger, 'error'>) {
    this.#work = work;
    this.#logger = logger;
  }

  add(key: string): void {
    if (this.#closed) return;
    this.#keys.add(key);
    this.#scheduled ??= setImmediate(() => this.#run());
  }

  close(): void {
    this.#closed = true;
    this.#keys.clear();
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
  }

  /** Works on one share of the keys, so that requests are answered in between. */
  #run(): void {
    this.#scheduled = undefined;
    let left = keysPerTurn;
    for (const key of this.#keys) {
      if (left === 0) break;
      left -= 1;
      this.#keys.delete(key);
      try {
        this.#work(key);
      } catch (error) {
        this.#logger.error({ key, error }, 'controller failed on a key');
      }
    }
    if (this.#keys.size > 0 && !this.#closed) this.#scheduled = setImmediate(() => this.#run());
  }
}

const keysPerTurn = 100;
