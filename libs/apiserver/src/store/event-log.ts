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

interface Window {
  events: StoreEvent[];
  /** Everything after this version is in `events`. */
  floor: number;
}

/**
 * The last events of each bucket, by which watches resume and earlier states are read. Buckets have windows of their own, so that
 * one that changes all the time, like leases, does not push out the history of the others.
 */
export class EventLog {
  readonly #kept: number;
  readonly #start: number;
  readonly #windows = new Map<string, Window>();

  /** @param start the version before the first event */
  constructor(kept: number, start: number) {
    this.#kept = kept;
    this.#start = start;
  }

  append(event: StoreEvent): void {
    const window = this.#windows.get(event.bucket) ?? { events: [], floor: this.#start };
    this.#windows.set(event.bucket, window);
    window.events.push(event);
    // Cut in large steps: removing the head of an array moves all of it.
    if (window.events.length < this.#kept * 2) return;
    const cut = window.events.length - this.#kept;
    window.floor = window.events[cut - 1]?.resourceVersion ?? window.floor;
    window.events = window.events.slice(cut);
  }

  /** The events of a bucket after a version, oldest first. Throws CompactedError. */
  since(bucket: string, resourceVersion: number): readonly StoreEvent[] {
    const { events, floor } = this.#windows.get(bucket) ?? { events: [], floor: this.#start };
    if (resourceVersion < floor) throw new CompactedError(resourceVersion, floor);
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = events[middle]?.resourceVersion ?? 0;
      if (at <= resourceVersion) low = middle + 1;
      else high = middle;
    }
    return events.slice(low);
  }

  /** Objects of a bucket that were different at `resourceVersion`: key to state then, undefined where there was none. */
  undo(bucket: string, resourceVersion: number): Map<string, KubeObject | undefined> {
    const then = new Map<string, KubeObject | undefined>();
    for (const { key, previous } of this.since(bucket, resourceVersion)) {
      if (!then.has(key)) then.set(key, previous);
    }
    return then;
  }
}
