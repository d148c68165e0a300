import type { FuncType, WitType } from '@kasmcloud/wrpc';
import { primitives } from './primitives.ts';
import type { BinaryReader } from './reader.ts';
import { at, type Scope, type TypeEntry } from './scope.ts';

type ValueEntry = Extract<TypeEntry, { kind: 'value' }>;

/** Types are shared by index, so a small file could say a type of astronomical size: these end that. */
const maxWeight = 100_000;
const maxDepth = 100;

/** Adds up what a type is made of, and refuses what is too large or too deep. */
class Measure {
  weight = 1;
  depth = 0;
  readonly #reader: BinaryReader;
  readonly #scope: Scope;

  constructor(reader: BinaryReader, scope: Scope) {
    this.#reader = reader;
    this.#scope = scope;
  }

  /** valtype: a primitive in one byte, or the index of a type. */
  part(): WitType {
    const entry = readValueType(this.#reader, this.#scope);
    this.weight += entry.weight;
    this.depth = Math.max(this.depth, entry.depth);
    return entry.type;
  }

  entry(type: WitType): ValueEntry {
    if (this.weight > maxWeight) throw this.#reader.fail(`type has more than ${maxWeight} parts`);
    if (this.depth >= maxDepth) throw this.#reader.fail(`type nests deeper than ${maxDepth}`);
    return { kind: 'value', type, weight: this.weight, depth: this.depth + 1 };
  }
}

export const readValueType = (reader: BinaryReader, scope: Scope): ValueEntry => {
  const primitive = primitives.get(reader.peek());
  if (primitive !== undefined) {
    reader.u8();
    return { kind: 'value', type: { kind: primitive }, weight: 1, depth: 0 };
  }
  const index = reader.u32();
  const entry = at(reader, scope.types, 'type', index);
  if (entry.kind !== 'value') throw reader.fail(`type ${index} is a ${entry.kind}, a value is needed`);
  return entry;
};

const resourceName = (reader: BinaryReader, scope: Scope): string => {
  const index = reader.u32();
  const entry = at(reader, scope.types, 'type', index);
  if (entry.kind !== 'resource') throw reader.fail(`type ${index} is a ${entry.kind}, a resource is needed`);
  return entry.name;
};

/** defvaltype, after its first byte `code`. */
export const readDefinedType = (reader: BinaryReader, scope: Scope, code: number): ValueEntry => {
  const measure = new Measure(reader, scope);
  const part = (): WitType => measure.part();
  const names = (): string[] => {
    const all = reader.vector(() => reader.name());
    measure.weight += all.length;
    return all;
  };
  const primitive = primitives.get(code);
  if (primitive !== undefined) return measure.entry({ kind: primitive });
  switch (code) {
    case 0x72:
      return measure.entry({ kind: 'record', fields: reader.vector(() => ({ name: reader.name(), type: part() })) });
    case 0x71:
      return measure.entry({ kind: 'variant', cases: reader.vector(() => readCase(reader, measure)) });
    case 0x70:
      return measure.entry({ kind: 'list', of: part() });
    case 0x6f:
      return measure.entry({ kind: 'tuple', of: reader.vector(part) });
    case 0x6e:
      return measure.entry({ kind: 'flags', names: names() });
    case 0x6d:
      return measure.entry({ kind: 'enum', cases: names() });
    case 0x6b:
      return measure.entry({ kind: 'option', of: part() });
    case 0x6a: {
      const ok = reader.optional(part);
      const err = reader.optional(part);
      return measure.entry({ kind: 'result', ...(ok && { ok }), ...(err && { err }) });
    }
    case 0x69:
      return measure.entry({ kind: 'own', resource: resourceName(reader, scope) });
    case 0x68:
      return measure.entry({ kind: 'borrow', resource: resourceName(reader, scope) });
    case 0x66:
    case 0x65: {
      const of = reader.optional(part);
      return measure.entry({ kind: code === 0x66 ? 'stream' : 'future', ...(of && { of }) });
    }
    default:
      throw reader.fail(`unknown type 0x${code.toString(16)}`, reader.offset - 1);
  }
};

const readCase = (reader: BinaryReader, measure: Measure): { name: string; type?: WitType } => {
  const name = reader.name();
  const type = reader.optional(() => measure.part());
  // Once a case could refine another; the byte stayed.
  if (reader.u8() !== 0) throw reader.fail(`case "${name}" refines another, which is no longer defined`);
  return { name, ...(type && { type }) };
};

/** functype, after its first byte. */
export const readFuncType = (reader: BinaryReader, scope: Scope): FuncType => {
  const params = reader.vector(() => ({ name: reader.name(), type: readValueType(reader, scope).type }));
  const form = reader.u8();
  if (form === 0) return { params, result: readValueType(reader, scope).type };
  if (form !== 1 || reader.u8() !== 0) throw reader.fail('function with several results, which is no longer defined');
  return { params };
};
