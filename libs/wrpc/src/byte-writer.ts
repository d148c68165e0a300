const text = new TextEncoder();

/** UTF-16 units that are no more UTF-8 bytes than one byte of LEB128 can count. */
const SHORT_UNITS = 42;

/** So much memory is shared by short values: some of its own for each costs more than to write it. */
const SHARED_BYTES = 8_192;
/** A value that may be longer than what is left starts with new memory. */
const LEAST_LEFT = 256;

interface Shared {
  readonly bytes: Uint8Array;
  used: number;
}

/** Undefined while someone writes there. */
let shared: Shared | undefined;

/** A byte buffer that grows, with the number forms of the value encoding (little endian, LEB128). */
export class ByteWriter {
  #bytes: Uint8Array;
  #start = 0;
  #length = 0;
  readonly #shared: Shared | undefined;

  /** `isBrief` where `finish` follows soon, and what it gives is not kept for long: it is a part of shared memory. */
  constructor(isBrief = false) {
    if (isBrief) {
      this.#shared = shared ?? { bytes: new Uint8Array(SHARED_BYTES), used: 0 };
      shared = undefined;
      this.#start = this.#length = this.#shared.used;
    }
    this.#bytes = this.#shared?.bytes ?? new Uint8Array(64);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** UTF-8 without a length. A lone surrogate becomes U+FFFD. */
  utf8(value: string): void {
    this.raw(text.encode(value));
  }

  /** UTF-8 after its length in bytes. */
  string(value: string): void {
    if (value.length <= SHORT_UNITS) return this.#short(value);
    const bytes = text.encode(value);
    this.unsigned(bytes.length);
    this.raw(bytes);
  }

  f32(value: number): void {
    this.#reserve(4);
    this.#view().setFloat32(this.#length, value, true);
    this.#length += 4;
  }

  f64(value: number): void {
    this.#reserve(8);
    this.#view().setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** Unsigned LEB128 of an integer below 2³². */
  unsigned(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  unsigned64(value: bigint): void {
    let rest = value;
    while (rest > 0x7fn) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  /** Signed LEB128 of an integer of at most 32 bits. */
  signed(value: number): void {
    let rest = value;
    while (rest > 0x3f || rest < -0x40) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  signed64(value: bigint): void {
    let rest = value;
    while (rest > 0x3fn || rest < -0x40n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest & 0x7fn));
  }

  finish(): Uint8Array {
    const written = this.#bytes.subarray(this.#start, this.#length);
    if (this.#shared !== undefined) this.#giveBack(this.#shared);
    return written;
  }

  #giveBack(memory: Shared): void {
    if (this.#bytes === memory.bytes) memory.used = this.#length;
    if (memory.used < SHARED_BYTES - LEAST_LEFT) shared = memory;
  }

  #reserve(count: number): void {
    const need = this.#length + count;
    if (need <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(need - this.#start, (this.#length - this.#start) * 2));
    grown.set(this.#bytes.subarray(this.#start, this.#length));
    this.#bytes = grown;
    this.#length -= this.#start;
    this.#start = 0;
  }

  /** In place: bytes of their own for each text would cost more than all else of a small call. */
  #short(value: string): void {
    this.#reserve(1 + 3 * value.length);
    const at = this.#length + 1;
    for (let index = 0; index < value.length; index++) {
      const unit = value.charCodeAt(index);
      if (unit > 0x7f) return this.#encoded(value);
      this.#bytes[at + index] = unit;
    }
    this.#bytes[this.#length] = value.length;
    this.#length += 1 + value.length;
  }

  #encoded(value: string): void {
    const { written } = text.encodeInto(value, this.#bytes.subarray(this.#length + 1));
    this.#bytes[this.#length] = written;
    this.#length += 1 + written;
  }

  /** Few values have floats. */
  #view(): DataView {
    return new DataView(this.#bytes.buffer);
  }
}
