import { expect, test } from 'vitest';
import { countResults, failureLines, summaryLine } from './summary.mjs';

const report = (changes) => ({
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...changes,
});
const brokenFile = { status: 'failed', assertionResults: [] };

const cases = [
  { name: 'all passed', report: report({}), exitCode: 0, line: '5 passed, 0 failed' },
  {
    name: 'skipped ones are told',
    report: report({ numPendingTests: 2 }),
    exitCode: 0,
    line: '5 passed, 0 failed, 2 skipped',
  },
  {
    name: 'a file that does not load',
    report: report({ testResults: [brokenFile] }),
    exitCode: 1,
    line: '5 passed, 1 failed',
  },
  { name: 'an error outside of tests', report: report({}), exitCode: 1, line: '5 passed, 1 failed' },
  { name: 'no report at all', report: null, exitCode: 1, line: '0 passed, 1 failed' },
];
test.for(cases)('$name', ({ report: results, exitCode, line }) => {
  expect(summaryLine(countResults(results, exitCode))).toBe(line);
});

test('a failed test is told in a line, with the first line of why', () => {
  const results = report({
    testResults: [
      {
        name: '/here/a.test.ts',
        status: 'failed',
        assertionResults: [
          { status: 'passed', ancestorTitles: [], title: 'fine', failureMessages: [] },
          { status: 'failed', ancestorTitles: ['outer'], title: 'inner', failureMessages: ['Error: no\n  at b.ts'] },
        ],
      },
      { ...brokenFile, name: '/elsewhere/c.test.ts', message: 'not loaded' },
    ],
  });
  expect(failureLines(results, '/here')).toEqual([
    'failed: a.test.ts > outer > inner: Error: no',
    'failed: /elsewhere/c.test.ts: not loaded',
  ]);
  expect(failureLines(null, '/here')).toEqual([]);
});
