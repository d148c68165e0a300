import { readAlias, readSort, type Sort } from './alias.ts';
import { readCanon } from './canon-section.ts';
import type { BinaryReader } from './reader.ts';
import { at, Scope, type Extern, type Externs } from './scope.ts';
import { named, readExternName, readExternType, readType } from './type-section.ts';

const magic = 0x6d73_6100;
const componentVersion = 0x0001_000d;
const coreVersion = 0x0000_0001;

export const readPreamble = (reader: BinaryReader): void => {
  const start = reader.offset;
  const word = (): number => (reader.u8() | (reader.u8() << 8) | (reader.u8() << 16) | (reader.u8() << 24)) >>> 0;
  if (reader.end - start < 8 || word() !== magic) throw reader.fail('is not WebAssembly', start);
  const version = word();
  if (version === coreVersion) {
    throw reader.fail('is a core module, not a component; `wasm-tools component new` makes one of it', start + 4);
  }
  if (version !== componentVersion) {
    throw reader.fail(`has an unknown binary version 0x${version.toString(16).padStart(8, '0')}`, start + 4);
  }
};

/**
 * Reads a component as far as its imports and exports need: types, imports, aliases, instances, lifted functions and
 * exports. Core modules and instances are stepped over. Format: Component Model, Binary.md.
 */
export const readComponent = (reader: BinaryReader, parent?: Scope): Scope => {
  readPreamble(reader);
  const scope = parent === undefined ? new Scope() : parent.inside(reader);
  while (!reader.done) {
    const start = reader.offset;
    const id = reader.u8();
    const section = reader.slice(reader.u32());
    readSection(section, scope, id, start);
  }
  return scope;
};

const readSection = (section: BinaryReader, scope: Scope, id: number, start: number): void => {
  switch (id) {
    case 0: // custom
    case 1: // core module
    case 2: // core instances
    case 3: // core types
    case 9: // start
    case 12: // values
      return;
    case 4:
      scope.components.push(readComponent(section, scope).exports);
      return;
    case 5:
      section.vector(() => scope.instances.push(readInstance(section, scope)));
      break;
    case 6:
      section.vector(() => readAlias(section, scope));
      break;
    case 7:
      section.vector(() => scope.types.push(readType(section, scope)));
      break;
    case 8:
      section.vector(() => readCanon(section, scope));
      break;
    case 10:
      section.vector(() => readImport(section, scope));
      break;
    case 11:
      section.vector(() => readExport(section, scope));
      break;
    default:
      throw section.fail(`unknown section ${id}`, start);
  }
  if (!section.done) throw section.fail(`section ${id} goes on after its last item`);
};

const readImport = (reader: BinaryReader, scope: Scope): void => {
  const name = readExternName(reader);
  const extern = readExternType(reader, scope, name);
  scope.imports.set(name, extern);
  scope.define(extern);
};

const readExport = (reader: BinaryReader, scope: Scope): void => {
  const name = readExternName(reader);
  const found = readIndexed(reader, scope, name);
  const extern = reader.optional(() => readExternType(reader, scope, name)) ?? found;
  scope.exports.set(name, extern);
  scope.define(extern);
};

const readInstance = (reader: BinaryReader, scope: Scope): Externs => {
  const form = reader.u8();
  if (form === 0x00) {
    const exports = at(reader, scope.components, 'component', reader.u32());
    reader.vector(() => {
      reader.name();
      readIndexed(reader, scope, '');
    });
    return exports;
  }
  if (form !== 0x01) throw reader.fail(`unknown form ${form} of an instance`, reader.offset - 1);
  return new Map(
    reader.vector((): [string, Extern] => {
      const name = readExternName(reader);
      return [name, readIndexed(reader, scope, name)];
    }),
  );
};

/** sortidx: something of this component, by sort and index. */
const readIndexed = (reader: BinaryReader, scope: Scope, name: string): Extern =>
  fromSpace(reader, scope, readSort(reader), reader.u32(), name);

const fromSpace = (reader: BinaryReader, scope: Scope, sort: Sort, index: number, name: string): Extern => {
  switch (sort) {
    case 'func':
      return { kind: 'func', type: at(reader, scope.funcs, 'func', index) };
    case 'type':
      return { kind: 'type', entry: named(at(reader, scope.types, 'type', index), name), fresh: true };
    case 'instance':
      return { kind: 'instance', exports: at(reader, scope.instances, 'instance', index) };
    case 'component':
      return { kind: 'component', exports: at(reader, scope.components, 'component', index) };
    case 'value':
      return { kind: 'value' };
    case 'core':
    case 'core module':
      return { kind: 'module' };
  }
};
