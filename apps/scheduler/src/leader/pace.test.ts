import { FakeClock } from '@kasmcloud/testing';
import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

test('a key that had its turn rests, and no other does', async () => {
  const clock = new FakeClock();
  const pace = new Pace(clock, 1_000);
  expect(pace.restMs('a')).toBe(0);
  pace.took('a');
  expect([pace.restMs('a'), pace.restMs('b')]).toEqual([1_000, 0]);
  await clock.advance(400);
  expect(pace.restMs('a')).toBe(600);
  await clock.advance(700);
  expect(pace.restMs('a')).toBe(0);
  pace.took('a', 300);
  expect(pace.restMs('a')).toBe(300);
  pace.forget('a');
  expect(pace.restMs('a')).toBe(0);
});
