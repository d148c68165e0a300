import { defineConfig } from 'vitest/config';

/** `npm run test:kube`: both servers against the recorded answers, and so against each other. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    reporters: ['default', '../../../tools/bootstrap/figures-reporter.mjs'],
    globalSetup: '../../../tools/bootstrap/build-first.mjs',
    include: ['**/*.test.ts', '**/*.kube.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    maxConcurrency: 6,
  },
});
