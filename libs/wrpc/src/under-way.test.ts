import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { UnderWay } from './under-way.ts';

interface Thing {
  readonly key: number;
}

const keys = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.integer({ min: -8, max: 8 }).map((key) => key * 64),
);
const act = fc.oneof({ weight: 20, arbitrary: fc.constantFrom('set', 'set', 'delete') }, fc.constant('clear'));
const acts = fc.array(fc.tuple(act, keys), { maxLength: 200 });

const apply = (to: UnderWay<Thing> | Map<number, Thing>, name: string, thing: Thing): boolean => {
  if (name === 'delete') return to.delete(thing.key);
  if (name === 'clear') to.clear();
  else to.set(thing.key, thing);
  return to.has(thing.key);
};

test('is a Map of numbers, whatever is done with it', () => {
  fc.assert(
    fc.property(acts, (all) => {
      const underWay = new UnderWay<Thing>();
      const map = new Map<number, Thing>();
      for (const [name, key] of all) {
        const thing = { key };
        expect(apply(underWay, name, thing)).toBe(apply(map, name, thing));
        expect(underWay.size).toBe(map.size);
        for (const one of [key, ...map.keys()]) expect(underWay.get(one)).toBe(map.get(one));
      }
      expect(underWay.values()).toHaveLength(map.size);
      expect(new Set(underWay.values())).toEqual(new Set(map.values()));
    }),
    { numRuns: 200 },
  );
});

test('numbers beyond 32 bits are kept apart', () => {
  const underWay = new UnderWay<Thing>();
  const all = [1, 2 ** 32 + 1, 2 ** 33 + 1];
  for (const key of all) underWay.set(key, { key });
  expect(all.map((key) => underWay.get(key)?.key)).toEqual(all);
  expect(underWay.delete(1)).toBe(true);
  expect(all.map((key) => underWay.get(key)?.key)).toEqual([undefined, ...all.slice(1)]);
});
