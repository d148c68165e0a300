import { ByteWriter } from './byte-writer.ts';
import { WrpcEncodeError } from './error.ts';
import { camelCase } from './name.ts';
import type { WitField, WitType } from './wit-type.ts';

/** A stream or future whose content follows on its own subject. */
export interface PendingValue {
  /** Indexes from the root, as in `params.0.1`. */
  readonly path: readonly number[];
  readonly type: Extract<WitType, { kind: 'stream' | 'future' }>;
  /** What the caller gave: an async iterable of chunks for a stream, a promise or a value for a future. */
  readonly value: unknown;
}

export interface Encoded {
  readonly bytes: Uint8Array;
  readonly pending: readonly PendingValue[];
}

const integerRange = {
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u32: [0, 0xffff_ffff],
  s8: [-0x80, 0x7f],
  s16: [-0x8000, 0x7fff],
  s32: [-0x8000_0000, 0x7fff_ffff],
} as const;

const bigRange = {
  u64: [0n, 0xffff_ffff_ffff_ffffn],
  s64: [-0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn],
} as const;

const describe = (value: unknown): string => {
  switch (typeof value) {
    case 'number':
    case 'bigint':
    case 'boolean':
      return `${typeof value} ${value}`;
    case 'object':
      return value === null ? 'null' : value.constructor.name;
    case 'string':
      return 'a string';
    case 'undefined':
    case 'function':
    case 'symbol':
      return typeof value;
  }
};

/** One Unicode scalar value; a surrogate is none. */
const isChar = (value: unknown): value is string => {
  if (typeof value !== 'string') return false;
  const point = value.codePointAt(0) ?? 0xd800;
  return String.fromCodePoint(point) === value && (point < 0xd800 || point > 0xdfff);
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

class Encoder {
  readonly writer = new ByteWriter(true);
  readonly pending: PendingValue[] = [];
  /** Names and indexes down to the value at hand, for errors. */
  readonly #at: string[];
  /** Record and tuple indexes down to the value at hand: the subject of a nested stream. */
  readonly #route: number[];

  constructor(root: readonly string[]) {
    this.#at = [...root];
    this.#route = [];
  }

  fields(fields: readonly WitField[], valueOf: (field: WitField, index: number) => unknown): void {
    let index = 0;
    for (const field of fields) {
      this.#at.push(field.name);
      this.#route.push(index);
      this.value(field.type, valueOf(field, index));
      this.#route.pop();
      this.#at.pop();
      index += 1;
    }
  }

  value(type: WitType, value: unknown): void {
    const out = this.writer;
    switch (type.kind) {
      case 'bool':
        if (typeof value !== 'boolean') throw this.#wrong('a boolean', value);
        return out.byte(value ? 1 : 0);
      case 'u8':
        return out.byte(this.#integer(type.kind, value));
      case 's8':
        return out.byte(this.#integer(type.kind, value) & 0xff);
      case 'u16':
      case 'u32':
        return out.unsigned(this.#integer(type.kind, value));
      case 's16':
      case 's32':
        return out.signed(this.#integer(type.kind, value));
      case 'u64':
        return out.unsigned64(this.#bigint(type.kind, value));
      case 's64':
        return out.signed64(this.#bigint(type.kind, value));
      case 'f32':
      case 'f64':
        if (typeof value !== 'number') throw this.#wrong('a number', value);
        return type.kind === 'f32' ? out.f32(value) : out.f64(value);
      case 'char':
        if (!isChar(value)) throw this.#wrong('one character', value);
        return out.utf8(value);
      case 'string':
        if (typeof value !== 'string') throw this.#wrong('a string', value);
        return out.string(value);
      case 'list':
        return this.#list(type.of, value);
      case 'tuple': {
        if (!Array.isArray(value) || value.length !== type.of.length)
          throw this.#wrong(`an array of ${type.of.length}`, value);
        const fields = type.of.map((of, index) => ({ name: String(index), type: of }));
        return this.fields(fields, (_, index) => value[index]);
      }
      case 'record':
        if (!isObject(value)) throw this.#wrong('an object', value);
        return this.fields(type.fields, (field) => value[camelCase(field.name)]);
      case 'option':
        return this.#option(type.of, value);
      case 'result': {
        const { tag, val } = this.#tagged(value);
        if (tag !== 'ok' && tag !== 'err') throw this.#wrong('the tag "ok" or "err"', tag);
        out.byte(tag === 'ok' ? 0 : 1);
        return this.#payload(tag === 'ok' ? type.ok : type.err, tag, val);
      }
      case 'variant': {
        const { tag, val } = this.#tagged(value);
        const index = type.cases.findIndex((one) => one.name === tag);
        if (index < 0) throw this.#fault(`there is no case ${JSON.stringify(tag)}`);
        out.unsigned(index);
        return this.#payload(type.cases[index]?.type, tag, val);
      }
      case 'enum': {
        const index = typeof value === 'string' ? type.cases.indexOf(value) : -1;
        if (index < 0) throw this.#wrong(`one of ${type.cases.join(', ')}`, value);
        return out.unsigned(index);
      }
      case 'flags':
        return this.#flags(type.names, value);
      case 'own':
      case 'borrow':
        if (!(value instanceof Uint8Array)) throw this.#wrong('a resource handle (Uint8Array)', value);
        out.unsigned(value.length);
        return out.raw(value);
      case 'stream':
      case 'future':
        // 0: the content follows on the nested subject. Sending it inline is legal, but no Rust peer was seen to do it.
        out.byte(0);
        this.pending.push({ path: [...this.#route], type, value });
        return;
    }
  }

  /** The elements of a list or of one chunk of a stream, after their number. */
  list(of: WitType, value: unknown): void {
    this.#list(of, value);
  }

  #list(of: WitType, value: unknown): void {
    if (of.kind === 'u8' && value instanceof Uint8Array) {
      this.writer.unsigned(value.length);
      return this.writer.raw(value);
    }
    if (!Array.isArray(value) && !ArrayBuffer.isView(value)) throw this.#wrong('an array', value);
    const items: ArrayLike<unknown> = Array.isArray(value) ? value : (value as Uint16Array);
    this.writer.unsigned(items.length);
    for (let index = 0; index < items.length; index++) {
      this.#at.push(`[${index}]`);
      this.value(of, items[index]);
      this.#at.pop();
    }
  }

  #option(of: WitType, value: unknown): void {
    if (of.kind !== 'option') {
      if (value === undefined) return this.writer.byte(0);
      this.writer.byte(1);
      return this.value(of, value);
    }
    // undefined is taken by the inner option, so the outer one is tagged.
    const { tag, val } = this.#tagged(value);
    if (tag !== 'some' && tag !== 'none') throw this.#wrong('the tag "some" or "none"', tag);
    this.writer.byte(tag === 'some' ? 1 : 0);
    if (tag === 'some') this.value(of, val);
  }

  #flags(names: readonly string[], value: unknown): void {
    if (!isObject(value)) throw this.#wrong('an object of booleans', value);
    const bytes = new Uint8Array(Math.ceil(names.length / 8));
    for (const [bit, name] of names.entries()) {
      if (value[camelCase(name)]) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
    this.writer.raw(bytes);
  }

  #payload(type: WitType | undefined, tag: string, value: unknown): void {
    if (type === undefined) return;
    this.#at.push(tag);
    this.value(type, value);
    this.#at.pop();
  }

  #tagged(value: unknown): { tag: string; val: unknown } {
    if (!isObject(value) || typeof value['tag'] !== 'string') throw this.#wrong('an object with a tag', value);
    return { tag: value['tag'], val: value['val'] };
  }

  #integer(kind: keyof typeof integerRange, value: unknown): number {
    const [min, max] = integerRange[kind];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
      throw this.#wrong(`an integer from ${min} to ${max}`, value);
    return value;
  }

  #bigint(kind: keyof typeof bigRange, value: unknown): bigint {
    const [min, max] = bigRange[kind];
    if (typeof value !== 'bigint' || value < min || value > max)
      throw this.#wrong(`a bigint from ${min} to ${max}`, value);
    return value;
  }

  #wrong(want: string, value: unknown): WrpcEncodeError {
    return this.#fault(`it must be ${want}, not ${describe(value)}`);
  }

  #fault(reason: string): WrpcEncodeError {
    return new WrpcEncodeError(reason, this.#at.join('.').replaceAll('.[', '['));
  }
}

/**
 * The parameters of a call, or its results, one after another.
 * @throws WrpcEncodeError naming the field that does not fit its type
 */
export const encodeValues = (fields: readonly WitField[], values: readonly unknown[]): Encoded => {
  if (values.length !== fields.length) throw new WrpcEncodeError(`${fields.length} values are needed`, '');
  const encoder = new Encoder([]);
  encoder.fields(fields, (_, index) => values[index]);
  return { bytes: encoder.writer.finish(), pending: encoder.pending };
};

/** The bare content of a future, as sent on its own subject. */
export const encodeFuture = (type: WitType | undefined, value: unknown): Uint8Array => {
  if (type === undefined) return new Uint8Array(0);
  const encoder = new Encoder(['future']);
  encoder.value(type, value);
  return encoder.writer.finish();
};

/** One chunk of a stream, as sent on its own subject. An empty chunk is the end of the stream. */
export const encodeStreamChunk = (type: WitType | undefined, items: Uint8Array | readonly unknown[]): Uint8Array => {
  const encoder = new Encoder(['stream']);
  encoder.list(type ?? { kind: 'tuple', of: [] }, items);
  return encoder.writer.finish();
};
