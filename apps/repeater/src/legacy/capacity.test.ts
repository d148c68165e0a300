import { CAPACITY_PREFIX } from '@kasmcloud/kube-api';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { capacityOf } from './capacity.ts';

const stated = (texts: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, value]) => [CAPACITY_PREFIX + name, value]));

test.for([
  ['nothing is stated', {}, {}, { instances: '10000' }],
  ['the host states it', {}, { instances: '50', memory: '4Gi' }, { instances: '50', memory: '4Gi' }],
  ['the operator is stronger', { instances: '7' }, { instances: '50', cpu: '2' }, { instances: '7', cpu: '2' }],
  ['no quantity is passed over', { instances: 'many', memory: '-1' }, {}, { instances: '10000' }],
] as const)('%s', ([, annotations, labels, wanted]) => {
  expect(capacityOf(stated(annotations), { zone: 'a', ...stated(labels) })).toEqual(wanted);
});

test('whatever is stated, the schema of a host takes it', () => {
  const texts = fc.dictionary(fc.string({ maxLength: 80 }), fc.oneof(fc.string(), fc.nat().map(String)), {
    maxKeys: 60,
  });
  fc.assert(
    fc.property(texts, texts, (annotations, labels) => {
      const capacity = capacityOf(stated(annotations), stated(labels));
      expect(Object.keys(capacity).length).toBeLessThanOrEqual(32);
      expect(capacity['instances']).toMatch(/^\d/);
      for (const [name, value] of Object.entries(capacity)) {
        expect(name.length).toBeLessThanOrEqual(63);
        expect(value.length).toBeLessThanOrEqual(32);
      }
    }),
  );
});
