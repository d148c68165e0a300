import { camelCase } from '@kasmcloud/wrpc';
import { UnsupportedError } from '../definition/definition.ts';
import type { AbiCase, AbiField, AbiType } from './abi-type.ts';
import { cases } from './cases.ts';
import { mismatch, type Codec, type CoreType } from './codec.ts';
import { fields } from './fields.ts';
import { borrow, own } from './handles.ts';
import { list } from './lists.ts';
import { scalars } from './scalars.ts';
import { text } from './text.ts';

const known = new WeakMap<AbiType, Codec>();

/** The codec of a type; made once for each type. @throws UnsupportedError */
export const codecOf = (type: AbiType): Codec => {
  const made = known.get(type) ?? make(type);
  known.set(type, made);
  return made;
};

const optional = (type: AbiType | undefined): Codec | undefined => (type === undefined ? undefined : codecOf(type));

const make = (type: AbiType): Codec => {
  switch (type.kind) {
    case 'string':
      return text;
    case 'list':
      return list(type.of, codecOf(type.of));
    case 'tuple':
      return tuple(type.of);
    case 'record':
      return record(type.fields);
    case 'variant':
      return variant(type.cases);
    case 'enum':
      return enumeration(type.names);
    case 'option':
      return option(type.of);
    case 'result':
      return cases([optional(type.ok), optional(type.err)], tagged(['ok', 'err'], [type.ok, type.err]));
    case 'flags':
      return flags(type.names);
    case 'own':
      return own(type.resource);
    case 'borrow':
      return borrow(type.resource);
    case 'bool':
    case 'u8':
    case 'u16':
    case 'u32':
    case 'u64':
    case 's8':
    case 's16':
    case 's32':
    case 's64':
    case 'f32':
    case 'f64':
    case 'char':
      return scalars[type.kind];
  }
};

/** Values in a row as an array: a tuple, and the parameters of a function. */
export const tuple = (of: readonly AbiType[]): Codec =>
  fields<unknown[]>(of.map(codecOf), {
    part: (value, index) => {
      if (!Array.isArray(value) || value.length !== of.length) throw mismatch(`an array of ${of.length}`, value);
      return value[index];
    },
    make: () => [],
    put: (made, _, part) => void made.push(part),
  });

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

type Members = Record<string, unknown>;

// A field may be called `__proto__` in a component that a stranger wrote; assignment would change the prototype.
const define = (object: Members, key: string, value: unknown): void => {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true });
  else object[key] = value;
};

const record = (of: readonly AbiField[]): Codec => {
  const names = of.map(({ name }) => camelCase(name));
  return fields<Members>(
    of.map(({ type }) => codecOf(type)),
    {
      part: (value, index) => {
        if (!isObject(value)) throw mismatch('an object', value);
        return value[names[index] ?? ''];
      },
      make: () => ({}),
      put: (made, index, part) => define(made, names[index] ?? '', part),
    },
  );
};

/** `{tag, val}`; a case without a payload has no `val`. */
const tagged = (names: readonly string[], payloads: readonly unknown[]): Parameters<typeof cases>[1] => {
  const indexes = new Map(names.map((name, index) => [name, index]));
  return {
    of: (value) => {
      const tag = isObject(value) ? value['tag'] : undefined;
      // Results have two, and are what most functions return.
      if (tag === names[0]) return 0;
      if (tag === names[1] && tag !== undefined) return 1;
      const index = typeof tag === 'string' ? indexes.get(tag) : undefined;
      if (index === undefined) throw mismatch(`an object with one of the tags ${names.join(', ')}`, value);
      return index;
    },
    payload: (value) => (value as Members)['val'],
    make: (index, payload) => {
      const tag = names[index] ?? '';
      return payloads[index] === undefined ? { tag } : { tag, val: payload };
    },
  };
};

const variant = (of: readonly AbiCase[]): Codec =>
  cases(
    of.map(({ type }) => optional(type)),
    tagged(
      of.map(({ name }) => name),
      of.map(({ type }) => type),
    ),
  );

const enumeration = (names: readonly string[]): Codec => {
  const indexes = new Map(names.map((name, index) => [name, index]));
  return cases(
    names.map(() => undefined),
    {
      of: (value) => {
        const index = typeof value === 'string' ? indexes.get(value) : undefined;
        if (index === undefined) throw mismatch(`one of ${names.join(', ')}`, value);
        return index;
      },
      payload: () => undefined,
      make: (index) => names[index],
    },
  );
};

const option = (of: AbiType): Codec => {
  const payloads = [undefined, codecOf(of)];
  // `undefined` is taken by the inner option, so the outer one is tagged.
  if (of.kind === 'option') return cases(payloads, tagged(['none', 'some'], [undefined, of]));
  return cases(payloads, {
    of: (value) => (value === undefined ? 0 : 1),
    payload: (value) => value,
    make: (_, payload) => payload,
  });
};

const maxFlags = 32;

const flags = (of: readonly string[]): Codec => {
  if (of.length > maxFlags) throw new UnsupportedError(`flags with more than ${maxFlags} names`);
  const names = of.map(camelCase);
  const bytes = of.length <= 8 ? 1 : of.length <= 16 ? 2 : 4;
  const bitsOf = (value: unknown): number => {
    if (!isObject(value)) throw mismatch('an object of booleans', value);
    let bits = 0;
    for (const [bit, name] of names.entries()) if (value[name] === true) bits |= 1 << bit;
    return bits;
  };
  const make = (bits: number): Members => {
    const made: Members = {};
    for (const [bit, name] of names.entries()) define(made, name, ((bits >>> bit) & 1) === 1);
    return made;
  };
  const flat: readonly CoreType[] = ['i32'];
  return {
    size: bytes,
    align: bytes,
    flat,
    load: ({ view }, at) =>
      make(bytes === 1 ? view.getUint8(at) : bytes === 2 ? view.getUint16(at, true) : view.getUint32(at, true)),
    store: ({ view }, value, at) => {
      const bits = bitsOf(value);
      if (bytes === 1) view.setUint8(at, bits);
      else if (bytes === 2) view.setUint16(at, bits, true);
      else view.setInt32(at, bits, true);
    },
    lift: (_, values, at) => make(Number(values[at])),
    lower: (_, value, out) => void out.push(bitsOf(value)),
  };
};
