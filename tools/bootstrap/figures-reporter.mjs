import { relative } from 'node:path';
import { failureLine, summaryLine } from './summary.mjs';

/** A vitest reporter that ends a run with a line for each failed test and, as the last one, `N passed, N failed`. */
export default class FiguresReporter {
  onTestRunEnd(modules, unhandledErrors) {
    // After what the other reporters have to say.
    const lines = [...failedTests(modules), summaryLine(countModules(modules, unhandledErrors))];
    process.once('exit', () => process.stdout.write(`${lines.join('\n')}\n`));
  }
}

/** Figures of what vitest ran. A file that could not be loaded counts as one failure, and so does an error outside of tests. */
export function countModules(modules, unhandledErrors) {
  const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
  for (const module of modules) {
    const states = [...module.children.allTests()].map((test) => test.result().state);
    for (const state of states) if (state in counts) counts[state] += 1;
    if (module.state() === 'failed' && !states.includes('failed')) counts.failed += 1;
  }
  return counts;
}

const failedTests = (modules) =>
  modules.flatMap((module) =>
    [...module.children.allTests('failed')].map((test) =>
      failureLine(relative(process.cwd(), module.moduleId), [test.fullName], test.result().errors?.[0]?.message),
    ),
  );
