import { camelCase } from './name.ts';
import { Reader, type DecodeLimits, type Step } from './reader.ts';
import type { WitField, WitType } from './wit-type.ts';

/**
 * Gives the JavaScript value that stands for a stream or future whose content follows on the nested subject `path`
 * (such as `0.1`), or which was sent inline: then `inline` is its complete content.
 */
export type OpenAsync = (
  path: string,
  type: Extract<WitType, { kind: 'stream' | 'future' }>,
  inline?: { readonly value: unknown },
) => unknown;

export interface DecodeOptions extends DecodeLimits {
  readonly open?: OpenAsync;
}

/** Fatal: bytes that are not UTF-8 are a fault of the peer, not text with holes. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value encoding, read by type. Its methods yield whenever bytes are missing. */
export class Decoder {
  readonly #reader: Reader;
  readonly #open: OpenAsync | undefined;
  readonly #route: number[] = [];

  constructor(reader: Reader, open: OpenAsync | undefined) {
    this.#reader = reader;
    this.#open = open;
  }

  *fields(fields: readonly WitField[], put: (field: WitField, value: unknown) => void): Step<void> {
    for (const [index, field] of fields.entries()) {
      this.#reader.at.push(field.name);
      this.#route.push(index);
      put(field, yield* this.value(field.type));
      this.#route.pop();
      this.#reader.at.pop();
    }
  }

  *value(type: WitType): Step<unknown> {
    const reader = this.#reader;
    switch (type.kind) {
      case 'bool':
        return (yield* this.#discriminant(2)) === 1;
      case 'u8':
        return yield* reader.byte();
      case 's8':
        return ((yield* reader.byte()) << 24) >> 24;
      case 'u16':
        return yield* reader.unsigned(16);
      case 'u32':
        return yield* reader.unsigned(32);
      case 'u64':
        return yield* reader.unsigned64();
      case 's16':
        return yield* reader.signed(16);
      case 's32':
        return yield* reader.signed(32);
      case 's64':
        return yield* reader.signed64();
      case 'f32':
        return view(yield* reader.take(4)).getFloat32(0, true);
      case 'f64':
        return view(yield* reader.take(8)).getFloat64(0, true);
      case 'char':
        return yield* this.#char();
      case 'string':
        return this.#text(yield* reader.peel(yield* reader.unsigned(32)));
      case 'list':
        return yield* this.list(type.of);
      case 'tuple': {
        const out: unknown[] = [];
        const fields = type.of.map((of, index) => ({ name: String(index), type: of }));
        yield* this.fields(fields, (_, value) => out.push(value));
        return out;
      }
      case 'record': {
        const out: Record<string, unknown> = {};
        yield* this.fields(type.fields, (field, value) => define(out, camelCase(field.name), value));
        return out;
      }
      case 'option':
        return yield* this.#option(type.of);
      case 'result': {
        const ok = (yield* this.#discriminant(2)) === 0;
        return yield* this.#tagged(ok ? 'ok' : 'err', ok ? type.ok : type.err);
      }
      case 'variant': {
        const one = type.cases[yield* this.#case(type.cases.length)];
        return yield* this.#tagged(one?.name ?? '', one?.type);
      }
      case 'enum':
        return type.cases[yield* this.#case(type.cases.length)];
      case 'flags': {
        const bytes = yield* reader.take(Math.ceil(type.names.length / 8));
        const out: Record<string, unknown> = {};
        for (const [bit, name] of type.names.entries())
          define(out, camelCase(name), (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1);
        return out;
      }
      case 'own':
      case 'borrow':
        return yield* this.#sized();
      case 'stream':
      case 'future':
        return yield* this.#async(type);
    }
  }

  /** The elements of a list, or of one chunk of a stream, after their number. */
  *list(of: WitType): Step<Uint8Array | unknown[]> {
    if (of.kind === 'u8') return yield* this.#sized();
    return yield* this.elements(of, yield* this.#reader.unsigned(32));
  }

  *elements(of: WitType, count: number): Step<unknown[]> {
    this.#reader.spendElements(count);
    const out: unknown[] = [];
    for (let index = 0; index < count; index++) {
      this.#reader.at.push(`[${index}]`);
      out.push(yield* this.value(of));
      this.#reader.at.pop();
    }
    return out;
  }

  *#sized(): Step<Uint8Array> {
    return yield* this.#reader.take(yield* this.#reader.unsigned(32));
  }

  *#option(of: WitType): Step<unknown> {
    const some = (yield* this.#discriminant(2)) === 1;
    if (of.kind !== 'option') return some ? yield* this.value(of) : undefined;
    return some ? { tag: 'some', val: yield* this.value(of) } : { tag: 'none' };
  }

  *#tagged(tag: string, type: WitType | undefined): Step<unknown> {
    if (type === undefined) return { tag };
    this.#reader.at.push(tag);
    const val = yield* this.value(type);
    this.#reader.at.pop();
    return { tag, val };
  }

  /** A discriminant of one byte. */
  *#discriminant(count: number): Step<number> {
    const value = yield* this.#reader.byte();
    if (value >= count) throw this.#reader.fault(`${value} is not a discriminant below ${count}`);
    return value;
  }

  *#case(count: number): Step<number> {
    const index = yield* this.#reader.unsigned(32);
    if (index >= count) throw this.#reader.fault(`case ${index} of a type with ${count} cases`);
    return index;
  }

  *#char(): Step<string> {
    const lead = yield* this.#reader.byte();
    const more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    return this.#text(Uint8Array.of(lead, ...(yield* this.#reader.take(more))));
  }

  *#async(type: Extract<WitType, { kind: 'stream' | 'future' }>): Step<unknown> {
    const path = this.#route.join('.');
    if (this.#open === undefined) throw this.#reader.fault(`a ${type.kind} cannot be received here`);
    if (type.kind === 'future') {
      if ((yield* this.#discriminant(2)) === 0) return this.#open(path, type);
      return this.#open(path, type, { value: type.of === undefined ? undefined : yield* this.value(type.of) });
    }
    const count = yield* this.#reader.unsigned(32);
    if (count === 0) return this.#open(path, type);
    const of = type.of ?? { kind: 'tuple', of: [] };
    const value = of.kind === 'u8' ? yield* this.#reader.take(count) : yield* this.elements(of, count);
    return this.#open(path, type, { value });
  }

  #text(bytes: Uint8Array): string {
    try {
      return utf8.decode(bytes);
    } catch (error) {
      throw this.#reader.fault('the bytes are not UTF-8', error);
    }
  }
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

// A field may be called `__proto__` in a signature that a stranger wrote; assignment would change the prototype.
const define = (object: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true });
  else object[key] = value;
};

/**
 * Decodes the values of one subject (parameters, a result, or the content of a future) from chunks that may be cut
 * anywhere. Every method throws WrpcDecodeError; after that the decoder is of no more use.
 */
export class ValueDecoder {
  readonly #reader: Reader;
  readonly #values: unknown[] = [];
  readonly #work: Step<void>;
  #done = false;

  constructor(fields: readonly WitField[], options: DecodeOptions = {}) {
    this.#reader = new Reader(options);
    this.#work = new Decoder(this.#reader, options.open).fields(fields, (_, value) => this.#values.push(value));
    this.#step();
  }

  /** All values have arrived. */
  get done(): boolean {
    return this.#done;
  }

  get values(): readonly unknown[] {
    return this.#values;
  }

  /** Takes the next chunk; true when all values have arrived. */
  push(chunk: Uint8Array): boolean {
    this.#reader.queue.push(chunk);
    this.#step();
    return this.#done;
  }

  /** The peer will send nothing more. */
  end(): void {
    if (!this.#done) throw this.#reader.fault('the bytes end within the value');
  }

  #step(): void {
    if (!this.#done) this.#done = this.#work.next().done === true;
    if (this.#done && this.#reader.queue.length > 0)
      throw this.#reader.fault(`${this.#reader.queue.length} bytes follow the value`);
  }
}
