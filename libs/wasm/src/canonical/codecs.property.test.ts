import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { flatten, liftFlat, load, sizeOf } from '../testing/abi-oracle.ts';
import { anyType, valueOf } from './abi-types.fixture.ts';
import type { CoreValue } from './codec.ts';
import { codecOf } from './codecs.ts';
import { Context } from './context.ts';
import { GuestMemory } from './guest-memory.ts';
import { HandleTable } from './handle-table.ts';

/** A guest that only has memory: what it is asked to allocate lies one after another. */
const guest = (): { cx: Context; bytes: Uint8Array } => {
  const buffer = new ArrayBuffer(1024 * 1024);
  let top = 8;
  const realloc = (_old: number, _oldSize: number, align: number, size: number): number => {
    const at = Math.ceil(top / align) * align;
    top = at + size;
    return at;
  };
  const state = { number: 0, table: new HandleTable(), mayLeave: true, entered: false };
  return { cx: new Context(state, 'utf8', new GuestMemory({ buffer }), realloc), bytes: new Uint8Array(buffer) };
};

const situation = anyType.chain((type) => fc.tuple(fc.constant(type), valueOf(type)));

test('what is stored is what the specification loads, and is loaded again', () => {
  fc.assert(
    fc.property(situation, ([type, value]) => {
      const { cx, bytes } = guest();
      const codec = codecOf(type);
      expect(codec.size).toBe(sizeOf(type));
      const at = cx.allocate(codec.align, codec.size);
      codec.store(cx, value, at);
      expect(load(type, bytes, at)).toEqual(value);
      expect(codec.load(cx, at)).toEqual(value);
    }),
    { numRuns: 1000 },
  );
});

test('what is lowered flat is what the specification lifts, and is lifted again', () => {
  fc.assert(
    fc.property(situation, ([type, value]) => {
      const { cx, bytes } = guest();
      const codec = codecOf(type);
      expect(codec.flat).toEqual(flatten(type));
      const values: CoreValue[] = [];
      codec.lower(cx, value, values);
      expect(values.map((one) => typeof one)).toEqual(codec.flat.map((core) => (core === 'i64' ? 'bigint' : 'number')));
      expect(codec.lift(cx, values, 0)).toEqual(value);
      expect(liftFlat(type, bytes, [...values])).toEqual(value);
    }),
    { numRuns: 1000 },
  );
});

test('whatever a guest passes is a value, or a fault that says so', () => {
  const core = fc.oneof(fc.integer(), fc.constantFrom(0, 1, 0xffff_fff0, 1024 * 1024));
  fc.assert(
    fc.property(
      anyType,
      fc.array(core, { minLength: 64, maxLength: 64 }),
      fc.uint8Array({ maxLength: 4096 }),
      (type, numbers, noise) => {
        const { cx, bytes } = guest();
        bytes.set(noise);
        const codec = codecOf(type);
        const values = codec.flat.map((of, index): CoreValue =>
          of === 'i64' ? BigInt(numbers[index % 64] ?? 0) : (numbers[index % 64] ?? 0),
        );
        const outcome = (read: () => unknown): string => {
          try {
            read();
            return 'value';
          } catch (error) {
            return error instanceof Error ? error.name : 'thrown';
          }
        };
        expect(['value', 'GuestFault']).toContain(outcome(() => codec.lift(cx, values, 0)));
        expect(['value', 'GuestFault']).toContain(outcome(() => codec.load(cx, 0)));
      },
    ),
    { numRuns: 500 },
  );
});
