import type { Instance } from './instance.ts';

/** So many wait for their next call however long that is. */
const kept = 64;

/** How long others do not have to be used to be dropped. */
const restMs = 1_000;

/**
 * The instances of a component that wait for their next call: the last that came goes first. To make one for each call, where
 * many are under way at once, costs more than small guests do; so all are kept while so many are needed.
 */
export class IdleInstances {
  readonly #instances: Instance[] = [];
  /** How few there were since it was last looked. */
  #fewest = 0;
  #look: NodeJS.Timeout | undefined;

  take(): Instance | undefined {
    const instance = this.#instances.pop();
    if (this.#instances.length < this.#fewest) this.#fewest = this.#instances.length;
    return instance;
  }

  keep(instance: Instance): void {
    if (this.#instances.push(instance) > kept) this.#watch();
  }

  #watch(): void {
    if (this.#look !== undefined) return;
    this.#fewest = this.#instances.length;
    this.#look = setTimeout(() => this.#drop(), restMs);
    this.#look.unref();
  }

  /** Drops those that were not used since it was last looked. */
  #drop(): void {
    this.#look = undefined;
    const spare = Math.min(this.#fewest, this.#instances.length - kept);
    if (spare > 0) for (const instance of this.#instances.splice(0, spare)) instance.abandon();
    if (this.#instances.length > kept) this.#watch();
  }
}
