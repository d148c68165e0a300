import { expect, test } from 'vitest';
import { seededAnswers, type HollowOdds, type HollowStart } from './answers.ts';

const starts = Array.from({ length: 2_000 }, (_, index): HollowStart => ({
  host: `h${index % 50}`,
  image: 'good',
  key: `shop/a${index}`,
  generation: 1,
}));
const failed = (odds: Partial<HollowOdds>, asked: readonly HollowStart[] = starts): string[] =>
  asked
    .filter((one) => seededAnswers({ seed: 1, failureRate: 0, badImages: [], ...odds })(one).kind === 'Failed')
    .map(({ key }) => key);

test('about as many starts fail as asked for', () => {
  expect(failed({ failureRate: 0.1 }).length).toBeGreaterThan(140);
  expect(failed({ failureRate: 0.1 }).length).toBeLessThan(260);
});

test.each([
  { failureRate: 0, want: 0 },
  { failureRate: 1, want: starts.length },
])('a rate of $failureRate is exact', ({ failureRate, want }) => {
  expect(failed({ failureRate })).toHaveLength(want);
});

test('a seed gives the same failures in any order, another seed others', () => {
  const some = failed({ failureRate: 0.2 });
  expect(failed({ failureRate: 0.2 }, starts.toReversed()).toSorted()).toEqual(some.toSorted());
  expect(failed({ failureRate: 0.2, seed: 2 })).not.toEqual(some);
});

test('a start that failed may succeed when it is written anew', () => {
  const again = starts.map((one) => ({ ...one, generation: 2 }));
  const first = new Set(failed({ failureRate: 0.5 }));
  const both = failed({ failureRate: 0.5 }, again).filter((key) => first.has(key));
  expect(both.length).toBeLessThan(0.7 * first.size);
});

test('a bad image fails everywhere, whatever the rate', () => {
  expect(failed({ badImages: ['good'] })).toHaveLength(starts.length);
});
