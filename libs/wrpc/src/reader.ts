import { ByteQueue } from './byte-queue.ts';
import { WrpcDecodeError } from './error.ts';

/** What a peer may make us hold. A value that passes a limit is refused before memory is spent on it. */
export interface DecodeLimits {
  /** Bytes of the encoded values together. Default 64 MiB. */
  readonly maxBytes?: number;
  /** List elements of the values together (bytes of a `list<u8>` are not counted). Default 2²⁰. */
  readonly maxElements?: number;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const DEFAULT_MAX_ELEMENTS = 2 ** 20;

/** A computation that yields whenever it needs more bytes than have arrived. */
export type Step<T> = Generator<void, T, void>;

/** Reads the number forms of the value encoding from bytes that are still arriving. */
export class Reader {
  readonly queue = new ByteQueue();
  /** Names and indexes down to the value at hand, for errors. */
  readonly at: string[] = [];
  readonly #maxBytes: number;
  readonly #maxElements: number;
  /** Where the bytes began that `maxBytes` counts. */
  #base = 0;
  #elementsLeft: number;

  constructor(limits: DecodeLimits) {
    this.#maxBytes = limits.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#maxElements = limits.maxElements ?? DEFAULT_MAX_ELEMENTS;
    this.#elementsLeft = this.#maxElements;
  }

  /** Bytes count anew from here. */
  restartBytes(): void {
    this.#base = this.queue.taken;
  }

  /** Elements count anew from here. */
  restartElements(): void {
    this.#elementsLeft = this.#maxElements;
  }

  /** Before elements are made: a list of empty tuples costs a peer nothing per element. */
  spendElements(count: number): void {
    this.#elementsLeft -= count;
    if (this.#elementsLeft < 0) throw this.fault(`a list of ${count} elements passes the limit`);
  }

  *byte(): Step<number> {
    this.#spendBytes(1);
    while (this.queue.length < 1) yield;
    return this.queue.byte();
  }

  *take(count: number): Step<Uint8Array> {
    this.#spendBytes(count);
    while (this.queue.length < count) yield;
    return this.queue.take(count);
  }

  /** The same without a copy where that can be: for what is read at once. */
  *peel(count: number): Step<Uint8Array> {
    this.#spendBytes(count);
    while (this.queue.length < count) yield;
    return this.queue.peel(count);
  }

  /** Unsigned LEB128 of at most `bits` bits, 32 or fewer. */
  *unsigned(bits: 16 | 32): Step<number> {
    let value = 0;
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = yield* this.byte();
      // Multiplied, not shifted: the fifth byte of a u32 reaches past the sign bit.
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value >= 2 ** bits) break;
        return value;
      }
    }
    throw this.fault(`an integer does not fit in ${bits} bits`);
  }

  *unsigned64(): Step<bigint> {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      const byte = yield* this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value >= 1n << 64n) break;
        return value;
      }
    }
    throw this.fault('an integer does not fit in 64 bits');
  }

  *signed(bits: 16 | 32): Step<number> {
    const limit = 2 ** (bits - 1);
    let value = 0;
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = yield* this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (byte & 0x40) value -= 2 ** (shift + 7);
        if (value < -limit || value >= limit) break;
        return value;
      }
    }
    throw this.fault(`an integer does not fit in ${bits} bits`);
  }

  *signed64(): Step<bigint> {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      const byte = yield* this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (byte & 0x40) value -= 1n << (shift + 7n);
        if (BigInt.asIntN(64, value) !== value) break;
        return value;
      }
    }
    throw this.fault('an integer does not fit in 64 bits');
  }

  // What is waited for is bounded, so the queue is too: by the limit and one chunk.
  #spendBytes(count: number): void {
    if (this.queue.taken - this.#base + count > this.#maxBytes)
      throw this.fault(`${count} more bytes pass the limit of ${this.#maxBytes} bytes`);
  }

  fault(reason: string, cause?: unknown): WrpcDecodeError {
    const where = { offset: this.queue.taken, path: this.at.join('.').replaceAll('.[', '[') };
    return new WrpcDecodeError(reason, where, cause === undefined ? undefined : { cause });
  }
}
