import { defineConfig } from 'vitest/config';

/** For `npm run mutate`. Stryker runs a copy of this folder elsewhere, so nothing outside may be imported. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    exclude: ['**/*.slow.test.ts', 'src/{engine,place}/*.property.test.ts', '**/node_modules/**'],
    isolate: false,
    setupFiles: ['stryker.fixture.ts'],
    testTimeout: 20_000,
  },
});
