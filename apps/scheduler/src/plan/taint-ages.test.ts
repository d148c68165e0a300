import { expect, test } from 'vitest';
import { TaintAges } from './taint-ages.ts';

const drain = { key: 'drain', effect: 'NoExecute' } as const;
const cordon = { key: 'cordon', effect: 'NoSchedule' } as const;

test('a taint ages in steps of what is borne', () => {
  const ages = new TaintAges();
  ages.bears('shop/web', [{ key: 'drain', seconds: 30 }]);
  ages.bears('shop/api', [{ key: 'drain', seconds: 300 }]);
  const age = (seconds: number) => ages.aged('host/eu/a', [drain, cordon], seconds * 1000);
  expect(age(100)).toEqual([drain, cordon]);
  expect([...ages.nextTimes(100_000)]).toEqual([['host/eu/a', 130_000]]);
  expect(age(129)).toEqual([drain, cordon]);
  expect(age(130)).toEqual([{ ...drain, ageSeconds: 30 }, cordon]);
  expect([...ages.nextTimes(130_000)]).toEqual([['host/eu/a', 400_000]]);
  expect(age(1_000)).toEqual([{ ...drain, ageSeconds: 300 }, cordon]);
  expect([...ages.nextTimes(1_000_000)]).toEqual([['host/eu/a', undefined]]);
});

test('a taint that was taken away begins anew', () => {
  const ages = new TaintAges();
  ages.bears('shop/web', [{ key: 'drain', seconds: 30 }]);
  ages.aged('host/eu/a', [drain], 0);
  ages.aged('host/eu/a', [], 60_000);
  expect(ages.aged('host/eu/a', [drain], 90_000)).toEqual([drain]);
});
