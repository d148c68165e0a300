import { defineConfig } from 'vitest/config';

/** What every project's vitest configuration starts from. */
export const shared = defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    exclude: ['**/*.slow.test.ts', '**/node_modules/**'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
