import { leaseState } from '@kasmcloud/kube';
import { expect, test } from 'vitest';
import { livenessOf } from './liveness.ts';

/** A Lease of 15 s, last seen to change at 1,000. */
const at = (now: number): string => livenessOf(leaseState(1_000, 15, now), 15_000, 30_000);

test.for([
  ['just renewed', 1_000, 'Ready'],
  ['at the end of its duration', 15_999, 'Ready'],
  ['a moment late', 16_000, 'Suspect'],
  ['late for hostLostAfter', 31_000, 'Suspect'],
  ['later than hostLostAfter', 31_001, 'Lost'],
] as const)('%s', ([, now, want]) => {
  expect(at(now)).toBe(want);
});

test('a Lease longer than hostLostAfter is believed for its own duration', () => {
  expect(livenessOf(leaseState(0, 40, 39_000), 40_000, 30_000)).toBe('Ready');
  expect(livenessOf(leaseState(0, 40, 40_001), 40_000, 30_000)).toBe('Lost');
});

test('a host whose Lease was never seen takes nothing and loses nothing', () => {
  expect(livenessOf(undefined, 15_000, 30_000)).toBe('Suspect');
});
