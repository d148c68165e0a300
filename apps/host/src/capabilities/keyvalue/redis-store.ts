import type { Logger } from '@kasmcloud/observe';
import { Redis } from 'ioredis';
import { PAGE_KEYS, StoreError, type KeyPage, type KeyValueStore } from './store.ts';

export interface RedisStoreOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** How long one command may take, and how long a connection may. */
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/** The bucket whose keys are Redis' keys as they are, as the provider of wasmCloud 1.x has all of them. */
const PLAIN_BUCKET = 'default';

/** Keys in Redis: of bucket `default` as they are, of any other behind the bucket's name and a colon. */
export class RedisStore implements KeyValueStore {
  readonly #redis: Redis;

  constructor({ url, timeoutMs, logger }: RedisStoreOptions) {
    this.#redis = new Redis(url, {
      lazyConnect: true,
      connectTimeout: timeoutMs,
      commandTimeout: timeoutMs,
      maxRetriesPerRequest: 1,
      retryStrategy: (times) => Math.min(times * 100, 2_000),
    });
    this.#redis.on('error', (error: unknown) => logger.debug({ err: error }, 'redis connection failed'));
  }

  async get(bucket: string, key: string): Promise<Uint8Array | undefined> {
    const value = await tell(this.#redis.getBuffer(keyIn(bucket, key)));
    return value === null ? undefined : Uint8Array.from(value);
  }

  async set(bucket: string, key: string, value: Uint8Array): Promise<void> {
    await tell(this.#redis.set(keyIn(bucket, key), Buffer.from(value)));
  }

  async delete(bucket: string, key: string): Promise<void> {
    await tell(this.#redis.del(keyIn(bucket, key)));
  }

  async exists(bucket: string, key: string): Promise<boolean> {
    return (await tell(this.#redis.exists(keyIn(bucket, key)))) > 0;
  }

  /** The cursor is Redis' own: a key that is written meanwhile may come twice or not at all. */
  async listKeys(bucket: string, cursor: bigint | undefined): Promise<KeyPage> {
    const prefix = keyIn(bucket, '');
    const pattern = `${prefix.replaceAll(/[*?[\]\\]/g, String.raw`\$&`)}*`;
    const from = String(cursor ?? 0n);
    const [next, keys] = await tell(this.#redis.scan(from, 'MATCH', pattern, 'COUNT', PAGE_KEYS));
    return { keys: keys.map((key) => key.slice(prefix.length)), cursor: next === '0' ? undefined : BigInt(next) };
  }

  async increment(bucket: string, key: string, delta: bigint): Promise<bigint> {
    const sum = await tell(this.#redis.call('INCRBY', keyIn(bucket, key), String(delta)));
    return BigInt(String(sum));
  }

  /** Commands under way are answered first. */
  async close(): Promise<void> {
    await this.#redis.quit().catch(() => undefined);
    this.#redis.disconnect();
  }
}

const keyIn = (bucket: string, key: string): string => (bucket === PLAIN_BUCKET ? key : `${bucket}:${key}`);

/** What Redis refuses, and that it cannot be reached, are errors that the guest can handle. */
async function tell<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(/^NO(AUTH|PERM)/.test(why) ? { tag: 'access-denied' } : { tag: 'other', val: why }, { cause });
  }
}
