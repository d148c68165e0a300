import type { KubeObject } from '../object.ts';
import { EventLog, type StoreEvent } from './event-log.ts';
import type { Journal } from './journal.ts';

export type StoreListener = (event: StoreEvent) => void;

export interface Snapshot {
  readonly resourceVersion: number;
  /** In the order of namespace, then name. */
  readonly objects: readonly KubeObject[];
}

export const objectKey = (namespace: string, name: string): string => `${namespace}/${name}`;

interface Bucket {
  readonly objects: Map<string, KubeObject>;
  /** Keys in order, or undefined since the last insertion or removal. */
  sorted: readonly string[] | undefined;
}

/**
 * All objects of one cluster in memory, written through to a journal, with one resource version that only grows.
 * Every operation is synchronous: what a caller reads stays true until it yields, so a read followed by a write
 * in the same turn needs no lock.
 */
export class Store {
  readonly #buckets = new Map<string, Bucket>();
  readonly #listeners = new Map<string, Set<StoreListener>>();
  readonly #everyListener = new Set<StoreListener>();
  readonly #journal: Journal;
  readonly #log: EventLog;
  #resourceVersion: number;

  constructor(journal: Journal, options: { readonly eventsKept: number }) {
    this.#journal = journal;
    const { resourceVersion, values } = journal.load();
    // Zero means "any version" in a request, so the first version of all is 1.
    this.#resourceVersion = Math.max(resourceVersion, 1);
    this.#log = new EventLog(options.eventsKept, this.#resourceVersion);
    for (const { key, value } of values) {
      const [bucket = '', namespace = '', name = ''] = key.split('/');
      this.#bucket(bucket).objects.set(objectKey(namespace, name), JSON.parse(value) as KubeObject);
    }
  }

  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  get(bucket: string, key: string): KubeObject | undefined {
    return this.#buckets.get(bucket)?.objects.get(key);
  }

  /** The objects of a bucket now, or as they were at an earlier resource version. Throws CompactedError. */
  list(bucket: string, at: { readonly namespace?: string; readonly resourceVersion?: number } = {}): Snapshot {
    const resourceVersion = at.resourceVersion ?? this.#resourceVersion;
    const held = this.#bucket(bucket);
    const undone = this.#log.undo(bucket, resourceVersion);
    const keys =
      undone.size === 0 ? this.#keys(held) : [...new Set([...held.objects.keys(), ...undone.keys()])].toSorted();
    const prefix = at.namespace === undefined ? '' : `${at.namespace}/`;
    const objects: KubeObject[] = [];
    for (const key of keys) {
      if (!key.startsWith(prefix)) continue;
      const object = undone.has(key) ? undone.get(key) : held.objects.get(key);
      if (object !== undefined) objects.push(object);
    }
    return { resourceVersion, objects };
  }

  /** Writes an object under the next resource version and returns it as stored. */
  put(bucket: string, object: KubeObject): KubeObject {
    const key = objectKey(object.metadata.namespace ?? '', object.metadata.name);
    const held = this.#bucket(bucket);
    const previous = held.objects.get(key);
    const resourceVersion = this.#resourceVersion + 1;
    const stored = withVersion(object, resourceVersion);
    this.#journal.append({ key: `${bucket}/${key}`, value: JSON.stringify(stored), resourceVersion });
    held.objects.set(key, stored);
    if (previous === undefined) held.sorted = undefined;
    const kind = previous === undefined ? 'added' : 'modified';
    this.#commit({ kind, bucket, key, object: stored, previous, resourceVersion });
    return stored;
  }

  /** Removes an object; returns its last state under the deletion's resource version, or undefined if it was not there. */
  remove(bucket: string, key: string): KubeObject | undefined {
    const held = this.#bucket(bucket);
    const previous = held.objects.get(key);
    if (previous === undefined) return undefined;
    const resourceVersion = this.#resourceVersion + 1;
    this.#journal.append({ key: `${bucket}/${key}`, value: undefined, resourceVersion });
    held.objects.delete(key);
    held.sorted = undefined;
    const object = withVersion(previous, resourceVersion);
    this.#commit({ kind: 'deleted', bucket, key, object, previous, resourceVersion });
    return object;
  }

  /** Calls `listener` on every later change of a bucket, in order, before the writer goes on. */
  subscribe(bucket: string, listener: StoreListener): () => void {
    const listeners = this.#listeners.get(bucket) ?? new Set();
    this.#listeners.set(bucket, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Calls `listener` on every later change of any bucket. */
  subscribeAll(listener: StoreListener): () => void {
    this.#everyListener.add(listener);
    return () => this.#everyListener.delete(listener);
  }

  /** The events of a bucket after a resource version, oldest first. Throws CompactedError. */
  eventsSince(bucket: string, resourceVersion: number): readonly StoreEvent[] {
    return this.#log.since(bucket, resourceVersion);
  }

  close(): void {
    this.#listeners.clear();
    this.#everyListener.clear();
    this.#journal.close();
  }

  #commit(event: StoreEvent): void {
    this.#resourceVersion = event.resourceVersion;
    this.#log.append(event);
    for (const listener of this.#listeners.get(event.bucket) ?? []) listener(event);
    for (const listener of this.#everyListener) listener(event);
  }

  #bucket(name: string): Bucket {
    const held = this.#buckets.get(name) ?? { objects: new Map(), sorted: undefined };
    this.#buckets.set(name, held);
    return held;
  }

  #keys(held: Bucket): readonly string[] {
    held.sorted ??= [...held.objects.keys()].toSorted();
    return held.sorted;
  }
}

const withVersion = (object: KubeObject, resourceVersion: number): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(resourceVersion) },
});
