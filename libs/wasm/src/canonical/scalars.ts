import type { PrimitiveKind } from '@kasmcloud/wrpc';
import { mismatch, type Codec, type CoreType, type CoreValue } from './codec.ts';
import type { Context } from './context.ts';
import { GuestFault } from './trap.ts';

interface Scalar<T> {
  readonly size: number;
  readonly flat: CoreType;
  readonly read: (view: DataView, at: number) => CoreValue;
  readonly write: (view: DataView, value: CoreValue, at: number) => void;
  /** From any core value: what is beyond the type's width does not count. */
  readonly fromCore: (value: CoreValue) => T;
  readonly toCore: (value: unknown) => CoreValue;
}

const scalar = <T>({ size, flat, read, write, fromCore, toCore }: Scalar<T>): Codec => ({
  size,
  align: size,
  flat: [flat],
  load: ({ view }: Context, at: number) => fromCore(read(view, at)),
  store: ({ view }: Context, value: unknown, at: number) => write(view, toCore(value), at),
  lift: (_: Context, values: readonly CoreValue[], at: number) => fromCore(values[at] ?? 0),
  lower: (_: Context, value: unknown, out: CoreValue[]) => void out.push(toCore(value)),
});

const integer =
  (name: string, min: number, max: number) =>
  (value: unknown): number => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
      throw mismatch(name, value);
    return value;
  };

const big =
  (name: string, min: bigint, max: bigint) =>
  (value: unknown): bigint => {
    if (typeof value !== 'bigint' || value < min || value > max) throw mismatch(name, value);
    return value;
  };

const float = (value: unknown): number => {
  if (typeof value !== 'number') throw mismatch('a number', value);
  return value;
};

const charOf = (value: CoreValue): string => {
  const point = Number(value) >>> 0;
  if (point > 0x10_ffff || (point >= 0xd800 && point <= 0xdfff)) throw new GuestFault(`${point} is not a character`);
  return String.fromCodePoint(point);
};

const pointOf = (value: unknown): number => {
  const point = typeof value === 'string' ? value.codePointAt(0) : undefined;
  if (point === undefined || String.fromCodePoint(point) !== value || (point >= 0xd800 && point <= 0xdfff))
    throw mismatch('one character', value);
  return point;
};

const readU8 = (view: DataView, at: number): number => view.getUint8(at);
const writeU8 = (view: DataView, value: CoreValue, at: number): void => view.setUint8(at, Number(value));
const readU16 = (view: DataView, at: number): number => view.getUint16(at, true);
const writeU16 = (view: DataView, value: CoreValue, at: number): void => view.setUint16(at, Number(value), true);
const readI32 = (view: DataView, at: number): number => view.getInt32(at, true);
const writeI32 = (view: DataView, value: CoreValue, at: number): void => view.setInt32(at, Number(value), true);
const readI64 = (view: DataView, at: number): bigint => view.getBigInt64(at, true);
const writeI64 = (view: DataView, value: CoreValue, at: number): void => view.setBigInt64(at, BigInt(value), true);

const one = { size: 1, flat: 'i32', read: readU8, write: writeU8 } as const;
const two = { size: 2, flat: 'i32', read: readU16, write: writeU16 } as const;
const four = { size: 4, flat: 'i32', read: readI32, write: writeI32 } as const;
const eight = { size: 8, flat: 'i64', read: readI64, write: writeI64 } as const;

/** Every primitive but string. */
export const scalars: Readonly<Record<Exclude<PrimitiveKind, 'string'>, Codec>> = {
  bool: scalar({
    ...one,
    fromCore: (value) => Number(value) !== 0,
    toCore: (value) => {
      if (typeof value !== 'boolean') throw mismatch('a boolean', value);
      return value ? 1 : 0;
    },
  }),
  u8: scalar({ ...one, fromCore: (value) => Number(value) & 0xff, toCore: integer('a u8', 0, 0xff) }),
  s8: scalar({ ...one, fromCore: (value) => (Number(value) << 24) >> 24, toCore: integer('an s8', -0x80, 0x7f) }),
  u16: scalar({ ...two, fromCore: (value) => Number(value) & 0xffff, toCore: integer('a u16', 0, 0xffff) }),
  s16: scalar({ ...two, fromCore: (value) => (Number(value) << 16) >> 16, toCore: integer('an s16', -0x8000, 0x7fff) }),
  u32: scalar({ ...four, fromCore: (value) => Number(value) >>> 0, toCore: integer('a u32', 0, 0xffff_ffff) }),
  s32: scalar({
    ...four,
    fromCore: (value) => Number(value) | 0,
    toCore: integer('an s32', -0x8000_0000, 0x7fff_ffff),
  }),
  u64: scalar({
    ...eight,
    fromCore: (value) => BigInt.asUintN(64, BigInt(value)),
    toCore: big('a u64', 0n, 0xffff_ffff_ffff_ffffn),
  }),
  s64: scalar({
    ...eight,
    fromCore: (value) => BigInt.asIntN(64, BigInt(value)),
    toCore: big('an s64', -0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn),
  }),
  f32: scalar({
    size: 4,
    flat: 'f32',
    read: (view, at) => view.getFloat32(at, true),
    write: (view, value, at) => view.setFloat32(at, Number(value), true),
    fromCore: (value) => Math.fround(Number(value)),
    toCore: (value) => Math.fround(float(value)),
  }),
  f64: scalar({
    size: 8,
    flat: 'f64',
    read: (view, at) => view.getFloat64(at, true),
    write: (view, value, at) => view.setFloat64(at, Number(value), true),
    fromCore: Number,
    toCore: float,
  }),
  char: scalar({ ...four, fromCore: charOf, toCore: pointOf }),
};
