import { keyOf, type PlacementObject } from '@kasmcloud/kube-api';

/**
 * The stored decisions as this leader knows them: what the watch brought, and over it what was just written and the
 * watch has not brought yet. Without this, a plan made at once after a write would decide the same again.
 */
export class Decided {
  readonly #ahead = new Map<string, PlacementObject>();

  wrote(placement: PlacementObject): void {
    this.#ahead.set(keyOf(placement), placement);
  }

  removed(placement: PlacementObject): void {
    this.#ahead.delete(keyOf(placement));
  }

  /** `watched`: the contents of the store. */
  over(watched: readonly PlacementObject[]): PlacementObject[] {
    const seen = new Map(watched.map((placement) => [keyOf(placement), placement]));
    for (const [key, written] of this.#ahead) {
      const there = seen.get(key);
      if (there !== undefined && there.spec.epoch >= written.spec.epoch) this.#ahead.delete(key);
      else seen.set(key, written);
    }
    return [...seen.values()];
  }
}
