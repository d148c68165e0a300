import { ComponentError } from '../error.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads WebAssembly's encodings from a slice of a file. Every failure names the offset in the whole file. */
export class BinaryReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get done(): boolean {
    return this.offset >= this.end;
  }

  fail(reason: string, offset = this.offset): ComponentError {
    return new ComponentError(reason, offset);
  }

  peek(): number {
    const byte = this.offset < this.end ? this.bytes[this.offset] : undefined;
    if (byte === undefined) throw this.fail('ends in the middle of a definition');
    return byte;
  }

  u8(): number {
    const byte = this.peek();
    this.offset += 1;
    return byte;
  }

  /** LEB128, at most 5 bytes. */
  u32(): number {
    const start = this.offset;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) throw this.fail('number larger than 32 bits', start);
        return value;
      }
    }
    throw this.fail('number longer than 5 bytes', start);
  }

  /** LEB128, at most 10 bytes. */
  u64(): bigint {
    const start = this.offset;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value >= 1n << 64n) throw this.fail('number larger than 64 bits', start);
        return value;
      }
    }
    throw this.fail('number longer than 10 bytes', start);
  }

  name(): string {
    const length = this.u32();
    const start = this.offset;
    this.skip(length);
    try {
      return utf8.decode(this.bytes.subarray(start, this.offset));
    } catch (cause) {
      throw new ComponentError('name is not UTF-8', start, { cause });
    }
  }

  skip(length: number): void {
    if (length > this.end - this.offset)
      throw this.fail(`${length} bytes announced, ${this.end - this.offset} are left`);
    this.offset += length;
  }

  /** A reader over the next `length` bytes, which this one skips. */
  slice(length: number): BinaryReader {
    const start = this.offset;
    this.skip(length);
    return new BinaryReader(this.bytes, start, this.offset);
  }

  /** A vector: a count, then that many items. Each item takes at least a byte, so the file's size bounds the loop. */
  vector<T>(read: (index: number) => T): T[] {
    const count = this.u32();
    if (count > this.end - this.offset)
      throw this.fail(`${count} items announced, ${this.end - this.offset} bytes are left`);
    return Array.from({ length: count }, (_, index) => read(index));
  }

  optional<T>(read: () => T): T | undefined {
    const flag = this.u8();
    if (flag === 0) return undefined;
    if (flag === 1) return read();
    throw this.fail(`expected 0 or 1 before an optional part, found ${flag}`, this.offset - 1);
  }
}
