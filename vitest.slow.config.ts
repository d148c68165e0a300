import { configDefaults, defineConfig } from 'vitest/config';

const limits = { testTimeout: 600_000, hookTimeout: 120_000, expect: { poll: { timeout: 15_000 } } };
/** They take a processor each and nothing else. */
const proofs = 'libs/placement/src/proof/*.slow.test.ts';

/** `npm run test:slow`: the tests that take minutes, one file after the other; proofs, which wait for nothing, side by side. */
export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          ...limits,
          name: 'slow',
          include: [
            '{apps,libs,tools}/*/src/**/*.slow.test.ts',
            'test/**/*.slow.test.ts',
            'examples/**/*.slow.test.ts',
          ],
          exclude: [...configDefaults.exclude, proofs],
          fileParallelism: false,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...limits, name: 'proofs', include: [proofs], sequence: { groupOrder: 1 } } },
    ],
  },
});
