import { keyOf, type Kind, type KubeObject } from '@kasmcloud/kube-api';
import { backoffMs, type Backoff, type Clock, type Random } from '@kasmcloud/reconcile';
import type { KubeClient } from './client.ts';
import type { Selection } from './client-options.ts';
import { KubeError, UnreachableError } from './errors.ts';
import type { WatchEvent } from './watch.ts';
import { StoreIndex, type Index, type IndexKeys } from './store-index.ts';

export interface StoreOptions<T> extends Selection {
  readonly client: Pick<KubeClient, 'server' | 'pages' | 'watch'>;
  readonly kind: Kind;
  readonly clock: Clock;
  readonly random: Random;
  /**
   * What is kept of each object: parse it, and drop what nobody reads, because everything stays in memory. An object
   * for which it throws is told to `onError` and changes nothing. Should drop `metadata.managedFields`.
   */
  readonly keep: (object: KubeObject) => T;
  /** Told every failed list, broken watch, unreadable object and throwing handler. The store goes on by itself. */
  readonly onError: (error: unknown) => void;
  readonly backoff?: Backoff;
  /** Objects read at a time. Default 500. */
  readonly pageSize?: number;
  /** See WatchOptions. */
  readonly idleMs?: number;
}

/** Called after the store and its indexes have changed; `before` is absent for a new object, `after` for a deleted one. */
export type ChangeHandler<T> = (key: string, before: T | undefined, after: T | undefined) => void;

/** Called when the server goes out of reach or comes back; `error` says why it went. */
export type ReachabilityHandler = (reachable: boolean, error: unknown) => void;

interface Entry<T> {
  readonly resourceVersion: string | undefined;
  readonly value: T;
}

const patience: Backoff = { baseMs: 200, maxMs: 15_000, jitter: 0.5 };

/** A watch that ended sooner than this and brought nothing counts as a failure, so that it is not repeated at once. */
const shortestWatchMs = 1_000;

/**
 * Every object of one kind, kept current by a list and a watch, readable without waiting. Keys are `namespace/name`,
 * or the name alone. When the server is out of reach the store keeps what it last knew and says so: absence of an
 * answer is never absence of objects.
 */
export class Store<T> {
  /** Resolves after the first complete list; rejects when the store is closed before. */
  readonly synced: Promise<void>;
  readonly #options: StoreOptions<T>;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #indexes = new Set<StoreIndex<T>>();
  readonly #changed = new Set<ChangeHandler<T>>();
  readonly #reached = new Set<ReachabilityHandler>();
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  /** Ends the wait between two tries. */
  #waiting = new AbortController();
  readonly #firstList = Promise.withResolvers<void>();
  #hasSynced = false;
  #reachable = false;
  #lastContact: number | undefined;
  /** Where the next watch begins; undefined when a list must come first. */
  #version: string | undefined;

  constructor(options: StoreOptions<T>) {
    this.#options = options;
    this.synced = this.#firstList.promise;
    // Nobody has to wait for it.
    this.synced.catch(() => undefined);
    this.#running = this.#run();
  }

  /**
   * Puts in what was known of the server before, until its first list takes the place of all of it. That list tells every
   * object of its own as changed: versions of a server that may have been set back since say nothing. After the first
   * list it does nothing.
   */
  seed(objects: Iterable<KubeObject>): void {
    if (this.#hasSynced) return;
    for (const object of objects) this.#put(object, undefined);
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.value;
  }

  list(): readonly T[] {
    return Array.from(this.#entries.values(), (entry) => entry.value);
  }

  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  get size(): number {
    return this.#entries.size;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** False before the first list, and while the server cannot be listed or watched: contents may then be old. */
  get reachable(): boolean {
    return this.#reachable;
  }

  /** When the server last said anything about this kind, on the clock's steady scale; undefined before. */
  get lastContact(): number | undefined {
    return this.#lastContact;
  }

  /** A lasting index over the store, filled at once. */
  index(keysOf: IndexKeys<T>): Index<T> {
    const index = new StoreIndex(keysOf);
    for (const [key, { value }] of this.#entries) index.change(key, undefined, value);
    this.#indexes.add(index);
    return index;
  }

  /** Calls the handler for every object that is there, then for every change. The returned function ends that. */
  onChange(handler: ChangeHandler<T>): () => void {
    this.#changed.add(handler);
    for (const [key, { value }] of this.#entries) this.#tell(() => handler(key, undefined, value));
    return () => void this.#changed.delete(handler);
  }

  onReachable(handler: ReachabilityHandler): () => void {
    this.#reached.add(handler);
    return () => void this.#reached.delete(handler);
  }

  /** For who knows that the server answers again: a wait before the next try ends now. */
  hurry(): void {
    this.#waiting.abort();
  }

  /** Ends the watch; contents stay readable and no handler is called any more. */
  async close(): Promise<void> {
    this.#stopping.abort();
    this.#waiting.abort();
    this.#firstList.reject(new UnreachableError(this.#options.client.server, 'the store was closed before its list'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, random, backoff = patience } = this.#options;
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted;) {
      const { lived, error } = await this.#listAndWatch();
      if (signal.aborted) return;
      if (lived) failures = 0;
      if (lived && error === undefined) continue;
      if (error !== undefined) this.#failed(error, failures);
      failures++;
      this.#waiting = new AbortController();
      await clock.sleep(backoffMs(backoff, failures, random), this.#waiting.signal);
    }
  }

  #failed(error: unknown, failuresBefore: number): void {
    // The server speaks, but not from this version on: Gone, or something else that only a new list can cure.
    if (error instanceof KubeError) this.#version = undefined;
    this.#options.onError(error);
    // One broken stream is everyday; the server is out of reach when the next try fails as well.
    if (failuresBefore > 0 || !this.#hasSynced) this.#setReachable(false, error);
  }

  /** Lists if need be, then watches until that ends. `lived` is false for a watch that ended before it was of use. */
  async #listAndWatch(): Promise<{ lived: boolean; error: unknown }> {
    const { clock } = this.#options;
    let openedAt: number | undefined;
    let events = 0;
    let error: unknown;
    try {
      this.#version ??= await this.#relist();
      const opened = (): void => {
        openedAt = clock.steady();
        this.#contact();
        this.#setReachable(true, undefined);
      };
      for await (const event of this.#watch(this.#version, opened)) {
        events++;
        this.#contact();
        this.#take(event);
      }
    } catch (caught) {
      error = caught;
    }
    const lived = events > 0 || (openedAt !== undefined && clock.steady() - openedAt >= shortestWatchMs);
    return { lived, error };
  }

  /** Reads every object; returns the version read. What is gone is removed only after a complete list. */
  async #relist(): Promise<string> {
    const { client, kind, namespace, labelSelector, fieldSelector, pageSize = 500 } = this.#options;
    const seen = new Set<string>();
    let version = '';
    const selection = { namespace, labelSelector, fieldSelector, limit: pageSize, signal: this.#stopping.signal };
    for await (const { items, resourceVersion } of client.pages(kind, selection)) {
      this.#contact();
      version = resourceVersion;
      for (const object of items) {
        seen.add(keyOf(object));
        this.#put(object, object.metadata.resourceVersion);
      }
    }
    for (const key of this.#entries.keys()) if (!seen.has(key)) this.#change(key, undefined);
    if (!this.#hasSynced) {
      this.#hasSynced = true;
      this.#setReachable(true, undefined);
      this.#firstList.resolve();
    }
    return version;
  }

  #watch(resourceVersion: string, onOpen: () => void): AsyncIterable<WatchEvent<KubeObject>> {
    const { client, kind, namespace, labelSelector, fieldSelector, idleMs } = this.#options;
    const selection = { namespace, labelSelector, fieldSelector, resourceVersion, signal: this.#stopping.signal };
    return client.watch(kind, { ...selection, ...(idleMs !== undefined && { idleMs }), onOpen });
  }

  #take(event: WatchEvent<KubeObject>): void {
    const { resourceVersion } = event.type === 'BOOKMARK' ? event : event.object.metadata;
    if (isOlder(resourceVersion, this.#version)) {
      // The server lost its data or was set back: nothing that happened below our version would ever reach us.
      const [from, to] = [this.#version, resourceVersion];
      this.#version = undefined;
      throw new UnreachableError(this.#options.client.server, `resource versions went back from ${from} to ${to}`);
    }
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#put(event.object, resourceVersion);
        break;
      case 'DELETED':
        this.#change(keyOf(event.object), undefined);
        break;
      case 'BOOKMARK':
        break;
    }
    this.#version = resourceVersion ?? this.#version;
  }

  #put(object: KubeObject, resourceVersion: string | undefined): void {
    const key = keyOf(object);
    const known = this.#entries.get(key);
    if (known !== undefined && known.resourceVersion === resourceVersion) return;
    try {
      this.#change(key, { resourceVersion, value: this.#options.keep(object) });
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #change(key: string, entry: Entry<T> | undefined): void {
    const before = this.#entries.get(key)?.value;
    const after = entry?.value;
    if (before === undefined && after === undefined) return;
    if (entry === undefined) this.#entries.delete(key);
    else this.#entries.set(key, entry);
    for (const index of this.#indexes) index.change(key, before, after);
    for (const handler of this.#changed) this.#tell(() => handler(key, before, after));
  }

  #contact(): void {
    this.#lastContact = this.#options.clock.steady();
  }

  #setReachable(reachable: boolean, error: unknown): void {
    if (this.#reachable === reachable) return;
    this.#reachable = reachable;
    for (const handler of this.#reached) this.#tell(() => handler(reachable, error));
  }

  #tell(handler: () => void): void {
    if (this.#stopping.signal.aborted) return;
    try {
      handler();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}

/** Resource versions of one kind are growing decimal numbers; what is not one is not compared. */
function isOlder(version: string | undefined, than: string | undefined): boolean {
  const digits = /^\d+$/;
  if (version === undefined || than === undefined || !digits.test(version) || !digits.test(than)) return false;
  return BigInt(version) < BigInt(than);
}

/** The object without what only the API server needs: the `keep` of stores that read objects whole. */
export function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
