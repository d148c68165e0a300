import { expect, test } from 'vitest';
import { millisecondsOf } from './duration.ts';
import { duration } from './schema/common.ts';

test.for([
  ['500ms', 500],
  ['30s', 30_000],
  ['1h30m', 5_400_000],
  ['1m500ms', 60_500],
  ['1.5s', 1_500],
  ['0s', 0],
] as const)('%s, as the schema takes it, is %i ms', ([text, ms]) => {
  expect(millisecondsOf(duration.parse(text))).toBe(ms);
});
