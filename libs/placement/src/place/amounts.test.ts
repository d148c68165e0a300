import { expect, test } from 'vitest';
import { actor, host, placeOne } from '../example.ts';
import { parseQuantity } from '../model/quantity.ts';

test('a replica of 8Ti does not fit on a host of 5Ti', () => {
  const plan = placeOne(actor({ replicas: 1, resources: { memory: '8Ti' } }), [
    host('eu/a', { allocatable: { memory: parseQuantity('5Ti') } }),
  ]);
  expect(plan.placed).toBe(0);
});

test('a host of 16Ti takes four replicas of 4Ti', () => {
  const plan = placeOne(actor({ replicas: 4, resources: { memory: '4Ti' } }), [
    host('eu/a', { allocatable: { memory: parseQuantity('16Ti') } }),
  ]);
  expect(plan.placed).toBe(4);
});

test('a host that offers NaN offers nothing', () => {
  const plan = placeOne(actor({ replicas: 4, resources: { memory: '1' } }), [
    host('eu/a', { allocatable: { memory: NaN } }),
  ]);
  expect(plan.placed).toBe(0);
});
