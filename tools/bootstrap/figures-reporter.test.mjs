import { expect, test } from 'vitest';
import { countModules } from './figures-reporter.mjs';

const module = (state, ...states) => ({
  state: () => state,
  children: { allTests: () => states.map((one) => ({ result: () => ({ state: one }) })) },
});

const cases = [
  { name: 'nothing ran', modules: [], want: { passed: 0, failed: 0, skipped: 0 } },
  {
    name: 'tests of several files are added up',
    modules: [module('passed', 'passed', 'skipped'), module('failed', 'failed', 'passed')],
    want: { passed: 2, failed: 1, skipped: 1 },
  },
  {
    name: 'a file that was not loaded failed',
    modules: [module('failed')],
    want: { passed: 0, failed: 1, skipped: 0 },
  },
  {
    name: 'a hook that failed after its tests passed is a failure',
    modules: [module('failed', 'passed')],
    want: { passed: 1, failed: 1, skipped: 0 },
  },
];
test.for(cases)('$name', ({ modules, want }) => expect(countModules(modules, [])).toEqual(want));

test('an error outside of tests is a failure', () => {
  expect(countModules([module('passed', 'passed')], [new Error('late')])).toMatchObject({ passed: 1, failed: 1 });
});
