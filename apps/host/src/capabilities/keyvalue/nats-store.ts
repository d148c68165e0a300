import { openBucket, RevisionConflictError, type Bucket, type LatticeConnection } from '@kasmcloud/lattice';
import { incremented, pageOf, StoreError, type KeyPage, type KeyValueStore } from './store.ts';

export interface NatsStoreOptions {
  readonly connection: LatticeConnection;
  /** JetStream domain, where servers are joined by leaf nodes. */
  readonly domain: string | undefined;
  /** The only bucket that exists for the guest, whatever it calls it; undefined: the guest's name is the bucket's. */
  readonly bucket: string | undefined;
  readonly timeoutMs: number;
}

/** How often an increment starts anew because someone else was quicker. */
const MAX_CONFLICTS = 100;

/** Keys in JetStream key-value buckets, made when they are first used. */
export class NatsStore implements KeyValueStore {
  readonly #options: NatsStoreOptions;
  readonly #buckets = new Map<string, Promise<Bucket>>();

  constructor(options: NatsStoreOptions) {
    this.#options = options;
  }

  async get(bucket: string, key: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const entry = await (await this.#open(bucket, key)).get(key, signal);
    // A copy: the client's bytes are a view of all that came with them.
    return entry?.value?.slice();
  }

  async set(bucket: string, key: string, value: Uint8Array, signal: AbortSignal): Promise<void> {
    await (await this.#open(bucket, key)).put(key, value, signal);
  }

  async delete(bucket: string, key: string, signal: AbortSignal): Promise<void> {
    await (await this.#open(bucket, key)).purge(key, signal);
  }

  async exists(bucket: string, key: string, signal: AbortSignal): Promise<boolean> {
    return (await this.get(bucket, key, signal)) !== undefined;
  }

  async listKeys(bucket: string, cursor: bigint | undefined, signal: AbortSignal): Promise<KeyPage> {
    return pageOf((await (await this.#open(bucket)).keys(signal)).toSorted(), cursor);
  }

  async increment(bucket: string, key: string, delta: bigint, signal: AbortSignal): Promise<bigint> {
    const opened = await this.#open(bucket, key);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const entry = await opened.get(key, signal);
      const sum = incremented(key, entry?.value, delta);
      try {
        await opened.update(key, Buffer.from(String(sum)), entry?.revision ?? 0, signal);
        return sum;
      } catch (error) {
        if (!(error instanceof RevisionConflictError)) throw error;
      }
    }
    throw new StoreError({ tag: 'other', val: `${key} is written too often to be incremented` });
  }

  async close(): Promise<void> {
    this.#buckets.clear();
  }

  /** @throws {StoreError} for a name that NATS does not take */
  async #open(named: string, key?: string): Promise<Bucket> {
    const name = this.#options.bucket ?? named;
    if (!/^[A-Za-z0-9_-]+$/.test(name)) throw new StoreError({ tag: 'no-such-store' });
    if (key !== undefined && !/^[-/_=A-Za-z0-9]+(\.[-/_=A-Za-z0-9]+)*$/.test(key)) {
      throw new StoreError({
        tag: 'other',
        val: `NATS takes letters, digits, - _ / = and single dots in a key: ${key}`,
      });
    }
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const { connection, timeoutMs, domain } = this.#options;
    const opening = openBucket(connection, name, { timeoutMs, ...(domain !== undefined && { domain }) });
    this.#buckets.set(name, opening);
    // One that failed is opened anew next time.
    opening.catch(() => this.#buckets.delete(name));
    return opening;
  }
}
