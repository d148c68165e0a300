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
  /** Length of the object's JSON. */
  readonly size: number;
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

/** How far back the log reaches: as many events as one of the two allows. */
export interface EventLimits {
  readonly eventsKept: number;
  /** Sum of the sizes of the objects. */
  readonly bytesKept: number;
}

interface Window {
  events: StoreEvent[];
  bytes: number;
  /** Everything after this version is in `events`. */
  floor: number;
}

/**
 * The last events of each bucket, by which watches resume and earlier states are read. Buckets have windows of their own, so that
 * one that changes all the time, like leases, does not push out the history of the others.
 */
export class EventLog {
  readonly #limits: EventLimits;
  readonly #start: number;
  readonly #windows = new Map<string, Window>();

  /** @param start the version before the first event */
  constructor(limits: EventLimits, start: number) {
    this.#limits = limits;
    this.#start = start;
  }

  append(event: StoreEvent): void {
    const window = this.#windows.get(event.bucket) ?? { events: [], bytes: 0, floor: this.#start };
    this.#windows.set(event.bucket, window);
    window.events.push(event);
    window.bytes += event.size;
    const { eventsKept, bytesKept } = this.#limits;
    // Cut in large steps: removing the head of an array moves all of it.
    if (window.events.length >= eventsKept * 2 || window.bytes >= bytesKept * 2) cut(window, this.#limits);
  }

  /** The events of a bucket after a version, oldest first. Throws CompactedError. */
  since(bucket: string, resourceVersion: number): readonly StoreEvent[] {
    const { events, floor } = this.#windows.get(bucket) ?? { events: [] as StoreEvent[], floor: this.#start };
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

/** Drops the oldest events until both limits hold; the last one always stays. */
function cut(window: Window, { eventsKept, bytesKept }: EventLimits): void {
  let from = window.events.length - 1;
  let bytes = window.events[from]?.size ?? 0;
  while (from > 0 && window.events.length - from < eventsKept) {
    const size = window.events[from - 1]?.size ?? 0;
    if (bytes + size > bytesKept) break;
    bytes += size;
    from -= 1;
  }
  window.floor = window.events[from - 1]?.resourceVersion ?? window.floor;
  window.events = window.events.slice(from);
  window.bytes = bytes;
}
