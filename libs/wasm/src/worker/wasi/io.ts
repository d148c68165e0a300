import { WitError } from '../../error.ts';
import type { Interfaces } from '../interface.ts';

/** Something that a pollable can be made of. */
export interface Condition {
  isReady(): boolean;
  /** Resolves when `isReady` may have become true. */
  wait(): Promise<void>;
}

/** What an input-stream reads from. */
export interface Source extends Condition {
  /** At most `limit` bytes that are here already; none when there are none. */
  take(limit: number): Uint8Array;
  /** Nothing is left and nothing comes; or why nothing comes. */
  readonly end: 'open' | 'closed' | Error;
}

/** What an output-stream writes to. */
export interface Sink extends Condition {
  /** How many bytes may be put at once now. */
  readonly room: number;
  /** Takes an array of its own: no view of a greater one, which would go along when it is sent to another thread. */
  put(bytes: Uint8Array): void;
  /** Resolves when all that was put has arrived, or cannot; where it is missing there is nothing to wait for. */
  settled?(): Promise<void>;
  readonly end: 'open' | 'closed' | Error;
}

/** The most that one read gives: a guest asks for 2^63 bytes without meaning it. */
const maxRead = 64 * 1024;

/** wasi:io/error.error. Named so that it does not hide JavaScript's. */
export class IoError {
  readonly #reason: string;

  constructor(reason: string) {
    this.#reason = reason;
  }

  toDebugString(): string {
    return this.#reason;
  }
}

const streamError = (end: 'closed' | Error): WitError =>
  new WitError(end === 'closed' ? { tag: 'closed' } : { tag: 'last-operation-failed', val: new IoError(end.message) });

const until = async (condition: Condition): Promise<void> => {
  while (!condition.isReady()) await condition.wait();
};

/** The bytes without what else is in their buffer. */
export const alone = (bytes: Uint8Array): Uint8Array =>
  bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);

export class Pollable {
  readonly #condition: Condition;

  constructor(condition: Condition) {
    this.#condition = condition;
  }

  ready(): boolean {
    return this.#condition.isReady();
  }

  block(): Promise<void> {
    return until(this.#condition);
  }

  /** For `poll`: may resolve early. */
  wait(): Promise<void> {
    return this.#condition.wait();
  }
}

export class InputStream {
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  read(limit: bigint): Uint8Array {
    const bytes = this.#source.take(limit > maxRead ? maxRead : Number(limit));
    if (bytes.length === 0 && this.#source.end !== 'open') throw streamError(this.#source.end);
    return bytes;
  }

  // Where there is nothing to wait for there is no promise: it would suspend the guest.
  blockingRead(limit: bigint): Uint8Array | Promise<Uint8Array> {
    if (limit === 0n || this.#source.isReady()) return this.read(limit);
    return until(this.#source).then(() => this.read(limit));
  }

  skip(limit: bigint): bigint {
    return BigInt(this.read(limit).length);
  }

  async blockingSkip(limit: bigint): Promise<bigint> {
    return BigInt((await this.blockingRead(limit)).length);
  }

  subscribe(): Pollable {
    return new Pollable(this.#source);
  }
}

export class OutputStream {
  readonly #sink: Sink;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  checkWrite(): bigint {
    this.#open();
    return BigInt(this.#sink.room);
  }

  write(bytes: Uint8Array): void {
    this.#open();
    // WIT: a trap, because the guest asked check-write first.
    if (bytes.length > this.#sink.room)
      throw new Error(`wrote ${bytes.length} bytes, ${this.#sink.room} were permitted`);
    this.#sink.put(bytes);
  }

  blockingWriteAndFlush(bytes: Uint8Array): void | Promise<void> {
    this.#open();
    if (bytes.length > this.#sink.room) return this.#writeInParts(bytes);
    this.#sink.put(bytes);
    return this.#sink.settled === undefined ? undefined : this.#settle();
  }

  async #writeInParts(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      await until(this.#sink);
      this.#open();
      const part = new Uint8Array(bytes.subarray(at, at + this.#sink.room));
      this.#sink.put(part);
      at += part.length;
    }
    await this.#settle();
  }

  flush(): void {
    this.#open();
  }

  blockingFlush(): void | Promise<void> {
    this.#open();
    return this.#sink.settled === undefined ? undefined : this.#settle();
  }

  writeZeroes(length: bigint): void {
    if (length > BigInt(this.#sink.room)) throw new Error(`wrote ${length} zeroes, ${this.#sink.room} were permitted`);
    this.write(new Uint8Array(Number(length)));
  }

  async blockingWriteZeroesAndFlush(length: bigint): Promise<void> {
    for (let left = length; left > 0n; left -= BigInt(maxRead)) {
      await this.blockingWriteAndFlush(new Uint8Array(left > maxRead ? maxRead : Number(left)));
    }
  }

  splice(from: InputStream, limit: bigint): bigint {
    const permitted = this.checkWrite();
    const bytes = from.read(limit < permitted ? limit : permitted);
    this.write(alone(bytes));
    return BigInt(bytes.length);
  }

  async blockingSplice(from: InputStream, limit: bigint): Promise<bigint> {
    this.#open();
    await until(this.#sink);
    const room = BigInt(this.#sink.room);
    const bytes = await from.blockingRead(limit < room ? limit : room);
    this.write(alone(bytes));
    return BigInt(bytes.length);
  }

  subscribe(): Pollable {
    return new Pollable(this.#sink);
  }

  async #settle(): Promise<void> {
    if (this.#sink.settled === undefined) return;
    await this.#sink.settled();
    this.#open();
  }

  #open(): void {
    if (this.#sink.end !== 'open') throw streamError(this.#sink.end);
  }
}

/** Indexes of the pollables that are ready; waits until there is one. */
const poll = async (pollables: readonly Pollable[]): Promise<Uint32Array> => {
  if (pollables.length === 0) throw new Error('poll of an empty list');
  for (;;) {
    const ready = pollables.flatMap((pollable, index) => (pollable.ready() ? [index] : []));
    if (ready.length > 0) return Uint32Array.from(ready);
    await Promise.race(pollables.map((pollable) => pollable.wait()));
  }
};

/** Never gives a byte. */
const emptySource: Source = {
  take: () => new Uint8Array(),
  end: 'closed',
  isReady: () => true,
  wait: () => Promise.resolve(),
};

export const emptyInput = (): InputStream => new InputStream(emptySource);

export const io: Interfaces = {
  'wasi:io/error': { Error: IoError },
  'wasi:io/poll': { Pollable, poll },
  'wasi:io/streams': { InputStream, OutputStream },
};
