import { primitives } from '../binary/primitives.ts';
import { BinaryReader } from '../binary/reader.ts';
import { readExternName } from '../binary/type-section.ts';
import { UnsupportedError, type Definition, type ExternType, type TypeDef, type TypeRef } from './definition.ts';
import { readAlias } from './read-alias.ts';

const readRef = (reader: BinaryReader): TypeRef => {
  const primitive = primitives.get(reader.peek());
  if (primitive === undefined) return reader.u32();
  reader.u8();
  return primitive;
};

/** deftype. */
export const readTypeDef = (reader: BinaryReader): TypeDef => {
  const code = reader.u8();
  const primitive = primitives.get(code);
  if (primitive !== undefined) return { kind: 'primitive', of: primitive };
  const ref = (): TypeRef => readRef(reader);
  const names = (): string[] => reader.vector(() => reader.name());
  switch (code) {
    case 0x72:
      return { kind: 'record', fields: reader.vector(() => [reader.name(), ref()] as const) };
    case 0x71:
      return { kind: 'variant', cases: reader.vector(() => readCase(reader)) };
    case 0x70:
      return { kind: 'list', of: ref() };
    case 0x6f:
      return { kind: 'tuple', of: reader.vector(ref) };
    case 0x6e:
      return { kind: 'flags', names: names() };
    case 0x6d:
      return { kind: 'enum', names: names() };
    case 0x6b:
      return { kind: 'option', of: ref() };
    case 0x6a:
      return { kind: 'result', ok: reader.optional(ref), err: reader.optional(ref) };
    case 0x69:
      return { kind: 'own', resource: reader.u32() };
    case 0x68:
      return { kind: 'borrow', resource: reader.u32() };
    case 0x40:
      return readFunc(reader);
    case 0x41:
      readMembers(reader);
      return { kind: 'component' };
    case 0x42:
      return { kind: 'instance', members: readMembers(reader) };
    case 0x3f:
      if (reader.u8() !== 0x7f) throw reader.fail('resource is not represented by an i32');
      return { kind: 'resource', destructor: reader.optional(() => reader.u32()) };
    default:
      throw new UnsupportedError(`type 0x${code.toString(16)}`);
  }
};

const readCase = (reader: BinaryReader): [string, TypeRef | undefined] => {
  const name = reader.name();
  const type = reader.optional(() => readRef(reader));
  if (reader.u8() !== 0) throw reader.fail(`case "${name}" refines another, which is no longer defined`);
  return [name, type];
};

const readFunc = (reader: BinaryReader): TypeDef => {
  const params = reader.vector((): TypeRef => {
    reader.name();
    return readRef(reader);
  });
  const form = reader.u8();
  if (form === 0) return { kind: 'func', params, result: readRef(reader) };
  if (form !== 1 || reader.u8() !== 0) throw reader.fail('function with several results, which is no longer defined');
  return { kind: 'func', params, result: undefined };
};

/** The declarations of an instance or component type. */
const readMembers = (reader: BinaryReader): Definition[] =>
  reader.vector((): Definition => {
    const code = reader.u8();
    switch (code) {
      case 0x01:
        return { kind: 'type', type: readTypeDef(reader) };
      case 0x02:
        return readAlias(reader);
      case 0x03:
        return { kind: 'import', name: readExternName(reader), type: readExternType(reader) };
      case 0x04:
        return { kind: 'declared-export', name: readExternName(reader), type: readExternType(reader) };
      default:
        throw new UnsupportedError(`declaration 0x${code.toString(16)} inside a type`);
    }
  });

/** externdesc. */
export const readExternType = (reader: BinaryReader): ExternType => {
  const code = reader.u8();
  switch (code) {
    case 0x00:
      reader.u8();
      reader.u32();
      return { kind: 'module' };
    case 0x01:
      return { kind: 'func', type: reader.u32() };
    case 0x02:
      if (reader.u8() === 0) reader.u32();
      else readRef(reader);
      return { kind: 'value' };
    case 0x03:
      return reader.u8() === 0 ? { kind: 'same-type', type: reader.u32() } : { kind: 'new-resource' };
    case 0x04:
      return { kind: 'component', type: reader.u32() };
    case 0x05:
      return { kind: 'instance', type: reader.u32() };
    default:
      throw reader.fail(`unknown sort ${code} of an import or export`, reader.offset - 1);
  }
};
