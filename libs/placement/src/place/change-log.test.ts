import { expect, test } from 'vitest';
import { ChangeLog } from './change-log.ts';

test('changes are told in order', () => {
  const log = new ChangeLog(4);
  const seen = log.end;
  expect(seen).toBe(0);
  log.add(7);
  log.add(5);
  expect([log.end, log.at(seen), log.at(seen + 1)]).toEqual([2, 7, 5]);
});

test('the last few are remembered, as long as they are few enough', () => {
  const log = new ChangeLog(3);
  for (const host of [1, 2, 3]) log.add(host);
  expect([0, 1].map((change) => log.remembers(change, 9))).toEqual([true, true]);
  log.add(4);
  expect([0, 1].map((change) => log.remembers(change, 9))).toEqual([false, true]);
  expect([1, 2, 3].map((change) => log.at(change))).toEqual([2, 3, 4]);
  expect([1, 2].map((change) => log.remembers(change, 2))).toEqual([false, true]);
});
