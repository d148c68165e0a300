import { createHash } from 'node:crypto';
import {
  jetstream,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  type StoredMsg,
} from '@nats-io/jetstream';
import { Objm, type ObjectInfo as NatsObjectInfo, type ObjectStore } from '@nats-io/obj';
import { plainBytes, type LatticeConnection } from './connection.ts';
import { within, type Deadline } from './deadline.ts';

export interface ObjectStoresOptions {
  /** How long each answer of JetStream may take. */
  readonly timeoutMs: number;
  /** JetStream domain, where servers are joined by leaf nodes. */
  readonly domain?: string | undefined;
}

export interface ObjectInfo {
  readonly name: string;
  readonly sizeBytes: number;
  /** RFC 3339. */
  readonly modifiedAt: string;
}

/** An object has other bytes than its digest says. */
export class CorruptObjectError extends Error {
  override readonly name = 'CorruptObjectError';
}

const DIGEST_TYPE = 'SHA-256=';

/** JetStream object buckets of one connection. Every method rejects with RequestTimeoutError when there is no answer in time. */
export class ObjectStores {
  readonly #connection: LatticeConnection;
  readonly #timeoutMs: number;
  readonly #js: JetStreamClient;

  constructor(connection: LatticeConnection, { timeoutMs, domain }: ObjectStoresOptions) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    this.#js = jetstream(connection.nats, { timeout: timeoutMs, ...(domain !== undefined && { domain }) });
  }

  /** The bucket of that name; undefined when there is none. */
  async open(bucket: string, signal?: AbortSignal): Promise<ObjectBucket | undefined> {
    const open = async (): Promise<ObjectBucket> => {
      const manager = await this.#manager();
      const { created, config } = await manager.streams.info(streamOf(bucket));
      const store = await new Objm(this.#js).open(bucket, false);
      return new ObjectBucket(bucket, created, store, manager, config.allow_direct, this.#timeoutMs);
    };
    return this.#unlessMissing(this.#within(`The bucket ${bucket}`, open(), signal));
  }

  /** Makes a bucket, in files; one that is there stays as it is. */
  async create(bucket: string, signal?: AbortSignal): Promise<void> {
    await this.#within(`The bucket ${bucket}`, new Objm(this.#js).create(bucket), signal);
  }

  /** Deletes a bucket with all that is in it, if it is there. */
  async delete(bucket: string, signal?: AbortSignal): Promise<void> {
    const remove = async (): Promise<boolean> => (await this.#manager()).streams.delete(streamOf(bucket));
    await this.#unlessMissing(this.#within(`The deletion of bucket ${bucket}`, remove(), signal));
  }

  #manager(): Promise<JetStreamManager> {
    // Without its check, which asks for the account's limits each time.
    return this.#js.jetstreamManager(false);
  }

  async #unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
      throw error;
    }
  }

  async #within<T>(what: string, work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    await this.#connection.connected({ timeoutMs: this.#timeoutMs, signal });
    return within(what, { timeoutMs: this.#timeoutMs, signal }, work);
  }
}

/** One bucket of objects. */
export class ObjectBucket {
  readonly name: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly #store: ObjectStore;
  readonly #manager: JetStreamManager;
  /** Whether any replica may answer, not only the stream's leader. */
  readonly #isDirect: boolean;
  readonly #timeoutMs: number;

  constructor(
    name: string,
    createdAt: string,
    store: ObjectStore,
    manager: JetStreamManager,
    isDirect: boolean,
    timeoutMs: number,
  ) {
    this.name = name;
    this.createdAt = createdAt;
    this.#store = store;
    this.#manager = manager;
    this.#isDirect = isDirect;
    this.#timeoutMs = timeoutMs;
  }

  async info(name: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    const found = await this.#find(name, signal);
    return found && infoOf(found);
  }

  async list(signal?: AbortSignal): Promise<ObjectInfo[]> {
    const all = await within(`The list of ${this.name}`, this.#deadline(signal), this.#store.list());
    return all.filter(({ deleted }) => !deleted).map(infoOf);
  }

  /** Creates or replaces an object. What a stream that fails has written by then is taken away. */
  async write(name: string, data: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const ending = abortable(data, signal);
    // Each chunk has a deadline of its own; the source's is the caller's to set.
    await this.#store.put({ name }, ReadableStream.from(ending), { timeout: this.#timeoutMs });
  }

  /** False when there was no such object. */
  async delete(name: string, signal?: AbortSignal): Promise<boolean> {
    if ((await this.#find(name, signal)) === undefined) return false;
    const deleted = await within(`The deletion of ${name}`, this.#deadline(signal), this.#store.delete(name));
    return deleted.success;
  }

  /**
   * The bytes of an object, fetched a chunk ahead of who reads them; undefined when there is none. The stream fails with
   * CorruptObjectError at its end when the digest is not that of the bytes.
   */
  async read(name: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined> {
    const found = await this.#find(name, signal);
    return found && this.#chunks(found, signal);
  }

  /** The client's own `get` pushes without regard to its reader, so this one pulls. */
  async *#chunks({ name, nuid, size, digest }: NatsObjectInfo, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (size === 0) return;
    const subject = `$O.${this.name}.C.${nuid}`;
    const hash = createHash('sha256');
    let left = size;
    let seq = 1;
    let next = this.#chunk(name, subject, seq, signal);
    while (left > 0) {
      const message = await next;
      if (message === null) throw new CorruptObjectError(`object ${name} ends ${left} bytes too early`);
      const bytes = plainBytes(message.data);
      left -= bytes.length;
      seq = message.seq + 1;
      // One ahead of the reader.
      if (left > 0) next = this.#chunk(name, subject, seq, signal);
      next.catch(() => undefined);
      hash.update(bytes);
      yield bytes;
    }
    if (digest.replace(DIGEST_TYPE, '').replaceAll('=', '') !== hash.digest('base64url'))
      throw new CorruptObjectError(`object ${name} has other bytes than its digest says`);
  }

  async #chunk(name: string, subject: string, seq: number, signal: AbortSignal): Promise<StoredMsg | null> {
    const query = { seq, next_by_subj: subject };
    const { streams, direct } = this.#manager;
    const from = this.#isDirect ? direct : streams;
    return within(`The object ${name}`, this.#deadline(signal), from.getMessage(streamOf(this.name), query));
  }

  async #find(name: string, signal: AbortSignal | undefined): Promise<NatsObjectInfo | undefined> {
    const info = await within(`The object ${name}`, this.#deadline(signal), this.#store.info(name));
    return info === null || info.deleted ? undefined : info;
  }

  #deadline(signal: AbortSignal | undefined): Deadline {
    return { timeoutMs: this.#timeoutMs, signal };
  }
}

const streamOf = (bucket: string): string => `OBJ_${bucket}`;

const infoOf = ({ name, size, mtime }: NatsObjectInfo): ObjectInfo => ({ name, sizeBytes: size, modifiedAt: mtime });

async function* abortable(data: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of data) {
    signal.throwIfAborted();
    yield chunk;
  }
}
