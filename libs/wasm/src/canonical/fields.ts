import { alignTo, type Codec, type CoreType, type CoreValue } from './codec.ts';
import type { Context } from './context.ts';

/** Where each of several values lies when they are stored, or flattened, one after another. */
export interface Layout {
  readonly size: number;
  readonly align: number;
  readonly flat: readonly CoreType[];
  readonly offsets: readonly number[];
  readonly positions: readonly number[];
}

export const layoutOf = (parts: readonly Codec[]): Layout => {
  const align = Math.max(1, ...parts.map((part) => part.align));
  const offsets: number[] = [];
  const positions: number[] = [];
  const flat: CoreType[] = [];
  let size = 0;
  for (const part of parts) {
    const offset = alignTo(size, part.align);
    offsets.push(offset);
    positions.push(flat.length);
    flat.push(...part.flat);
    size = offset + part.size;
  }
  return { size: alignTo(size, align), align, flat, offsets, positions };
};

/** How a tuple or record is taken apart and put together. */
interface Shape<T> {
  part(value: unknown, index: number): unknown;
  make(): T;
  put(made: T, index: number, part: unknown): void;
}

/** Values one after another: a tuple, a record, the parameters of a function. */
export const fields = <T>(parts: readonly Codec[], shape: Shape<T>): Codec => {
  const { size, align, flat, offsets, positions } = layoutOf(parts);
  const count = parts.length;
  const each = (read: (part: Codec, index: number) => unknown): T => {
    const made = shape.make();
    for (let index = 0; index < count; index++) {
      const part = parts[index];
      if (part !== undefined) shape.put(made, index, read(part, index));
    }
    return made;
  };
  return {
    size,
    align,
    flat,
    load: (cx: Context, at: number) => each((part, index) => part.load(cx, at + (offsets[index] ?? 0))),
    store: (cx: Context, value: unknown, at: number) => {
      for (let index = 0; index < count; index++)
        parts[index]?.store(cx, shape.part(value, index), at + (offsets[index] ?? 0));
    },
    lift: (cx: Context, values: readonly CoreValue[], at: number) =>
      each((part, index) => part.lift(cx, values, at + (positions[index] ?? 0))),
    lower: (cx: Context, value: unknown, out: CoreValue[]) => {
      for (let index = 0; index < count; index++) parts[index]?.lower(cx, shape.part(value, index), out);
    },
  };
};
