import { mismatch, type Codec } from './codec.ts';
import type { Context } from './context.ts';
import { GuestFault } from './trap.ts';

/** Marks the length of a string in `latin1+utf16` as one of UTF-16. */
const utf16Tag = 0x8000_0000;

/** Up to here a loop is faster than a call into the engine that checks or converts. */
const shortLength = 128;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const readUtf8 = (cx: Context, at: number, length: number): string => {
  cx.checkMany(at, 1, length, 1);
  const end = at + length;
  const text = length <= shortLength ? cx.ascii(at, end) : undefined;
  if (text !== undefined) return text;
  try {
    return utf8.decode(cx.bytes.subarray(at, end));
  } catch {
    throw new GuestFault('a string is not UTF-8');
  }
};

const readUtf16 = (cx: Context, at: number, units: number): string => {
  cx.checkMany(at, 2, units, 2);
  const text = cx.chars.toString('utf16le', at, at + units * 2);
  if (!text.isWellFormed()) throw new GuestFault('a string is not UTF-16');
  return text;
};

const readLatin1 = (cx: Context, at: number, length: number): string => {
  cx.checkMany(at, 2, length, 1);
  return cx.chars.toString('latin1', at, at + length);
};

const read = (cx: Context, at: number, length: number): string => {
  switch (cx.encoding) {
    case 'utf8':
      return readUtf8(cx, at, length);
    case 'utf16':
      return readUtf16(cx, at, length);
    case 'latin1+utf16':
      return length >= utf16Tag ? readUtf16(cx, at, length - utf16Tag) : readLatin1(cx, at, length);
  }
};

/** A string in the guest's memory: where, and its length as the encoding counts it. */
interface Written {
  readonly at: number;
  readonly length: number;
}

const isAscii = (text: string): boolean => {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 0x80) return false;
  return true;
};

const writeUtf8 = (cx: Context, text: string): Written => {
  if (text.length <= shortLength && isAscii(text)) {
    const at = cx.allocate(1, text.length);
    for (let index = 0; index < text.length; index++) cx.bytes[at + index] = text.charCodeAt(index);
    return { at, length: text.length };
  }
  const length = Buffer.byteLength(text, 'utf8');
  const at = cx.allocate(1, length);
  cx.chars.write(text, at, length, 'utf8');
  return { at, length };
};

const writeUtf16 = (cx: Context, text: string): Written => {
  const at = cx.allocate(2, text.length * 2);
  // Half a surrogate pair is no text in any encoding.
  cx.chars.write(text.toWellFormed(), at, text.length * 2, 'utf16le');
  return { at, length: text.length };
};

const isLatin1 = (text: string): boolean => {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return false;
  return true;
};

const write = (cx: Context, value: unknown): Written => {
  if (typeof value !== 'string') throw mismatch('a string', value);
  switch (cx.encoding) {
    case 'utf8':
      return writeUtf8(cx, value);
    case 'utf16':
      return writeUtf16(cx, value);
    case 'latin1+utf16': {
      if (!isLatin1(value)) {
        const { at, length } = writeUtf16(cx, value);
        return { at, length: length + utf16Tag };
      }
      const at = cx.allocate(2, value.length);
      cx.chars.write(value, at, value.length, 'latin1');
      return { at, length: value.length };
    }
  }
};

export const text: Codec = {
  size: 8,
  align: 4,
  flat: ['i32', 'i32'],
  load: (cx, at) => read(cx, cx.view.getUint32(at, true), cx.view.getUint32(at + 4, true)),
  store: (cx, value, at) => {
    const written = write(cx, value);
    cx.view.setUint32(at, written.at, true);
    cx.view.setUint32(at + 4, written.length, true);
  },
  lift: (cx, values, at) => read(cx, Number(values[at]) >>> 0, Number(values[at + 1]) >>> 0),
  lower: (cx, value, out) => {
    const written = write(cx, value);
    out.push(written.at, written.length | 0);
  },
};
