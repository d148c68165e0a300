import type { BinaryReader } from './reader.ts';
import { readAlias } from './alias.ts';
import { at, type Extern, type Scope, type TypeEntry } from './scope.ts';
import { readDefinedType, readFuncType } from './value-type.ts';

/** deftype: one entry of the type space. */
export const readType = (reader: BinaryReader, scope: Scope): TypeEntry => {
  const code = reader.u8();
  switch (code) {
    case 0x40:
    case 0x43:
      return { kind: 'func', type: readFuncType(reader, scope) };
    case 0x41:
      return { kind: 'component', exports: readDeclarations(reader, scope.inside(reader)).exports };
    case 0x42:
      return { kind: 'instance', exports: readDeclarations(reader, scope.inside(reader)).exports };
    case 0x3f:
      if (reader.u8() !== 0x7f) throw reader.fail('resource is not represented by an i32');
      reader.optional(() => reader.u32());
      return { kind: 'resource', name: '' };
    default:
      return readDefinedType(reader, scope, code);
  }
};

/** The declarations of a component or instance type, into a scope of their own. */
const readDeclarations = (reader: BinaryReader, scope: Scope): Scope => {
  reader.vector(() => {
    const code = reader.u8();
    switch (code) {
      case 0x01:
        return scope.types.push(readType(reader, scope));
      case 0x02:
        return readAlias(reader, scope);
      case 0x03:
        return declare(reader, scope, scope.imports);
      case 0x04:
        return declare(reader, scope, scope.exports);
      default:
        throw reader.fail(`declaration 0x${code.toString(16)} inside a type is not supported`, reader.offset - 1);
    }
  });
  return scope;
};

const declare = (reader: BinaryReader, scope: Scope, names: Map<string, Extern>): void => {
  const name = readExternName(reader);
  const extern = readExternType(reader, scope, name);
  names.set(name, extern);
  scope.define(extern);
};

/** importname' and exportname'; the forms differ in what follows the name, which changes nothing here. */
export const readExternName = (reader: BinaryReader): string => {
  const form = reader.u8();
  if (form > 2) throw reader.fail(`unknown form ${form} of a name`, reader.offset - 1);
  const name = reader.name();
  if (form === 2) reader.name();
  return name;
};

/** externdesc. A resource has no name of its own: it takes the one under which it is imported or exported. */
export const readExternType = (reader: BinaryReader, scope: Scope, name: string): Extern => {
  const code = reader.u8();
  switch (code) {
    case 0x00:
      if (reader.u8() !== 0x11) throw reader.fail('only a core module can be imported or exported of the core sorts');
      reader.u32();
      return { kind: 'module' };
    case 0x01:
      return { kind: 'func', type: typeOfKind(reader, scope, 'func').type };
    case 0x02:
      if (reader.u8() === 0) reader.u32();
      else readTypeBound(reader, scope);
      return { kind: 'value' };
    case 0x03:
      return readTypeImport(reader, scope, name);
    case 0x04:
      return { kind: 'component', exports: typeOfKind(reader, scope, 'component').exports };
    case 0x05:
      return { kind: 'instance', exports: typeOfKind(reader, scope, 'instance').exports };
    default:
      throw reader.fail(`unknown sort ${code} of an import or export`, reader.offset - 1);
  }
};

const readTypeBound = (reader: BinaryReader, scope: Scope): void => {
  readDefinedType(reader, scope, reader.u8());
};

const readTypeImport = (reader: BinaryReader, scope: Scope, name: string): Extern => {
  const bound = reader.u8();
  // wit-component names the resources that it passes into its inner components so.
  const resource = { kind: 'resource', name: name.replace(/^import-type-/, '') } as const;
  if (bound === 1) return { kind: 'type', entry: resource, fresh: true };
  if (bound !== 0) throw reader.fail(`unknown bound ${bound} of a type`, reader.offset - 1);
  return { kind: 'type', entry: named(at(reader, scope.types, 'type', reader.u32()), name), fresh: false };
};

/** A resource of this component has no name until it is exported; all others keep the one they came with. */
export const named = (entry: TypeEntry, name: string): TypeEntry =>
  entry.kind === 'resource' && entry.name === '' ? { kind: 'resource', name } : entry;

const typeOfKind = <K extends TypeEntry['kind']>(
  reader: BinaryReader,
  scope: Scope,
  kind: K,
): Extract<TypeEntry, { kind: K }> => {
  const index = reader.u32();
  const entry = at(reader, scope.types, 'type', index);
  if (!isKind(entry, kind)) throw reader.fail(`type ${index} is a ${entry.kind}, a ${kind} is needed`);
  return entry;
};

const isKind = <K extends TypeEntry['kind']>(entry: TypeEntry, kind: K): entry is Extract<TypeEntry, { kind: K }> =>
  entry.kind === kind;
