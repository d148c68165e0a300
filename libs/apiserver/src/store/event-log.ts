import type { KubeObject } from '../object.ts';

/** One committed change. `object` is the state after it, for a deletion the last state with the deletion's version. */
export interface StoreEvent {
  readonly kind: 'added' | 'modified' | 'deleted';
  /** `plural.group`: all versions of a resource share one bucket. */
  readonly bucket: string;
  /** `namespace/name`, or `/name` for cluster-scoped objects. */
  readonly key: string;
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
  readonly resourceVersion: number;
}

/** The events wanted start before the oldest one kept. */
export class CompactedError extends Error {
  readonly asked: number;
  readonly oldest: number;

  constructor(asked: number, oldest: number) {
    super(`resource version ${asked} is older than the oldest one kept, ${oldest}`);
    this.name = 'CompactedError';
    this.asked = asked;
    this.oldest = oldest;
  }
}

/** The last events of all buckets, by which watches resume and earlier states are read. */
export class EventLog {
  readonly #kept: number;
  #events: StoreEvent[] = [];
  /** Everything after this version is in the log. */
  #floor: number;

  constructor(kept: number, floor: number) {
    this.#kept = kept;
    this.#floor = floor;
  }

  append(event: StoreEvent): void {
    this.#events.push(event);
    // Cut in large steps: removing the head of an array moves all of it.
    if (this.#events.length < this.#kept * 2) return;
    const cut = this.#events.length - this.#kept;
    this.#floor = this.#events[cut - 1]?.resourceVersion ?? this.#floor;
    this.#events = this.#events.slice(cut);
  }

  since(bucket: string, resourceVersion: number): StoreEvent[] {
    return this.#after(resourceVersion).filter((event) => event.bucket === bucket);
  }

  /** Objects of a bucket that were different at `resourceVersion`: key to state then, undefined where there was none. */
  undo(bucket: string, resourceVersion: number): Map<string, KubeObject | undefined> {
    const then = new Map<string, KubeObject | undefined>();
    for (const { key, previous } of this.since(bucket, resourceVersion)) {
      if (!then.has(key)) then.set(key, previous);
    }
    return then;
  }

  #after(resourceVersion: number): readonly StoreEvent[] {
    if (resourceVersion < this.#floor) throw new CompactedError(resourceVersion, this.#floor);
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.#events[middle]?.resourceVersion ?? 0;
      if (at <= resourceVersion) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low);
  }
}
