import * as fc from 'fast-check';
import { camelCase } from '@kasmcloud/wrpc';
import type { AbiType } from './abi-type.ts';

const name = fc.constantFrom('a', 'b-c', 'key', 'long-kebab-name', 'x1');
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 4 });
const many = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}-n${i}`);

const primitives = ['bool', 'u8', 'u16', 'u32', 'u64', 's8', 's16', 's32', 's64', 'f32', 'f64', 'char'] as const;

/** Any type without handles. */
export const anyType = fc.letrec<{ type: AbiType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom(...primitives, 'string' as const).map((kind): AbiType => ({ kind })),
    names.map((all): AbiType => ({ kind: 'enum', names: all })),
    fc.integer({ min: 250, max: 300 }).map((count): AbiType => ({ kind: 'enum', names: many('case', count) })),
    fc.integer({ min: 1, max: 32 }).map((count): AbiType => ({ kind: 'flags', names: many('flag', count) })),
    tie('type').map((of): AbiType => ({ kind: 'list', of })),
    tie('type').map((of): AbiType => ({ kind: 'option', of })),
    fc.array(tie('type'), { minLength: 1, maxLength: 4 }).map((of): AbiType => ({ kind: 'tuple', of })),
    fc.tuple(names, fc.array(tie('type'), { minLength: 4, maxLength: 4 })).map(([all, types]): AbiType => ({
      kind: 'record',
      fields: all.map((one, i) => ({ name: one, type: types[i] ?? { kind: 'bool' } })),
    })),
    fc
      .tuple(names, fc.array(fc.option(tie('type'), { nil: undefined }), { minLength: 4, maxLength: 4 }))
      .map(([all, types]): AbiType => ({
        kind: 'variant',
        cases: all.map((one, i) => ({ name: one, type: types[i] })),
      })),
    fc
      .tuple(fc.option(tie('type'), { nil: undefined }), fc.option(tie('type'), { nil: undefined }))
      .map(([ok, err]): AbiType => ({ kind: 'result', ok, err })),
  ),
})).type;

const tagged = (tag: string, of: AbiType | undefined): fc.Arbitrary<unknown> =>
  of === undefined ? fc.constant({ tag }) : valueOf(of).map((val) => ({ tag, val }));

const numbers = {
  u8: () => fc.uint8Array({ maxLength: 9 }),
  s8: () => fc.int8Array({ maxLength: 9 }),
  u16: () => fc.uint16Array({ maxLength: 9 }),
  s16: () => fc.int16Array({ maxLength: 9 }),
  u32: () => fc.uint32Array({ maxLength: 9 }),
  s32: () => fc.int32Array({ maxLength: 9 }),
  u64: () => fc.bigUint64Array({ maxLength: 9 }),
  s64: () => fc.bigInt64Array({ maxLength: 9 }),
  f32: () => fc.float32Array({ maxLength: 9, noNaN: true }),
  f64: () => fc.float64Array({ maxLength: 9, noNaN: true }),
} as const;

const scalars = {
  bool: () => fc.boolean(),
  u8: () => fc.integer({ min: 0, max: 0xff }),
  u16: () => fc.integer({ min: 0, max: 0xffff }),
  u32: () => fc.integer({ min: 0, max: 0xffff_ffff }),
  u64: () => fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  s8: () => fc.integer({ min: -0x80, max: 0x7f }),
  s16: () => fc.integer({ min: -0x8000, max: 0x7fff }),
  s32: () => fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  s64: () => fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  f32: () => fc.float(),
  f64: () => fc.double(),
  char: () => fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  string: () => fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 100 })),
} as const;

const has = <T extends object>(table: T, kind: string): kind is Extract<keyof T, string> => Object.hasOwn(table, kind);

/** Any value of a type, as the codecs have it. */
export const valueOf = (of: AbiType): fc.Arbitrary<unknown> => {
  if (has(scalars, of.kind)) return scalars[of.kind]();
  if (of.kind === 'list') {
    return has(numbers, of.of.kind) ? numbers[of.of.kind]() : fc.array(valueOf(of.of), { maxLength: 4 });
  }
  if (of.kind === 'tuple') return fc.tuple(...of.of.map(valueOf));
  if (of.kind === 'record')
    return fc.record(Object.fromEntries(of.fields.map((field) => [camelCase(field.name), valueOf(field.type)])));
  if (of.kind === 'option') {
    return of.of.kind === 'option'
      ? fc.oneof(fc.constant({ tag: 'none' }), tagged('some', of.of))
      : fc.option(valueOf(of.of), { nil: undefined });
  }
  if (of.kind === 'result') return fc.oneof(tagged('ok', of.ok), tagged('err', of.err));
  if (of.kind === 'variant') return fc.oneof(...of.cases.map((one) => tagged(one.name, one.type)));
  if (of.kind === 'enum') return fc.constantFrom(...of.names);
  if (of.kind === 'flags')
    return fc.record(Object.fromEntries(of.names.map((flag) => [camelCase(flag), fc.boolean()])));
  throw new TypeError(`no values of ${of.kind}`);
};
