/** One field of a protobuf message. Exactly one of its methods must be called before the next field is taken. */
export interface WireField {
  readonly number: number;
  /** The content of a length-delimited field. */
  bytes(): Buffer;
  /** A varint, as a two's complement number; exact to 53 bits. */
  integer(): number;
  skip(): void;
}

const wireTypes = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;

/** Reads the wire format of protobuf (protobuf.dev/programming-guides/encoding). Throws the given error where it is broken. */
export class WireReader {
  readonly #buffer: Buffer;
  readonly #failure: new (message: string) => Error;
  #at = 0;

  constructor(buffer: Buffer, failure: new (message: string) => Error) {
    this.#buffer = buffer;
    this.#failure = failure;
  }

  *fields(): Generator<WireField, void, void> {
    while (this.#at < this.#buffer.length) {
      const tag = Number(this.#varint());
      const wireType = tag & 7;
      yield {
        number: Math.floor(tag / 8),
        bytes: () => {
          this.#expect(wireType, wireTypes.delimited);
          return this.#delimited();
        },
        integer: () => {
          this.#expect(wireType, wireTypes.varint);
          return Number(BigInt.asIntN(64, this.#varint()));
        },
        skip: () => this.#skip(wireType),
      };
    }
  }

  #expect(actual: number, wanted: number): void {
    if (actual !== wanted) throw new this.#failure(`wire type ${actual} stands where ${wanted} is expected`);
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#buffer[this.#at];
      if (byte === undefined) throw new this.#failure('the message ends inside a number');
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new this.#failure('a number has more than ten bytes');
  }

  #delimited(): Buffer {
    return this.#take(Number(this.#varint()));
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#buffer.length) throw new this.#failure(`the message ends inside a field of ${length} bytes`);
    const bytes = this.#buffer.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  #skip(wireType: number): void {
    switch (wireType) {
      case wireTypes.varint:
        this.#varint();
        return;
      case wireTypes.fixed64:
        this.#take(8);
        return;
      case wireTypes.delimited:
        this.#delimited();
        return;
      case wireTypes.fixed32:
        this.#take(4);
        return;
      default:
        throw new this.#failure(`wire type ${wireType} is unknown`);
    }
  }
}
