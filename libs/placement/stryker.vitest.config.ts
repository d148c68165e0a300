import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests of one module fail at once; those that try random worlds come last. */
const ORDER = [/place|apportion|filter|engine|diff/, /cases|semantics/, /proof/];

function turnOf({ moduleId }: TestSpecification): number {
  const path = moduleId.slice(moduleId.lastIndexOf('/src/'));
  return path.includes('.property.') ? ORDER.length : ORDER.findIndex((pattern) => pattern.test(path));
}

class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => turnOf(a) - turnOf(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

/** For `npm run mutate`. Stryker runs a copy of this folder elsewhere, so nothing outside may be imported. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    exclude: ['**/*.slow.test.ts', 'src/explain/truth.property.test.ts'],
    isolate: false,
    sequence: { sequencer: QuickFirst },
    setupFiles: ['stryker.fixture.ts'],
    testTimeout: 20_000,
  },
});
