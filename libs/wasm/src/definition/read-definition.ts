import { readPreamble } from '../binary/component.ts';
import { BinaryReader } from '../binary/reader.ts';
import { readExternName } from '../binary/type-section.ts';
import {
  UnsupportedError,
  type CanonOptions,
  type ComponentDefinition,
  type Definition,
  type Encoding,
} from './definition.ts';
import { readAlias, readCoreSort, readPassed } from './read-alias.ts';
import { readExternType, readTypeDef } from './read-types.ts';

/** How deep components may nest. */
const maxNesting = 32;

/**
 * Reads all that it takes to instantiate a component. Format: Component Model, Binary.md.
 * @throws ComponentError when the bytes are not a component; UnsupportedError for asynchronous functions, streams,
 * futures, and what the component model has not settled
 */
export const readDefinition = (bytes: Uint8Array): ComponentDefinition => {
  const modules: Uint8Array[] = [];
  return { definitions: readComponent(new BinaryReader(bytes), modules, 0), modules };
};

const readComponent = (reader: BinaryReader, modules: Uint8Array[], nesting: number): Definition[] => {
  if (nesting > maxNesting) throw reader.fail(`components nest deeper than ${maxNesting}`);
  readPreamble(reader);
  const definitions: Definition[] = [];
  while (!reader.done) {
    const id = reader.u8();
    const section = reader.slice(reader.u32());
    readSection(id, section, definitions, modules, nesting);
  }
  return definitions;
};

const readSection = (
  id: number,
  section: BinaryReader,
  definitions: Definition[],
  modules: Uint8Array[],
  nesting: number,
): void => {
  const each = (read: (reader: BinaryReader) => Definition): void => {
    for (const one of section.vector(() => read(section))) definitions.push(one);
  };
  switch (id) {
    case 0:
    case 3: // Core types: only modules that are imported have use for them, and those are refused.
      return;
    case 1:
      definitions.push({ kind: 'core-module', module: modules.length });
      modules.push(section.bytes.subarray(section.offset, section.end));
      return;
    case 2:
      return each(readCoreInstance);
    case 4:
      definitions.push({ kind: 'component', definitions: readComponent(section, modules, nesting + 1) });
      return;
    case 5:
      return each(readInstance);
    case 6:
      return each(readAlias);
    case 7:
      return each((reader) => ({ kind: 'type', type: readTypeDef(reader) }));
    case 8:
      return each(readCanon);
    case 10:
      return each((reader) => ({ kind: 'import', name: readExternName(reader), type: readExternType(reader) }));
    case 11:
      return each(readExport);
    default:
      throw new UnsupportedError(`section ${id}`);
  }
};

const readCoreInstance = (reader: BinaryReader): Definition => {
  const form = reader.u8();
  if (form === 0x00) {
    const module = reader.u32();
    const args = reader.vector(() => {
      const name = reader.name();
      if (reader.u8() !== 0x12) throw reader.fail('a core module is given something other than an instance');
      return [name, reader.u32()] as const;
    });
    return { kind: 'core-instance', module, args };
  }
  if (form !== 0x01) throw reader.fail(`unknown form ${form} of a core instance`, reader.offset - 1);
  const exports = reader.vector(() => ({ name: reader.name(), sort: readCoreSort(reader), index: reader.u32() }));
  return { kind: 'core-bundle', exports };
};

const readInstance = (reader: BinaryReader): Definition => {
  const form = reader.u8();
  if (form === 0x00) {
    const component = reader.u32();
    return { kind: 'instance', component, args: reader.vector(() => readPassed(reader, reader.name())) };
  }
  if (form !== 0x01) throw reader.fail(`unknown form ${form} of an instance`, reader.offset - 1);
  return { kind: 'bundle', exports: reader.vector(() => readPassed(reader, readExternName(reader))) };
};

const readExport = (reader: BinaryReader): Definition => {
  const passed = readPassed(reader, readExternName(reader));
  reader.optional(() => readExternType(reader));
  return { kind: 'export', ...passed };
};

const readCanon = (reader: BinaryReader): Definition => {
  const code = reader.u8();
  switch (code) {
    case 0x00:
      reader.u8();
      return { kind: 'lift', func: reader.u32(), options: readOptions(reader), type: reader.u32() };
    case 0x01:
      reader.u8();
      return { kind: 'lower', func: reader.u32(), options: readOptions(reader) };
    case 0x02:
      return { kind: 'resource-new', type: reader.u32() };
    case 0x03:
      return { kind: 'resource-drop', type: reader.u32() };
    case 0x04:
      return { kind: 'resource-rep', type: reader.u32() };
    default:
      throw new UnsupportedError(`canonical function 0x${code.toString(16)}`);
  }
};

const encodings: readonly Encoding[] = ['utf8', 'utf16', 'latin1+utf16'];

const readOptions = (reader: BinaryReader): CanonOptions => {
  let encoding: Encoding = 'utf8';
  const indexes = new Map<number, number>();
  reader.vector(() => {
    const code = reader.u8();
    const named = encodings[code];
    if (named !== undefined) encoding = named;
    else if (code <= 0x05) indexes.set(code, reader.u32());
    else throw new UnsupportedError(`canonical option 0x${code.toString(16)}`);
  });
  return { encoding, memory: indexes.get(0x03), realloc: indexes.get(0x04), postReturn: indexes.get(0x05) };
};
