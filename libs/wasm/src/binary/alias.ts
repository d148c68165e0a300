import type { BinaryReader } from './reader.ts';
import { at, type Extern, type Scope } from './scope.ts';

/** Component Model, Binary.md: sort. */
export type Sort = 'core' | 'core module' | 'func' | 'value' | 'type' | 'component' | 'instance';

const sorts: readonly Sort[] = ['core', 'func', 'value', 'type', 'component', 'instance'];

export const readSort = (reader: BinaryReader): Sort => {
  const code = reader.u8();
  const sort = sorts[code];
  if (sort === undefined) throw reader.fail(`unknown sort ${code}`, reader.offset - 1);
  if (sort !== 'core') return sort;
  return reader.u8() === 0x11 ? 'core module' : 'core';
};

/** alias: another name for an export of an instance, or for something of an enclosing component. */
export const readAlias = (reader: BinaryReader, scope: Scope): void => {
  const sort = readSort(reader);
  const target = reader.u8();
  switch (target) {
    case 0x00: {
      const instance = at(reader, scope.instances, 'instance', reader.u32());
      const name = reader.name();
      const found = instance.get(name);
      if (found === undefined) throw reader.fail(`instance has no export "${name}"`);
      if (found.kind !== (sort === 'core module' ? 'module' : sort)) {
        throw reader.fail(`export "${name}" is a ${found.kind}, a ${sort} is needed`);
      }
      scope.define(found);
      return;
    }
    case 0x01:
      if (sort !== 'core' && sort !== 'core module') throw reader.fail(`a core instance has no ${sort}`);
      reader.u32();
      reader.name();
      return;
    case 0x02:
      scope.define(readOuter(reader, scope, sort));
      return;
    default:
      throw reader.fail(`unknown alias target ${target}`, reader.offset - 1);
  }
};

const readOuter = (reader: BinaryReader, scope: Scope, sort: Sort): Extern => {
  let outer: Scope | undefined = scope;
  const levels = reader.u32();
  for (let level = 0; level < levels && outer !== undefined; level++) outer = outer.parent;
  if (outer === undefined) throw reader.fail(`alias reaches out ${levels} levels, there are ${scope.nesting}`);
  const index = reader.u32();
  switch (sort) {
    case 'type':
      return { kind: 'type', entry: at(reader, outer.types, 'type', index), fresh: false };
    case 'component':
      return { kind: 'component', exports: at(reader, outer.components, 'component', index) };
    case 'core':
    case 'core module':
      return { kind: 'module' };
    case 'func':
    case 'value':
    case 'instance':
      throw reader.fail(`a ${sort} of an enclosing component cannot be used inside`);
  }
};
