import { incremented, pageOf, StoreError, type KeyPage, type KeyValueStore } from './store.ts';

/** The most bytes of keys and values that one provider keeps in the memory of its host. */
const MAX_BYTES = 64 * 2 ** 20;

/** Keys in the memory of this host, gone with it: for development. Every bucket exists. */
export class MemoryStore implements KeyValueStore {
  readonly #buckets = new Map<string, Map<string, Uint8Array>>();
  #bytes = 0;

  async get(bucket: string, key: string): Promise<Uint8Array | undefined> {
    return this.#buckets.get(bucket)?.get(key);
  }

  async set(bucket: string, key: string, value: Uint8Array): Promise<void> {
    const keys = this.#buckets.get(bucket) ?? new Map<string, Uint8Array>();
    const grown = this.#bytes + sizeOf(key, value) - sizeOf(key, keys.get(key));
    if (grown > MAX_BYTES) {
      throw new StoreError({ tag: 'other', val: `more than ${MAX_BYTES} bytes do not fit in memory` });
    }
    this.#bytes = grown;
    this.#buckets.set(bucket, keys);
    keys.set(key, value);
  }

  async delete(bucket: string, key: string): Promise<void> {
    const keys = this.#buckets.get(bucket);
    this.#bytes -= sizeOf(key, keys?.get(key));
    keys?.delete(key);
    if (keys?.size === 0) this.#buckets.delete(bucket);
  }

  async exists(bucket: string, key: string): Promise<boolean> {
    return this.#buckets.get(bucket)?.has(key) === true;
  }

  async listKeys(bucket: string, cursor: bigint | undefined): Promise<KeyPage> {
    return pageOf([...(this.#buckets.get(bucket)?.keys() ?? [])].toSorted(), cursor);
  }

  async increment(bucket: string, key: string, delta: bigint): Promise<bigint> {
    const sum = incremented(key, this.#buckets.get(bucket)?.get(key), delta);
    await this.set(bucket, key, new TextEncoder().encode(String(sum)));
    return sum;
  }

  async close(): Promise<void> {
    this.#buckets.clear();
    this.#bytes = 0;
  }
}

const sizeOf = (key: string, value: Uint8Array | undefined): number =>
  value === undefined ? 0 : key.length * 2 + value.length;
