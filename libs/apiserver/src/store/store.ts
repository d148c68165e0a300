import type { KubeObject } from '../object.ts';
import { Bucket, type LabelPair } from './bucket.ts';
import { EventLog, type EventLimits, type StoreEvent } from './event-log.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { StoredObject, storedText } from './stored-text.ts';

export type StoreListener = (event: StoreEvent) => void;

/** Takes the changes of one bucket that became durable together, in order. */
export type CommitListener = (events: readonly StoreEvent[]) => void;

/** The journal could not make a change durable. What memory holds is not what the disk holds: nothing goes on. */
export class StoreFailedError extends Error {
  constructor(cause: unknown) {
    super(`the store has stopped: its journal failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.name = 'StoreFailedError';
  }
}

interface Entry {
  readonly key: string;
  readonly stored: StoredObject;
}

/** The objects of one bucket at one version, in the order of namespace, then name. */
export class Snapshot {
  readonly resourceVersion: number;
  /** For readers of a part: an object is only made when it is asked for. */
  readonly entries: readonly Entry[];

  constructor(resourceVersion: number, entries: readonly Entry[]) {
    this.resourceVersion = resourceVersion;
    this.entries = entries;
  }

  get objects(): readonly KubeObject[] {
    return this.entries.map(({ stored }) => stored.object);
  }
}

export const objectKey = (namespace: string, name: string): string => `${namespace}/${name}`;

/**
 * All objects of one cluster in memory, with a journal behind them and one resource version that only grows.
 * Reads and writes are synchronous: what a caller reads stays true until it yields, so a read followed by a write
 * in the same turn needs no lock.
 *
 * A write is durable a moment later: all writes of one turn of the event loop, and those that arrived while the last
 * commit ran, are committed together, and the next gather meanwhile. Whoever tells the world of what he read or wrote
 * awaits `durable` first.
 */
export class Store {
  readonly #buckets = new Map<string, Bucket>();
  readonly #commitListeners = new Map<string, Set<CommitListener>>();
  readonly #listeners = new Set<StoreListener>();
  readonly #journal: Journal;
  readonly #log: EventLog;
  readonly #onFailure: (error: StoreFailedError) => void;
  #resourceVersion: number;
  #durableVersion: number;
  /** Written and not yet given to the journal, in order. */
  #open: StoreEvent[] = [];
  /** Of the commit of what is open. */
  #next: PromiseWithResolvers<void> | undefined;
  /** Of the commit that runs. */
  #running: PromiseWithResolvers<void> | undefined;
  #failure: StoreFailedError | undefined;

  /** @param options.onFailure told once when the journal fails; no write is taken after that */
  constructor(journal: Journal, options: EventLimits & { readonly onFailure?: (error: StoreFailedError) => void }) {
    this.#journal = journal;
    this.#onFailure = options.onFailure ?? ((): void => undefined);
    const { resourceVersion, values } = journal.load();
    // Zero means "any version" in a request, so the first version of all is 1.
    this.#resourceVersion = Math.max(resourceVersion, 1);
    this.#durableVersion = this.#resourceVersion;
    this.#log = new EventLog(options, this.#resourceVersion);
    for (const { key, value } of values) {
      const [bucket = '', namespace = '', name = ''] = key.split('/');
      this.#bucket(bucket).put(objectKey(namespace, name), StoredObject.fromText(value));
    }
  }

  /** The version up to which everything is durable, and up to which commit listeners were told. */
  get durableVersion(): number {
    return this.#durableVersion;
  }

  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  get(bucket: string, key: string): KubeObject | undefined {
    return this.#buckets.get(bucket)?.get(key)?.object;
  }

  /**
   * The objects of a bucket now, or as they were at an earlier resource version. `labels`: objects without them may be
   * left out. Throws CompactedError.
   */
  list(
    bucket: string,
    at: {
      readonly namespace?: string;
      readonly resourceVersion?: number;
      readonly labels?: readonly LabelPair[];
    } = {},
  ): Snapshot {
    const resourceVersion = at.resourceVersion ?? this.#resourceVersion;
    const held = this.#bucket(bucket);
    const undone = this.#log.undo(bucket, resourceVersion);
    const keys =
      undone.size === 0 ? held.keysNear(at.labels ?? []) : [...new Set([...held.keys(), ...undone.keys()])].toSorted();
    const prefix = at.namespace === undefined ? '' : `${at.namespace}/`;
    const entries: Entry[] = [];
    for (const key of keys) {
      if (!key.startsWith(prefix)) continue;
      const earlier = undone.get(key);
      const before = earlier === undefined ? undefined : StoredObject.of(earlier);
      const stored = undone.has(key) ? before : held.get(key);
      if (stored !== undefined) entries.push({ key, stored });
    }
    return new Snapshot(resourceVersion, entries);
  }

  /** Resolves when everything written before this call is durable. Throws StoreFailedError. */
  async durable(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await (this.#next ?? this.#running)?.promise;
  }

  /** Writes an object under the next resource version and returns it as stored. */
  put(bucket: string, object: KubeObject): KubeObject {
    const key = objectKey(object.metadata.namespace ?? '', object.metadata.name);
    const held = this.#bucket(bucket);
    const previous = held.get(key)?.object;
    const resourceVersion = this.#nextVersion();
    const stored = withVersion(object, resourceVersion);
    held.put(key, StoredObject.of(stored));
    const kind = previous === undefined ? 'added' : 'modified';
    const size = storedText(stored).length;
    this.#append({ kind, bucket, key, object: stored, previous, resourceVersion, size });
    return stored;
  }

  /** Removes an object; returns its last state under the deletion's resource version, or undefined if it was not there. */
  remove(bucket: string, key: string): KubeObject | undefined {
    const held = this.#bucket(bucket);
    const previous = held.get(key)?.object;
    if (previous === undefined) return undefined;
    const resourceVersion = this.#nextVersion();
    held.remove(key);
    const object = withVersion(previous, resourceVersion);
    const size = storedText(previous).length;
    this.#append({ kind: 'deleted', bucket, key, object, previous, resourceVersion, size });
    return object;
  }

  /** Calls `listener` with every later change of a bucket once it is durable, in order, a commit at a time. */
  subscribe(bucket: string, listener: CommitListener): () => void {
    const listeners = this.#commitListeners.get(bucket) ?? new Set();
    this.#commitListeners.set(bucket, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Calls `listener` on every later change of any bucket, in order, before the writer goes on. */
  subscribeAll(listener: StoreListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The events of a bucket after a resource version, oldest first. Throws CompactedError. */
  eventsSince(bucket: string, resourceVersion: number): readonly StoreEvent[] {
    return this.#log.since(bucket, resourceVersion);
  }

  /** Commits what is open and lets go of the journal. */
  async close(): Promise<void> {
    // A journal that failed was told through onFailure.
    await this.durable().catch(() => undefined);
    this.#commitListeners.clear();
    this.#listeners.clear();
    await this.#journal.close();
  }

  #nextVersion(): number {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#resourceVersion + 1;
  }

  #append(event: StoreEvent): void {
    this.#resourceVersion = event.resourceVersion;
    this.#log.append(event);
    this.#open.push(event);
    if (this.#next === undefined) {
      this.#next = Promise.withResolvers();
      // A commit that fails is told through onFailure, also when nobody waits for it.
      this.#next.promise.catch(() => undefined);
      // After the requests that have arrived by now: they share the commit.
      if (this.#running === undefined) setImmediate(() => void this.#commitOpen());
    }
    for (const listener of this.#listeners) listener(event);
  }

  async #commitOpen(): Promise<void> {
    for (let commit = this.#next; commit !== undefined; commit = this.#next) {
      const events = this.#open;
      this.#open = [];
      this.#next = undefined;
      this.#running = commit;
      try {
        await this.#journal.commit(events.map(entryOf));
      } catch (error) {
        this.#fail(new StoreFailedError(error));
        return;
      }
      this.#durableVersion = events.at(-1)?.resourceVersion ?? this.#durableVersion;
      this.#running = undefined;
      commit.resolve();
      for (const [bucket, ofBucket] of Map.groupBy(events, (event) => event.bucket))
        for (const listener of this.#commitListeners.get(bucket) ?? []) listener(ofBucket);
    }
  }

  #fail(failure: StoreFailedError): void {
    this.#failure = failure;
    this.#running?.reject(failure);
    this.#next?.reject(failure);
    this.#onFailure(failure);
  }

  #bucket(name: string): Bucket {
    const held = this.#buckets.get(name) ?? new Bucket();
    this.#buckets.set(name, held);
    return held;
  }
}

const withVersion = (object: KubeObject, resourceVersion: number): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(resourceVersion) },
});

const entryOf = ({ kind, bucket, key, object, resourceVersion }: StoreEvent): JournalEntry => ({
  key: `${bucket}/${key}`,
  value: kind === 'deleted' ? undefined : storedText(object),
  resourceVersion,
});
