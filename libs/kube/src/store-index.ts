/** The values under which an object is found; none when it has no place in the index. */
export type IndexKeys<T> = (object: T) => Iterable<string>;

/** Objects of a store by something other than their key, such as the host they run on. Always as fresh as the store. */
export interface Index<T> {
  /** Objects under this value, in no particular order. */
  get(value: string): readonly T[];
  has(value: string): boolean;
  /** Every value under which there is an object. */
  values(): Iterable<string>;
}

/** The writing side of an index, which belongs to its store. */
export class StoreIndex<T> implements Index<T> {
  readonly #keysOf: IndexKeys<T>;
  readonly #buckets = new Map<string, Map<string, T>>();

  constructor(keysOf: IndexKeys<T>) {
    this.#keysOf = keysOf;
  }

  get(value: string): readonly T[] {
    return [...(this.#buckets.get(value)?.values() ?? [])];
  }

  has(value: string): boolean {
    return this.#buckets.has(value);
  }

  values(): Iterable<string> {
    return this.#buckets.keys();
  }

  change(key: string, before: T | undefined, after: T | undefined): void {
    if (before !== undefined) this.#remove(key, before);
    if (after === undefined) return;
    for (const value of this.#keysOf(after)) {
      const bucket = this.#buckets.get(value) ?? new Map<string, T>();
      this.#buckets.set(value, bucket.set(key, after));
    }
  }

  #remove(key: string, object: T): void {
    for (const value of this.#keysOf(object)) {
      const bucket = this.#buckets.get(value);
      bucket?.delete(key);
      if (bucket?.size === 0) this.#buckets.delete(value);
    }
  }
}
