/*
 * The canonical ABI as its specification says it (Component Model, CanonicalABI.md: alignment, elem_size, load,
 * flatten_type, lift_flat), one value at a time and without regard to speed. What `canonical/` does is compared with it.
 */
import { camelCase } from '@kasmcloud/wrpc';
import type { AbiType } from '../canonical/abi-type.ts';
import type { CoreType, CoreValue } from '../canonical/codec.ts';

interface Case {
  readonly name: string;
  readonly type: AbiType | undefined;
}

/** Everything with cases as the specification's variant. */
const casesOf = (type: AbiType): readonly Case[] | undefined => {
  if (type.kind === 'variant') return type.cases;
  if (type.kind === 'enum') return type.names.map((name) => ({ name, type: undefined }));
  if (type.kind === 'option')
    return [
      { name: 'none', type: undefined },
      { name: 'some', type: type.of },
    ];
  if (type.kind === 'result')
    return [
      { name: 'ok', type: type.ok },
      { name: 'err', type: type.err },
    ];
  return undefined;
};

const partsOf = (type: AbiType): readonly AbiType[] | undefined => {
  if (type.kind === 'tuple') return type.of;
  return type.kind === 'record' ? type.fields.map((field) => field.type) : undefined;
};

const widths: Readonly<Record<string, number>> = {
  bool: 1,
  u8: 1,
  s8: 1,
  u16: 2,
  s16: 2,
  u32: 4,
  s32: 4,
  char: 4,
  f32: 4,
};

const discriminant = (count: number): number => (Math.ceil(Math.log2(count) / 8) <= 1 ? 1 : count <= 65_536 ? 2 : 4);

const alignment = (type: AbiType): number => {
  const parts = partsOf(type);
  if (parts !== undefined) return Math.max(...parts.map(alignment), 1);
  const cases = casesOf(type);
  if (cases !== undefined)
    return Math.max(
      discriminant(cases.length),
      ...cases.map((one) => (one.type === undefined ? 1 : alignment(one.type))),
    );
  if (type.kind === 'flags') return type.names.length <= 8 ? 1 : type.names.length <= 16 ? 2 : 4;
  if (type.kind === 'string' || type.kind === 'list') return 4;
  return widths[type.kind] ?? 8;
};

const aligned = (at: number, type: AbiType): number => {
  let up = at;
  while (up % alignment(type) !== 0) up += 1;
  return up;
};

export const sizeOf = (type: AbiType): number => {
  const parts = partsOf(type);
  if (parts !== undefined) {
    let size = 0;
    for (const part of parts) size = aligned(size, part) + sizeOf(part);
    return aligned(size, type);
  }
  const cases = casesOf(type);
  if (cases !== undefined) {
    const payload = payloadAt(cases);
    const largest = Math.max(0, ...cases.map((one) => (one.type === undefined ? 0 : sizeOf(one.type))));
    return aligned(payload + largest, type);
  }
  if (type.kind === 'string' || type.kind === 'list') return 8;
  return alignment(type);
};

const payloadAt = (cases: readonly Case[]): number => {
  let at = discriminant(cases.length);
  for (const one of cases) if (one.type !== undefined) at = Math.max(at, aligned(discriminant(cases.length), one.type));
  return at;
};

const unsigned = (memory: Uint8Array, at: number, bytes: number): bigint => {
  let value = 0n;
  for (let index = bytes - 1; index >= 0; index--) value = value * 256n + BigInt(memory[at + index] ?? 0);
  return value;
};

/** A scalar from its bits. */
const scalar = (kind: string, bits: bigint): unknown => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  if (kind === 'bool') return bits !== 0n;
  if (kind === 'char') return String.fromCodePoint(Number(bits));
  if (kind === 'u64') return bits;
  if (kind === 's64') return view.getBigInt64(0);
  if (kind === 'f64') return view.getFloat64(0);
  if (kind === 'f32') return view.getFloat32(4);
  if (kind === 's8') return view.getInt8(7);
  if (kind === 's16') return view.getInt16(6);
  if (kind === 's32') return view.getInt32(4);
  return Number(bits);
};

const arrays: Readonly<Record<string, (items: never[]) => unknown>> = {
  u8: (items) => Uint8Array.from(items),
  s8: (items) => Int8Array.from(items),
  u16: (items) => Uint16Array.from(items),
  s16: (items) => Int16Array.from(items),
  u32: (items) => Uint32Array.from(items),
  s32: (items) => Int32Array.from(items),
  u64: (items) => BigUint64Array.from(items),
  s64: (items) => BigInt64Array.from(items),
  f32: (items) => Float32Array.from(items),
  f64: (items) => Float64Array.from(items),
};

const pointed = (type: AbiType, memory: Uint8Array, at: number, length: number): unknown => {
  if (type.kind !== 'list') return new TextDecoder('utf-8', { ignoreBOM: true }).decode(memory.slice(at, at + length));
  const items = Array.from({ length }, (_, index) => load(type.of, memory, at + index * sizeOf(type.of)));
  return arrays[type.of.kind]?.(items as never[]) ?? items;
};

const compound = (type: AbiType, parts: readonly unknown[]): unknown =>
  type.kind === 'record'
    ? Object.fromEntries(type.fields.map((field, index) => [camelCase(field.name), parts[index]]))
    : parts;

const flagged = (names: readonly string[], bits: bigint): unknown =>
  Object.fromEntries(names.map((name, index) => [camelCase(name), (bits >> BigInt(index)) % 2n === 1n]));

const chosen = (type: AbiType, { name, type: payload }: Case, val: unknown): unknown => {
  if (type.kind === 'enum') return name;
  if (type.kind === 'option' && type.of.kind !== 'option') return val;
  return payload === undefined ? { tag: name } : { tag: name, val };
};

export const load = (type: AbiType, memory: Uint8Array, at: number): unknown => {
  const parts = partsOf(type);
  if (parts !== undefined) {
    let next = at;
    const loaded = parts.map((part) => {
      const here = aligned(next, part);
      next = here + sizeOf(part);
      return load(part, memory, here);
    });
    return compound(type, loaded);
  }
  const cases = casesOf(type);
  if (cases !== undefined) {
    const one = cases[Number(unsigned(memory, at, discriminant(cases.length)))];
    if (one === undefined) throw new RangeError('no such case');
    return chosen(type, one, one.type && load(one.type, memory, at + payloadAt(cases)));
  }
  if (type.kind === 'string' || type.kind === 'list')
    return pointed(type, memory, Number(unsigned(memory, at, 4)), Number(unsigned(memory, at + 4, 4)));
  const bits = unsigned(memory, at, sizeOf(type));
  return type.kind === 'flags' ? flagged(type.names, bits) : scalar(type.kind, bits);
};

export const flatten = (type: AbiType): CoreType[] => {
  const parts = partsOf(type);
  if (parts !== undefined) return parts.flatMap(flatten);
  const cases = casesOf(type);
  if (cases !== undefined) {
    const flat: CoreType[] = [];
    for (const one of cases) {
      for (const [index, core] of (one.type === undefined ? [] : flatten(one.type)).entries())
        flat[index] = flat[index] === undefined ? core : joined(flat[index], core);
    }
    return ['i32', ...flat];
  }
  if (type.kind === 'string' || type.kind === 'list') return ['i32', 'i32'];
  if (type.kind === 'f32' || type.kind === 'f64') return [type.kind];
  return [type.kind === 'u64' || type.kind === 's64' ? 'i64' : 'i32'];
};

const joined = (a: CoreType, b: CoreType): CoreType => {
  if (a === b) return a;
  return a !== 'i64' && b !== 'i64' && a !== 'f64' && b !== 'f64' ? 'i32' : 'i64';
};

const bitsOf = (value: CoreValue, type: CoreType): bigint => {
  const view = new DataView(new ArrayBuffer(8));
  if (type === 'i64') return BigInt.asUintN(64, BigInt(value));
  if (type === 'i32') return BigInt.asUintN(32, BigInt(value));
  if (type === 'f64') view.setFloat64(0, Number(value));
  else view.setFloat32(4, Number(value));
  return view.getBigUint64(0);
};

/** `passed` says as what the values at hand are passed, where a variant joined them with others. */
export const liftFlat = (
  type: AbiType,
  memory: Uint8Array,
  values: CoreValue[],
  passed: CoreType[] = flatten(type),
): unknown => {
  const next = (): bigint => bitsOf(values.shift() ?? 0, passed.shift() ?? 'i32');
  const parts = partsOf(type);
  if (parts !== undefined)
    return compound(
      type,
      parts.map((part) => liftFlat(part, memory, values, passed)),
    );
  const cases = casesOf(type);
  if (cases !== undefined) {
    const all = flatten(type).length - 1;
    const one = cases[Number(next())];
    if (one === undefined) throw new RangeError('no such case');
    const payload = values.splice(0, all);
    const payloadTypes = passed.splice(0, all);
    return chosen(type, one, one.type && liftFlat(one.type, memory, payload, payloadTypes));
  }
  if (type.kind === 'string' || type.kind === 'list') return pointed(type, memory, Number(next()), Number(next()));
  const bits = next();
  return type.kind === 'flags' ? flagged(type.names, bits) : scalar(type.kind, BigInt.asUintN(sizeOf(type) * 8, bits));
};
