import { expect, test } from 'vitest';
import { LeaseSights, livenessOf, nextLivenessChange } from './liveness.ts';

const sight = { changedAtMs: 1_000, durationMs: 15_000 };

test.for([
  { name: 'just renewed', now: 1_000, want: 'Ready' },
  { name: 'at the end of its duration', now: 16_000, want: 'Ready' },
  { name: 'a moment late', now: 16_001, want: 'Suspect' },
  { name: 'late for hostLostAfter', now: 31_000, want: 'Suspect' },
  { name: 'later than hostLostAfter', now: 31_001, want: 'Lost' },
] as const)('$name: $want', ({ now, want }) => {
  expect(livenessOf(sight, 30_000, now)).toBe(want);
});

test('a Lease longer than hostLostAfter is believed for its own duration', () => {
  expect(livenessOf({ changedAtMs: 0, durationMs: 40_000 }, 30_000, 39_000)).toBe('Ready');
  expect(livenessOf({ changedAtMs: 0, durationMs: 40_000 }, 30_000, 40_001)).toBe('Lost');
});

test('the next change is exactly when the answer changes', () => {
  let now = 1_000;
  const answers = [livenessOf(sight, 30_000, now)];
  for (let wait = nextLivenessChange(sight, 30_000, now); wait !== undefined;) {
    now += wait;
    answers.push(livenessOf(sight, 30_000, now));
    wait = nextLivenessChange(sight, 30_000, now);
  }
  expect(answers).toEqual(['Ready', 'Suspect', 'Lost']);
  expect(now).toBe(31_001);
});

test('only a change of the Lease counts as a sign of life, and blindness counts in no disfavour', () => {
  const sights = new LeaseSights();
  sights.saw('a', 'r1', 15_000, 0);
  sights.saw('a', 'r1', 15_000, 9_000);
  expect(sights.get('a')?.changedAtMs).toBe(0);
  sights.shift(60_000);
  expect(sights.get('a')?.changedAtMs).toBe(60_000);
  sights.saw('a', 'r2', 15_000, 70_000);
  expect(sights.get('a')?.changedAtMs).toBe(70_000);
});
