import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamDecoder } from './decode-stream.ts';
import { ValueDecoder } from './decode.ts';
import { encodeStreamChunk, encodeValues } from './encode.ts';
import { WrpcDecodeError } from './error.ts';
import { camelCase } from './name.ts';
import { signatureOf } from './signature.ts';
import type { WitType } from './wit-type.ts';

const name = fc.constantFrom('a', 'b-c', 'key', 'long-kebab-name', 'x1', 'DNS-name');
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 4, selector: camelCase });

const type = fc.letrec<{ type: WitType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc
      .constantFrom(
        ...(['bool', 'u8', 'u16', 'u32', 'u64', 's8', 's16', 's32', 's64', 'f32', 'f64', 'char', 'string'] as const),
      )
      .map((kind): WitType => ({ kind })),
    names.map((cases): WitType => ({ kind: 'enum', cases })),
    fc.integer({ min: 0, max: 70 }).map((count): WitType => ({
      kind: 'flags',
      names: Array.from({ length: count }, (_, i) => `flag-${i}`),
    })),
    fc.constant<WitType>({ kind: 'own', resource: 'r' }),
    tie('type').map((of): WitType => ({ kind: 'list', of })),
    tie('type').map((of): WitType => ({ kind: 'option', of })),
    fc.array(tie('type'), { maxLength: 3 }).map((of): WitType => ({ kind: 'tuple', of })),
    fc.tuple(names, fc.array(tie('type'), { minLength: 4, maxLength: 4 })).map(([all, types]): WitType => ({
      kind: 'record',
      fields: all.map((one, i) => ({ name: one, type: types[i] ?? { kind: 'bool' } })),
    })),
    fc
      .tuple(names, fc.array(fc.option(tie('type'), { nil: undefined }), { minLength: 4, maxLength: 4 }))
      .map(([all, types]): WitType => ({
        kind: 'variant',
        cases: all.map((one, i) => {
          const of = types[i];
          return of === undefined ? { name: one } : { name: one, type: of };
        }),
      })),
    fc.tuple(tie('type'), tie('type'), fc.nat(3)).map(([ok, err, which]): WitType => ({
      kind: 'result',
      ...(which & 1 ? { ok } : {}),
      ...(which & 2 ? { err } : {}),
    })),
  ),
})).type;

const tagged = (tag: string, of: WitType | undefined): fc.Arbitrary<unknown> =>
  of === undefined ? fc.constant({ tag }) : valueOf(of).map((val) => ({ tag, val }));

const valueOf = (of: WitType): fc.Arbitrary<unknown> => {
  switch (of.kind) {
    case 'bool':
      return fc.boolean();
    case 'u8':
      return fc.integer({ min: 0, max: 0xff });
    case 'u16':
      return fc.integer({ min: 0, max: 0xffff });
    case 'u32':
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case 'u64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case 's8':
      return fc.integer({ min: -0x80, max: 0x7f });
    case 's16':
      return fc.integer({ min: -0x8000, max: 0x7fff });
    case 's32':
      return fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
    case 's64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'f32':
      return fc.float();
    case 'f64':
      return fc.double();
    case 'char':
      return fc.string({ unit: 'binary', minLength: 1, maxLength: 1 });
    case 'string':
      return fc.string({ unit: 'binary', maxLength: 200 });
    case 'list':
      return of.of.kind === 'u8' ? fc.uint8Array({ maxLength: 300 }) : fc.array(valueOf(of.of), { maxLength: 5 });
    case 'tuple':
      return fc.tuple(...of.of.map(valueOf));
    case 'record':
      return fc.record(Object.fromEntries(of.fields.map((field) => [camelCase(field.name), valueOf(field.type)])));
    case 'option':
      return of.of.kind === 'option'
        ? fc.oneof(fc.constant({ tag: 'none' }), tagged('some', of.of))
        : fc.option(valueOf(of.of), { nil: undefined });
    case 'result':
      return fc.oneof(tagged('ok', of.ok), tagged('err', of.err));
    case 'variant':
      return fc.oneof(...of.cases.map((one) => tagged(one.name, one.type)));
    case 'enum':
      return fc.constantFrom(...of.cases);
    case 'flags':
      return fc.record(Object.fromEntries(of.names.map((flag) => [camelCase(flag), fc.boolean()])));
    case 'own':
    case 'borrow':
      return fc.uint8Array({ maxLength: 20 });
    case 'stream':
    case 'future':
      throw new Error('streams are tested over their own subject');
  }
};

const split = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
};

test('what is encoded is decoded, wherever the bytes are cut', () => {
  const situation = type.chain((of) => fc.tuple(fc.constant(of), valueOf(of), fc.array(fc.nat(), { maxLength: 12 })));
  fc.assert(
    fc.property(situation, ([of, value, cuts]) => {
      const params = [{ name: 'p', type: of }];
      const decoder = new ValueDecoder(params);
      for (const chunk of split(encodeValues(params, [value]).bytes, cuts)) decoder.push(chunk);
      decoder.end();
      expect(decoder.values).toEqual([value]);
    }),
    { numRuns: 600 },
  );
});

test('a stream of bytes comes out whole, wherever it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 })), fc.array(fc.nat()), (chunks, cuts) => {
      const of: WitType = { kind: 'u8' };
      const wire = Buffer.concat([...chunks.map((chunk) => encodeStreamChunk(of, chunk)), Uint8Array.of(0)]);
      const decoder = new StreamDecoder(of);
      const out: Uint8Array[] = [];
      for (const piece of split(wire, cuts))
        for (const bytes of decoder.push(piece)) out.push(Uint8Array.from(bytes as Uint8Array));
      expect(decoder.ended).toBe(true);
      expect(Buffer.concat(out)).toEqual(Buffer.concat(chunks));
    }),
  );
});

/** The name of an error that a decoder must not throw. */
const faultOf = (run: () => void): string => {
  try {
    run();
    return 'none';
  } catch (error) {
    return error instanceof WrpcDecodeError ? 'none' : String(error);
  }
};

test('random bytes are a value or a WrpcDecodeError, soon and in little memory', () => {
  const limits = { maxBytes: 10_000, maxElements: 1_000 };
  fc.assert(
    fc.property(type, fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat()), (of, bytes, cuts) => {
      const decoder = new ValueDecoder([{ name: 'p', type: of }], limits);
      const stream = new StreamDecoder(of, limits);
      const chunks = split(bytes, cuts);
      expect(faultOf(() => chunks.forEach((chunk) => decoder.push(chunk)))).toBe('none');
      expect(faultOf(() => chunks.forEach((chunk) => stream.push(chunk)))).toBe('none');
    }),
    { numRuns: 1_000 },
  );
});

test('a type without streams has no nested paths', () => {
  fc.assert(
    fc.property(type, (of) => {
      expect(signatureOf({ params: [{ name: 'p', type: of }] }).paramPaths).toEqual([]);
    }),
  );
});
