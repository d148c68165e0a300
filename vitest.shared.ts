import { defineConfig } from 'vitest/config';

/** What every project's vitest configuration starts from. */
export const shared = defineConfig({
  test: {
    // Said here and not at the root: a project that says nothing runs its files one by one where there are two cores.
    maxWorkers: 2,
    include: ['src/**/*.test.ts'],
    exclude: ['**/*.slow.test.ts', '**/node_modules/**'],
    // For what hangs; a machine may be several times slower than ours.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
  },
});
