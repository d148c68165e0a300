import { defineConfig } from 'vitest/config';

/** `npm run test:slow`: the tests that take minutes, one file after the other. */
export default defineConfig({
  test: {
    include: ['{apps,libs,tools}/*/src/**/*.slow.test.ts', 'test/**/*.slow.test.ts', 'examples/**/*.slow.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    passWithNoTests: true,
  },
});
