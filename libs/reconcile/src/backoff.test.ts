import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test.for([
  { failures: 1, random: 0, want: 100 },
  { failures: 2, random: 0, want: 200 },
  { failures: 2, random: 0.5, want: 150 },
  { failures: 5, random: 0, want: 1_000 },
  { failures: 1_000_000, random: 0, want: 1_000 },
])('$failures failures with chance $random wait $want ms', ({ failures, random, want }) => {
  expect(backoffMs({ baseMs: 100, maxMs: 1_000, jitter: 0.5 }, failures, () => random)).toBe(want);
});

test('a wait lies between its jittered least and the limit, and never shrinks with more failures', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  const cases = fc.record({ base: fc.integer({ min: 1, max: 10_000 }), max: fc.integer({ min: 1, max: 600_000 }) });
  fc.assert(
    fc.property(cases, share, share, fc.nat(200), ({ base, max }, jitter, chance, failures) => {
      const backoff = { baseMs: base, maxMs: max, jitter };
      const ms = backoffMs(backoff, failures, () => chance);
      expect(ms).toBeLessThanOrEqual(max);
      expect(ms).toBeGreaterThanOrEqual(Math.min(base, max) * (1 - jitter));
      expect(backoffMs(backoff, failures + 1, () => chance)).toBeGreaterThanOrEqual(ms);
    }),
  );
});
