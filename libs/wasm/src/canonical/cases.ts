import { alignTo, type Codec, type CoreType, type CoreValue } from './codec.ts';
import type { Context } from './context.ts';
import { GuestFault } from './trap.ts';

/** How the cases of a variant look in JavaScript. */
export interface CaseShape {
  /** The case of a value. @throws TypeError when it is none of them */
  of(value: unknown): number;
  /** What a value of some case carries. */
  payload(value: unknown): unknown;
  make(index: number, payload: unknown): unknown;
}

const discriminantBytes = (count: number): 1 | 2 | 4 => (count <= 0x100 ? 1 : count <= 0x1_0000 ? 2 : 4);

const join = (a: CoreType, b: CoreType): CoreType => {
  if (a === b) return a;
  return (a === 'i32' && b === 'f32') || (a === 'f32' && b === 'i32') ? 'i32' : 'i64';
};

const joined = (payloads: readonly (Codec | undefined)[]): CoreType[] => {
  const out: CoreType[] = [];
  for (const payload of payloads) {
    for (const [index, type] of (payload?.flat ?? []).entries()) {
      const there = out[index];
      out[index] = there === undefined ? type : join(there, type);
    }
  }
  return out;
};

const bits = new DataView(new ArrayBuffer(8));

/** A core value where a wider one, or an integer of its width, is passed. */
const widen = (value: CoreValue, from: CoreType, to: CoreType): CoreValue => {
  if (from === to) return value;
  if (from === 'f64') {
    bits.setFloat64(0, Number(value));
    return bits.getBigInt64(0);
  }
  if (from === 'f32') bits.setFloat32(0, Number(value));
  else bits.setInt32(0, Number(value));
  return to === 'i32' ? bits.getInt32(0) : BigInt(bits.getUint32(0));
};

const narrow = (value: CoreValue, from: CoreType, to: CoreType): CoreValue => {
  if (from === to) return value;
  if (to === 'f64') {
    bits.setBigInt64(0, BigInt(value));
    return bits.getFloat64(0);
  }
  bits.setInt32(0, Number(BigInt.asIntN(32, BigInt(value))));
  return to === 'f32' ? bits.getFloat32(0) : bits.getInt32(0);
};

const zeroOf = (type: CoreType): CoreValue => (type === 'i64' ? 0n : 0);

/** Variant, option, result and enum: a discriminant, and the payload of that case. */
export const cases = (payloads: readonly (Codec | undefined)[], shape: CaseShape): Codec => {
  const count = payloads.length;
  const tagBytes = discriminantBytes(count);
  const payloadAlign = Math.max(1, ...payloads.map((payload) => payload?.align ?? 1));
  const align = Math.max(tagBytes, payloadAlign);
  const payloadAt = alignTo(tagBytes, payloadAlign);
  const size = alignTo(payloadAt + Math.max(0, ...payloads.map((payload) => payload?.size ?? 0)), align);
  const rest = joined(payloads);
  /** Whether a case's core values have other types than those that are passed. */
  const differs = payloads.map((payload) => (payload?.flat ?? []).some((type, index) => type !== rest[index]));

  const caseOf = (index: number): Codec | undefined => {
    if (index >= count) throw new GuestFault(`${index} is not one of ${count} cases`);
    return payloads[index];
  };
  const readTag = ({ view }: Context, at: number): number =>
    tagBytes === 1 ? view.getUint8(at) : tagBytes === 2 ? view.getUint16(at, true) : view.getUint32(at, true);

  return {
    size,
    align,
    flat: ['i32', ...rest],
    load: (cx, at) => {
      const index = readTag(cx, at);
      return shape.make(index, caseOf(index)?.load(cx, at + payloadAt));
    },
    store: (cx, value, at) => {
      const index = shape.of(value);
      if (tagBytes === 1) cx.view.setUint8(at, index);
      else if (tagBytes === 2) cx.view.setUint16(at, index, true);
      else cx.view.setUint32(at, index, true);
      payloads[index]?.store(cx, shape.payload(value), at + payloadAt);
    },
    lift: (cx, values, at) => {
      const index = Number(values[at]) >>> 0;
      const payload = caseOf(index);
      if (payload === undefined || differs[index] !== true) return shape.make(index, payload?.lift(cx, values, at + 1));
      const own = payload.flat.map((type, part) => narrow(values[at + 1 + part] ?? 0, rest[part] ?? type, type));
      return shape.make(index, payload.lift(cx, own, 0));
    },
    lower: (cx, value, out) => {
      const index = shape.of(value);
      const codec = payloads[index];
      out.push(index);
      const start = out.length;
      codec?.lower(cx, shape.payload(value), out);
      if (codec !== undefined && differs[index] === true) {
        for (const [part, type] of codec.flat.entries())
          out[start + part] = widen(out[start + part] ?? 0, type, rest[part] ?? type);
      }
      for (let part = out.length - start; part < rest.length; part++) out.push(zeroOf(rest[part] ?? 'i32'));
    },
  };
};
