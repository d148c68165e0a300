import { expect, test } from 'vitest';
import { parseQuantity, QuantityError } from './quantity.ts';

test.for([
  [2, 2000],
  ['250m', 250],
  ['0.1', 100],
  ['1e3', 1_000_000],
  ['1E', 1e21],
  ['64Mi', 67_108_864_000],
  ['1.5Gi', 1_610_612_736_000],
  ['100u', 1],
  ['-1', -1000],
  ['.5', 500],
] as const)('%s is %i thousandths', ([text, want]) => {
  expect(parseQuantity(text)).toBe(want);
});

test.for(['', 'x', '1Kb', '1 Mi', '1e', '--1', '1mi', '9'.repeat(400)])('"%s" is refused', (text) => {
  expect(() => parseQuantity(text)).toThrow(QuantityError);
});
