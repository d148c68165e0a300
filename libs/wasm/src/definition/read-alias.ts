import type { BinaryReader } from '../binary/reader.ts';
import type { CoreSort, Definition, Named, Sort } from './definition.ts';

const sorts: readonly Sort[] = ['func', 'value', 'type', 'component', 'instance'];
const coreSorts: ReadonlyMap<number, CoreSort> = new Map([
  [0x00, 'func'],
  [0x01, 'table'],
  [0x02, 'memory'],
  [0x03, 'global'],
  [0x10, 'type'],
  [0x11, 'module'],
  [0x12, 'instance'],
]);

export const readCoreSort = (reader: BinaryReader): CoreSort => {
  const code = reader.u8();
  const sort = coreSorts.get(code);
  if (sort === undefined) throw reader.fail(`unknown core sort ${code}`, reader.offset - 1);
  return sort;
};

/** sort, of which the core ones are told apart. */
const readSort = (reader: BinaryReader): { sort: Sort } | { core: CoreSort } => {
  const code = reader.u8();
  if (code === 0) return { core: readCoreSort(reader) };
  const sort = sorts[code - 1];
  if (sort === undefined) throw reader.fail(`unknown sort ${code}`, reader.offset - 1);
  return { sort };
};

/** The sort of something that a component imports, exports or passes on: of the core ones that is a module alone. */
export const readPassedSort = (reader: BinaryReader): Sort | 'module' => {
  const read = readSort(reader);
  if ('sort' in read) return read.sort;
  if (read.core !== 'module') throw reader.fail(`a core ${read.core} cannot be passed between components`);
  return 'module';
};

export const readPassed = (reader: BinaryReader, name: string): Named<Sort | 'module'> => ({
  name,
  sort: readPassedSort(reader),
  index: reader.u32(),
});

export const readAlias = (reader: BinaryReader): Definition => {
  const read = readSort(reader);
  const target = reader.u8();
  switch (target) {
    case 0x00: {
      const instance = reader.u32();
      return { kind: 'alias-export', sort: passed(reader, read), instance, name: reader.name() };
    }
    case 0x01:
      if ('sort' in read) throw reader.fail(`a core instance has no ${read.sort}`);
      return { kind: 'alias-core', sort: read.core, instance: reader.u32(), name: reader.name() };
    case 0x02: {
      const sort = 'core' in read && read.core === 'type' ? 'core-type' : passed(reader, read);
      return { kind: 'alias-outer', sort, levels: reader.u32(), index: reader.u32() };
    }
    default:
      throw reader.fail(`unknown alias target ${target}`, reader.offset - 1);
  }
};

const passed = (reader: BinaryReader, read: ReturnType<typeof readSort>): Sort | 'module' => {
  if ('sort' in read) return read.sort;
  if (read.core !== 'module') throw reader.fail(`core ${read.core} is aliased from outside the core`);
  return 'module';
};
