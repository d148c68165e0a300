import { defineProject, mergeConfig } from 'vitest/config';
import { shared } from '../vitest.shared.ts';

export default mergeConfig(
  shared,
  defineProject({
    test: {
      name: 'test',
      include: ['integration/**/*.test.ts', 'e2e/**/*.test.ts', 'conformance/**/*.test.ts'],
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  }),
);
