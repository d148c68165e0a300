import { defineConfig } from 'vitest/config';

/** `npm run test:interop`: against wasmCloud's own programs, where the environment names them (docs/interop.md). */
export default defineConfig({
  test: {
    globalSetup: './tools/bootstrap/build-first.mjs',
    include: ['test/interop/**/*.interop.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
