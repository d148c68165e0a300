import { keyOf, type PlacementObject } from '@kasmcloud/kube-api';

/**
 * The stored decisions as this leader knows them: what the watch brought, and over it what was just written and the
 * watch has not brought yet. Without this, a plan made at once after a write would decide the same again.
 */
export class Decided {
  /** By key of the Distribution, then of the Placement. */
  readonly #ahead = new Map<string, Map<string, PlacementObject>>();

  wrote(placement: PlacementObject): void {
    const distribution = distributionKey(placement);
    const ahead = this.#ahead.get(distribution) ?? new Map<string, PlacementObject>();
    this.#ahead.set(distribution, ahead.set(keyOf(placement), placement));
  }

  removed(placement: PlacementObject): void {
    this.#forget(distributionKey(placement), keyOf(placement));
  }

  /** `watched`: the Placements of one Distribution in the store. */
  over(distribution: string, watched: readonly PlacementObject[]): readonly PlacementObject[] {
    const ahead = this.#ahead.get(distribution);
    if (ahead === undefined) return watched;
    const seen = new Map(watched.map((placement) => [keyOf(placement), placement]));
    for (const [key, written] of ahead) {
      const there = seen.get(key);
      if (there !== undefined && there.spec.epoch >= written.spec.epoch) this.#forget(distribution, key);
      else seen.set(key, written);
    }
    return [...seen.values()];
  }

  #forget(distribution: string, key: string): void {
    const ahead = this.#ahead.get(distribution);
    ahead?.delete(key);
    if (ahead?.size === 0) this.#ahead.delete(distribution);
  }
}

/** `namespace/name` of the Distribution that a Placement is about. */
export const distributionKey = ({ metadata, spec }: PlacementObject): string =>
  `${metadata.namespace}/${spec.distribution}`;
