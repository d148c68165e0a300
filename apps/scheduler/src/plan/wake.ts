import { earliest } from '../earliest.ts';

/** Dirty keys that are due at a time of their own. One time for each key: the last that was set. */
export class Wake {
  readonly #times = new Map<string, number>();

  /** `at`: milliseconds since the epoch; undefined for never. */
  set(key: string, at: number | undefined): void {
    if (at === undefined) this.#times.delete(key);
    else this.#times.set(key, at);
  }

  /** Takes the keys whose time has come. */
  due(now: number): string[] {
    const keys = [...this.#times].filter(([, at]) => at <= now).map(([key]) => key);
    for (const key of keys) this.#times.delete(key);
    return keys;
  }

  get nextAt(): number | undefined {
    return earliest(this.#times.values());
  }
}
