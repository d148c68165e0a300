import { summaryLine } from './summary.mjs';

/** A vitest reporter whose one line is `N passed, N failed`, as the last one of a run. */
export default class FiguresReporter {
  onTestRunEnd(modules, unhandledErrors) {
    // After what the other reporters have to say.
    process.once('exit', () => process.stdout.write(`${summaryLine(countModules(modules, unhandledErrors))}\n`));
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
