import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bucket } from './bucket.ts';
import { StoredObject } from './stored-text.ts';
import { thing } from './thing.fixture.ts';

const labelled = (name: string, labels: Record<string, string>): StoredObject => {
  const object = thing(name);
  return StoredObject.of({ ...object, metadata: { ...object.metadata, labels } });
};

test('finds the same by labels as whoever looks at every object, whatever came and went', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const label = fc.constantFrom('app', 'tier', 'constructor');
  const value = fc.constantFrom('x', 'y');
  const labels = fc.option(fc.dictionary(label, value));
  const steps = fc.array(fc.record({ name, labels, asked: fc.array(fc.tuple(label, value), { maxLength: 2 }) }));
  fc.assert(
    fc.property(steps, (all) => {
      const bucket = new Bucket();
      const there = new Map<string, Record<string, string>>();
      for (const step of all) {
        if (step.labels === null) bucket.remove(step.name);
        else bucket.put(step.name, labelled(step.name, step.labels));
        if (step.labels === null) there.delete(step.name);
        else there.set(step.name, step.labels);
        const has = (key: string): boolean => {
          const entries = Object.entries(there.get(key) ?? {});
          return step.asked.every(([wanted, is]) => entries.some(([one, its]) => one === wanted && its === is));
        };
        const near = bucket.keysNear(step.asked);
        expect(near).toEqual([...near].toSorted());
        expect(near.filter(has)).toEqual([...there.keys()].filter(has).toSorted());
        expect(near.every(has) || step.asked.length > 1).toBe(true);
      }
    }),
  );
});
