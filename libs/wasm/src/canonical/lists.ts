import { mismatch, type Codec } from './codec.ts';
import type { AbiType } from './abi-type.ts';
import type { Context } from './context.ts';

const numeric = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

type Numeric = (typeof numeric)[keyof typeof numeric];

const arrayOf = ({ kind }: AbiType): Numeric | undefined =>
  Object.hasOwn(numeric, kind) ? numeric[kind as keyof typeof numeric] : undefined;

interface Items {
  readonly at: number;
  readonly count: number;
}

interface ListForm {
  readonly read: (cx: Context, at: number, count: number) => unknown;
  readonly write: (cx: Context, value: unknown) => Items;
}

const listOf = ({ read, write }: ListForm): Codec => ({
  size: 8,
  align: 4,
  flat: ['i32', 'i32'],
  load: (cx, at) => read(cx, cx.view.getUint32(at, true), cx.view.getUint32(at + 4, true)),
  store: (cx, value, at) => {
    const items = write(cx, value);
    cx.view.setUint32(at, items.at, true);
    cx.view.setUint32(at + 4, items.count, true);
  },
  lift: (cx, values, at) => read(cx, Number(values[at]) >>> 0, Number(values[at + 1]) >>> 0),
  lower: (cx, value, out) => {
    const items = write(cx, value);
    out.push(items.at, items.count);
  },
});

/** Any elements, one after another. */
const plain = (item: Codec): ListForm => {
  const each = item.size;
  const readAll = (cx: Context, at: number, count: number): unknown[] => {
    cx.checkMany(at, item.align, count, each);
    const out: unknown[] = [];
    for (let index = 0; index < count; index++) out.push(item.load(cx, at + index * each));
    return out;
  };
  return {
    read: readAll,
    write: (cx, value) => {
      const items = itemsOf(value);
      const count = items.length;
      const at = cx.allocate(item.align, count * each);
      for (let index = 0; index < count; index++) item.store(cx, items[index], at + index * each);
      return { at, count };
    },
  };
};

const itemsOf = (value: unknown): ArrayLike<unknown> => {
  if (Array.isArray(value)) return value;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return value as unknown as ArrayLike<unknown>;
  throw mismatch('an array', value);
};

/** Numbers, as an array of their type: their bytes are copied as they are, low byte first on both sides. */
const numbers = (item: Codec, array: Numeric): ListForm => {
  const each = item.size;
  const slow = plain(item);
  return {
    read: (cx, at, count) => {
      cx.checkMany(at, item.align, count, each);
      const bytes = cx.bytes.slice(at, at + count * each);
      return array === Uint8Array ? bytes : new array(bytes.buffer);
    },
    write: (cx, value) => {
      if (!(value instanceof array)) return slow.write(cx, value);
      const at = cx.allocate(item.align, value.byteLength);
      cx.bytes.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), at);
      return { at, count: value.length };
    },
  };
};

/** list<of>, whose elements pass by `item`. */
export const list = (of: AbiType, item: Codec): Codec => {
  const array = arrayOf(of);
  return listOf(array === undefined ? plain(item) : numbers(item, array));
};
