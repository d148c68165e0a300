import { expect, test } from 'vitest';
import { LimitError, readLimits } from './limits.ts';

test('absent limits are those of the host', () => {
  expect(readLimits(undefined, 10_000)).toEqual({ memoryBytes: 268_435_456, executionMs: 10_000 });
});

test.for([
  ['64Mi', 67_108_864],
  ['1G', 1_000_000_000],
  [1_000_000, 1_000_000],
] as const)('memory %s', ([memory, memoryBytes]) => {
  expect(readLimits({ memory, executionTime: '2s' }, 1)).toEqual({ memoryBytes, executionMs: 2_000 });
});

test.for(['1', '5Gi', 'lots', '-1Mi'])('memory %s is refused with the range', (memory) => {
  expect(() => readLimits({ memory }, 1)).toThrow(LimitError);
});
