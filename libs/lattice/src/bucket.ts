import { JetStreamApiCodes, JetStreamApiError, jetstream } from '@nats-io/jetstream';
import { Kvm, type KV, type KvEntry } from '@nats-io/kv';
import { plainBytes, type LatticeConnection } from './connection.ts';
import { within, type Deadline } from './deadline.ts';
import { RequestTimeoutError, RevisionConflictError } from './error.ts';

export interface BucketEntry {
  readonly key: string;
  /** Undefined when the key was deleted. */
  readonly value: Uint8Array | undefined;
  readonly revision: number;
}

export interface BucketOptions extends Deadline {
  /** JetStream domain, where servers are joined by leaf nodes. */
  readonly domain?: string;
}

/**
 * Opens a JetStream key-value bucket, or creates it as wasmCloud 1.x hosts do: one revision per key, in files, for ever.
 * @throws RequestTimeoutError when JetStream does not answer
 */
export const openBucket = async (
  connection: LatticeConnection,
  name: string,
  { timeoutMs, signal, domain }: BucketOptions,
): Promise<Bucket> => {
  await connection.connected({ timeoutMs, signal });
  const manager = new Kvm(
    jetstream(connection.nats, { timeout: timeoutMs, ...(domain === undefined ? {} : { domain }) }),
  );
  const deadline = { timeoutMs, signal };
  return new Bucket(
    name,
    await within(`The bucket ${name}`, deadline, manager.create(name, { history: 1 })),
    timeoutMs,
  );
};

/**
 * Opens a bucket of someone else's: undefined where there is none.
 * @throws RequestTimeoutError when JetStream does not answer
 */
export const findBucket = async (
  connection: LatticeConnection,
  name: string,
  { timeoutMs, signal, domain }: BucketOptions,
): Promise<Bucket | undefined> => {
  await connection.connected({ timeoutMs, signal });
  const context = jetstream(connection.nats, { timeout: timeoutMs, ...(domain === undefined ? {} : { domain }) });
  const open = async (): Promise<KV | undefined> => {
    try {
      const kv = await new Kvm(context).open(name);
      await kv.status();
      return kv;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
      throw error;
    }
  };
  const kv = await within(`The bucket ${name}`, { timeoutMs, signal }, open());
  return kv && new Bucket(name, kv, timeoutMs);
};

/** How often keys are asked for until it takes too long. */
const KEY_TURNS = 3;

const entryOf = (entry: KvEntry): BucketEntry => ({
  key: entry.key,
  value: entry.operation === 'PUT' ? plainBytes(entry.value) : undefined,
  revision: entry.revision,
});

/** A key-value bucket. Every method rejects with RequestTimeoutError when JetStream does not answer in time. */
export class Bucket {
  readonly name: string;
  readonly #kv: KV;
  readonly #timeoutMs: number;

  constructor(name: string, kv: KV, timeoutMs: number) {
    this.name = name;
    this.#kv = kv;
    this.#timeoutMs = timeoutMs;
  }

  async get(key: string, signal?: AbortSignal): Promise<BucketEntry | undefined> {
    const entry = await this.#within(`The key ${key}`, this.#kv.get(key), signal);
    return entry === null ? undefined : entryOf(entry);
  }

  /** Returns the new revision. */
  async put(key: string, value: Uint8Array, signal?: AbortSignal): Promise<number> {
    return this.#within(`The write of ${key}`, this.#kv.put(key, value), signal);
  }

  /**
   * Writes only if the key is still at `revision`; 0 means that it must not exist.
   * @throws RevisionConflictError
   */
  async update(key: string, value: Uint8Array, revision: number, signal?: AbortSignal): Promise<number> {
    const write = revision === 0 ? this.#kv.create(key, value) : this.#kv.update(key, value, revision);
    return this.#ifAt(key, revision, this.#within(`The write of ${key}`, write, signal));
  }

  /** Removes the key and its history. */
  async purge(key: string, signal?: AbortSignal): Promise<void> {
    return this.#within(`The purge of ${key}`, this.#kv.purge(key), signal);
  }

  /**
   * As `purge`, if the key is still at `revision`.
   * @throws RevisionConflictError
   */
  async remove(key: string, revision: number, signal?: AbortSignal): Promise<void> {
    const purge = this.#kv.purge(key, { previousSeq: revision });
    return this.#ifAt(key, revision, this.#within(`The purge of ${key}`, purge, signal));
  }

  /** When the bucket was made, RFC 3339: what tells it from another of the same name. */
  async born(signal?: AbortSignal): Promise<string> {
    const { streamInfo } = await this.#within(`The state of ${this.name}`, this.#kv.status(), signal);
    return streamInfo.created;
  }

  /**
   * All keys that have a value. A key that is purged while they are told can leave the client waiting for one that never
   * comes: so they are asked for anew within the time that there is.
   */
  async keys(signal?: AbortSignal): Promise<string[]> {
    for (let turn = 1; ; turn++) {
      try {
        return await this.#keysWithin(this.#timeoutMs / KEY_TURNS, signal);
      } catch (error) {
        if (!(error instanceof RequestTimeoutError) || turn === KEY_TURNS) throw error;
      }
    }
  }

  async #keysWithin(timeoutMs: number, signal: AbortSignal | undefined): Promise<string[]> {
    const what = `The keys of ${this.name}`;
    const told = await within(what, { timeoutMs, signal }, this.#kv.keys());
    const collect = async (): Promise<string[]> => {
      const keys: string[] = [];
      for await (const key of told) keys.push(key);
      return keys;
    };
    try {
      return await within(what, { timeoutMs, signal }, collect());
    } finally {
      told.stop();
    }
  }

  /** All present values, then every change, until the signal aborts. */
  async *watch(signal: AbortSignal): AsyncGenerator<BucketEntry> {
    const changes = await this.#within(`The watch of ${this.name}`, this.#kv.watch(), signal);
    const stop = (): void => changes.stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const entry of changes) yield entryOf(entry);
    } finally {
      signal.removeEventListener('abort', stop);
      changes.stop();
    }
  }

  async #ifAt<T>(key: string, revision: number, write: Promise<T>): Promise<T> {
    try {
      return await write;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence)
        throw new RevisionConflictError(key, revision, { cause: error });
      throw error;
    }
  }

  #within<T>(what: string, work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return within(what, { timeoutMs: this.#timeoutMs, signal }, work);
  }
}
